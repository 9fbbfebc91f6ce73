/** Records such as a busy account has them: few ENIs with most of the traffic, many sources, ports and sums at random. */
import { noReason, type RecordBatch } from "../../../src/backend/record-batch.ts";
import type { Chance } from "../../oracle/chance.ts";

const beginSeconds = 1_795_341_600;
/** The stretch of time that all batches together cover. */
const seconds = 7200;
const enis = Array.from({ length: 20_000 }, (_, place) => {
  return { id: `eni-${(place + 1_000_000).toString(36)}x${place % 7}`, vpcId: `vpc-${place % 50}`, subnetId: `subnet-${place % 400}` };
});
const sources = 2_500_000;
const ports = [443, 80, 22, 3306, 6379, 8080, 53, 3389];

/** Batch `number` of `batches`, in the order of time. */
export function realisticBatch(chance: Chance, number: number, batches: number, count: number): RecordBatch {
  const fraction = () => chance.below(2 ** 30) / 2 ** 30;
  // Log-uniform, which is Zipf's law with an exponent of one.
  const zipf = (of: number) => Math.min(of - 1, Math.floor(of ** fraction()) - 1);
  const column = <A extends { [place: number]: number }>(array: A, value: (row: number) => number): A => {
    for (let row = 0; row < count; row++) array[row] = value(row);
    return array;
  };
  const eni = column(new Uint32Array(count), () => zipf(enis.length));
  const packets = column(new Float64Array(count), () => 1 + Math.floor(2 ** (fraction() * 12)));
  const span = seconds / batches;
  const start = column(new Uint32Array(count), () => beginSeconds + Math.floor(number * span + fraction() * span));
  const isNeedle = () => chance.below(200_000) === 0;
  const isReject = column(new Uint8Array(count), () => (chance.percent(5) ? 1 : 0));
  return {
    ...{ id: `stores ${number}`, count, accountId: "1250000000", enis, eni, family: new Uint8Array(count).fill(4), ipv6: new Uint8Array(0) },
    src: column(new Uint32Array(count), () => (isNeedle() ? 0xcb00710c : (0x0b000000 + Math.imul(zipf(sources), 2_654_435) % 0x60000000) >>> 0)),
    dst: column(new Uint32Array(count), (row) => 0x0a000000 + eni[row]!),
    srcPort: column(new Uint16Array(count), () => 1024 + chance.below(64_512)),
    dstPort: column(new Uint16Array(count), () => (chance.percent(70) ? chance.of(ports) : chance.below(65_536))),
    protocol: column(new Uint8Array(count), () => (chance.percent(85) ? 6 : 17)),
    packets,
    bytes: column(new Float64Array(count), (row) => packets[row]! * (60 + chance.below(1400))),
    start,
    end: column(new Uint32Array(count), (row) => start[row]! + chance.below(600)),
    action: column(new Uint8Array(count), (row) => 1 + isReject[row]!),
    status: new Uint8Array(count),
    direction: column(new Uint8Array(count), () => 1 + chance.below(2)),
    reasons: ["ACCEPT", "REJECT"].map((action) => {
      return { layer: "security-group", direction: "ingress", action: action as "ACCEPT", id: "sg-lq6mkcis", ruleIndex: action === "ACCEPT" ? 0 : -1, because: action === "ACCEPT" ? "rule" : "no-rule-matched" } as const;
    }),
    reason: column(new Uint32Array(count), (row) => (chance.percent(95) ? isReject[row]! : noReason)),
    skippedPackets: new Float64Array(count),
    skippedBytes: new Float64Array(count),
  };
}
