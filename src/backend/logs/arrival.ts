/** What a batch adds to each hour: how many logs, and how many bytes of text, by which the service is billed. */
import type { RecordBatch } from "../record-batch.ts";
import { recordLine } from "../record-batch.ts";
import { textOf } from "./kept-log.ts";
import type { Log } from "./log-store.ts";

/** Milliseconds of an hour, the stretch of time by which stores arrange logs. */
export const hourMs = 3_600_000;

/** The hour that a moment falls into, counted from 1970. */
export function hourOf(ms: number): number {
  return Math.floor(ms / hourMs);
}

/** Logs of one hour. */
export interface Arrival {
  readonly hour: number;
  logs: number;
  textBytes: number;
  ipv6Logs: number;
}

class ByHour {
  readonly arrivals = new Map<number, Arrival>();

  at(hour: number): Arrival {
    let arrival = this.arrivals.get(hour);
    if (arrival === undefined) {
      arrival = { hour, logs: 0, textBytes: 0, ipv6Logs: 0 };
      this.arrivals.set(hour, arrival);
    }
    return arrival;
  }
}

/** What a batch of records adds. */
export function recordArrivals(batch: RecordBatch): Arrival[] {
  const hours = new ByHour();
  const spaces = recordLine.names.length - 1;
  const common = recordLine.version.length + batch.accountId.length + spaces;
  const eniBytes = Uint8Array.from(batch.enis, ({ id }) => id.length);
  let arrival: Arrival | undefined;
  for (let row = 0; row < batch.count; row++) {
    const start = batch.start[row]!;
    const hour = Math.floor(start / 3600);
    // Most records are of the hour of the one before.
    if (arrival?.hour !== hour) arrival = hours.at(hour);
    arrival.logs++;
    if (batch.family[row] === 6) arrival.ipv6Logs++;
    arrival.textBytes += common + eniBytes[batch.eni[row]!]! + digits(start) + digits(batch.end[row]!);
    arrival.textBytes += statusBytes[batch.status[row]!]! + (batch.action[row] === 0 ? 1 : 6) + flowBytes(batch, row);
  }
  return [...hours.arrivals.values()];
}

const statusBytes = ["OK", "NODATA", "SKIPDATA"].map(({ length }) => length);

/** Bytes of the seven values that a flow has and a status record writes as `-`. */
function flowBytes(batch: RecordBatch, row: number): number {
  if (batch.family[row] === 0) return 7;
  const addresses = batch.family[row] === 4 ? ipv4Bytes(batch.src[row]!) + ipv4Bytes(batch.dst[row]!) : 2 * assumedIpv6Bytes;
  const ports = digits(batch.srcPort[row]!) + digits(batch.dstPort[row]!) + digits(batch.protocol[row]!);
  return addresses + ports + digits(batch.packets[row]!) + digits(batch.bytes[row]!);
}

/** An IPv6 address is counted at this length, whatever its zeros: to write it out would cost more than the rest. */
const assumedIpv6Bytes = 39;

const digitsOfByte = Uint8Array.from({ length: 256 }, (_, byte) => String(byte).length);

function ipv4Bytes(address: number): number {
  return 3 + digitsOfByte[address >>> 24]! + digitsOfByte[(address >>> 16) & 255]! + digitsOfByte[(address >>> 8) & 255]! + digitsOfByte[address & 255]!;
}

function digits(number: number): number {
  if (number < 256) return digitsOfByte[number]!;
  if (number >= 1_000_000_000 && number < 10_000_000_000) return 10;
  let count = 1;
  for (let limit = 10; number >= limit; limit *= 10) count++;
  return count;
}

/** What uploaded logs add. */
export function logArrivals(logs: readonly Log[]): Arrival[] {
  const hours = new ByHour();
  for (const log of logs) {
    const arrival = hours.at(hourOf(log.timeMs));
    arrival.logs++;
    arrival.textBytes += Buffer.byteLength(textOf(log.values));
  }
  return [...hours.arrivals.values()];
}
