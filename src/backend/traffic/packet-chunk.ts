/**
 * A packet chunk: one numbered piece of a replay, the body of PushPackets.
 *
 * A header of 64 bytes (little-endian numbers), then the packets and the quoted packets (32 bytes each, laid out as in
 * `packet-batch.ts`) and the IPv6 address table (16 bytes each):
 *
 *     0  "FLPC"   4  format version   8  the replay's id (16 bytes)   24  chunk number, from 0
 *    28  frames without IP   32  undecodable frames   36  IPv6 addresses   40  packets   44  quoted packets
 *    48  zero (16 bytes)
 */
import { Form, Ipv6Table, PacketBatch, packetBytes } from "./packet-batch.ts";

/** Bytes before the packets. */
export const headerBytes = 64;

const magic = "FLPC";
const formatVersion = 2;

/** A chunk that was read back. */
export interface PacketChunk {
  /** Names the replay: 32 hex digits. */
  readonly replayId: string;
  readonly number: number;
  /** Frames of the capture that held no packet and so are not in the batch. */
  readonly notIp: number;
  readonly undecodable: number;
  readonly batch: PacketBatch;
}

/** Bytes that are no chunk: names the field and the value that is wrong. */
export class MalformedChunk extends Error {
  override readonly name = "MalformedChunk";
}

/** The chunk as bytes: around its packets where there is room, else in memory that is not needed any more, or in new one. */
export function encodeChunk(chunk: PacketChunk, used?: Buffer): Buffer {
  const { batch } = chunk;
  const quoted = batch.quoted!;
  const length = headerBytes + batch.size;
  const around = batch.place === undefined || batch.place.memory.length < length ? undefined : batch.place.memory;
  const bytes = around === undefined ? roomFor(length, used) : Buffer.from(around.buffer, around.byteOffset, length);
  bytes.fill(0, 0, headerBytes);
  bytes.write(magic, 0, "latin1");
  bytes.writeUInt32LE(formatVersion, 4);
  bytes.write(chunk.replayId, 8, "hex");
  const numbers = [chunk.number, chunk.notIp, chunk.undecodable, batch.ipv6.addresses.length, batch.count, quoted.count];
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, 24 + index * 4);
  if (around === undefined) bytes.set(batch.bytes.subarray(0, batch.count * packetBytes), headerBytes);
  let at = headerBytes + batch.count * packetBytes;
  for (const part of [quoted.bytes.subarray(0, quoted.count * packetBytes), ...batch.ipv6.addresses]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function roomFor(length: number, used: Buffer | undefined): Buffer {
  return used !== undefined && used.length >= length ? used.subarray(0, length) : Buffer.allocUnsafe(length);
}

/** What tells a chunk from all others: its replay's id and its number, as they stand in the header. */
export function nameOfChunk(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex", 8, 28);
}

/**
 * Reads a chunk, whose packets stay where they are; throws a {@link MalformedChunk} for anything that
 * {@link encodeChunk} would not have written.
 */
export function decodeChunk(data: Uint8Array): PacketChunk {
  // Whole words of packets are read at one time: they must lie at addresses of words.
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  const bytes = Buffer.from(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  if (bytes.length < headerBytes) throw new MalformedChunk(`Body: ${bytes.length} bytes are less than a chunk's header`);
  const found = bytes.toString("latin1", 0, 4);
  if (found !== magic) throw new MalformedChunk(`Magic: ${JSON.stringify(found)} must be "${magic}"`);
  const version = bytes.readUInt32LE(4);
  if (version !== formatVersion) throw new MalformedChunk(`FormatVersion: ${version} must be ${formatVersion}`);
  const [number, notIp, undecodable, addresses, packets, quotedPackets] = [24, 28, 32, 36, 40, 44].map((at) =>
    bytes.readUInt32LE(at),
  ) as [number, number, number, number, number, number];
  const quotedAt = headerBytes + packets * packetBytes;
  const addressesAt = quotedAt + quotedPackets * packetBytes;
  const expected = addressesAt + addresses * 16;
  if (bytes.length !== expected) throw new MalformedChunk(`Body: ${bytes.length} bytes, but its header tells of ${expected}`);
  const table = readAddresses(bytes.subarray(addressesAt));
  const batch = PacketBatch.of(bytes.subarray(headerBytes, quotedAt), table, bytes.subarray(quotedAt, addressesAt));
  check(batch, batch.ipv6.addresses.length, quotedPackets);
  check(batch.quoted!, batch.ipv6.addresses.length, 0);
  return { replayId: bytes.toString("hex", 8, 24), number, notIp, undecodable, batch };
}

function readAddresses(bytes: Buffer): Uint8Array[] {
  const table = new Ipv6Table();
  for (let place = 0; place * 16 < bytes.length; place++) {
    if (table.place(bytes.subarray(place * 16, place * 16 + 16)) !== place) {
      throw new MalformedChunk(`IPv6 address ${place}: it stands in the table before`);
    }
  }
  return table.addresses;
}

const knownForms = Form.ipv6 | Form.laterFragment | Form.untimed;

/** Throws where a packet is none that could be judged. */
function check(batch: PacketBatch, addresses: number, quotedPackets: number): void {
  const words = new Uint32Array(batch.bytes.buffer, batch.bytes.byteOffset, batch.count * (packetBytes / 4));
  for (let place = 0, at = 0; place < batch.count; place++, at += packetBytes / 4) {
    const form = (words[at + 3]! >> 16) & 255;
    const quoted = words[at + 7]!;
    // Most packets are of IPv4 and quote nothing.
    if ((form | quoted) === 0) continue;
    if ((form & ~knownForms) !== 0) throw new MalformedChunk(`Packet ${place}: form ${form} has unknown bits`);
    if (quoted > quotedPackets) throw new MalformedChunk(`Packet ${place}: quoted packet ${quoted} is not in the table`);
    if ((form & Form.ipv6) === 0) continue;
    for (const address of [words[at]!, words[at + 1]!]) {
      if (address >= addresses) throw new MalformedChunk(`Packet ${place}: IPv6 address ${address} is not in the table`);
    }
  }
}
