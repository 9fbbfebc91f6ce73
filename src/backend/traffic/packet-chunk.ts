/**
 * A packet chunk: one numbered piece of a replay, the body of PushPackets.
 *
 * A header of 56 bytes (little-endian numbers), then the IPv6 address table (16 bytes each), the packets and the
 * quoted packets (32 bytes each, laid out as in `packet-batch.ts`):
 *
 *     0  "FLPC"   4  format version   8  the replay's id (16 bytes)   24  chunk number, from 0
 *    28  frames without IP   32  undecodable frames   36  IPv6 addresses   40  packets   44  quoted packets
 *    48  zero (8 bytes)
 */
import { Form, PacketBatch, packetBytes } from "./packet-batch.ts";

const headerBytes = 56;
const magic = "FLPC";
const formatVersion = 1;

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

/** The chunk as bytes, in memory that is not needed any more where that is large enough. */
export function encodeChunk(chunk: PacketChunk, used?: Buffer): Buffer {
  const { batch } = chunk;
  const quoted = batch.quoted!;
  const length = headerBytes + batch.ipv6.addresses.length * 16 + (batch.count + quoted.count) * packetBytes;
  const bytes = used !== undefined && used.length >= length ? used.subarray(0, length) : Buffer.allocUnsafe(length);
  bytes.fill(0, 0, headerBytes);
  bytes.write(magic, 0, "latin1");
  bytes.writeUInt32LE(formatVersion, 4);
  bytes.write(chunk.replayId, 8, "hex");
  const numbers = [chunk.number, chunk.notIp, chunk.undecodable, batch.ipv6.addresses.length, batch.count, quoted.count];
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, 24 + index * 4);
  let at = headerBytes;
  for (const part of [...batch.ipv6.addresses, batch.bytes.subarray(0, batch.count * packetBytes), quoted.bytes.subarray(0, quoted.count * packetBytes)]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
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
  const aligned = data.byteOffset % 4 === 0 ? (data as Uint8Array<ArrayBuffer>) : new Uint8Array(data);
  const bytes = Buffer.from(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  if (bytes.length < headerBytes) throw new MalformedChunk(`Body: ${bytes.length} bytes are less than a chunk's header`);
  const found = bytes.toString("latin1", 0, 4);
  if (found !== magic) throw new MalformedChunk(`Magic: ${JSON.stringify(found)} must be "${magic}"`);
  const version = bytes.readUInt32LE(4);
  if (version !== formatVersion) throw new MalformedChunk(`FormatVersion: ${version} must be ${formatVersion}`);
  const [number, notIp, undecodable, addresses, packets, quotedPackets] = [24, 28, 32, 36, 40, 44].map((at) =>
    bytes.readUInt32LE(at),
  ) as [number, number, number, number, number, number];
  const expected = headerBytes + addresses * 16 + (packets + quotedPackets) * packetBytes;
  if (bytes.length !== expected) throw new MalformedChunk(`Body: ${bytes.length} bytes, but its header tells of ${expected}`);
  const batch = new PacketBatch();
  let at = headerBytes;
  for (let place = 0; place < addresses; place++, at += 16) {
    if (batch.ipv6.place(bytes.subarray(at, at + 16)) !== place) {
      throw new MalformedChunk(`IPv6 address ${place}: it stands in the table before`);
    }
  }
  fill(batch, bytes.subarray(at, at + packets * packetBytes), quotedPackets);
  fill(batch.quoted!, bytes.subarray(at + packets * packetBytes), 0);
  return { replayId: bytes.toString("hex", 8, 24), number, notIp, undecodable, batch };
}

function fill(batch: PacketBatch, bytes: Uint8Array<ArrayBuffer>, quotedPackets: number): void {
  batch.bytes = bytes;
  batch.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  batch.count = bytes.length / packetBytes;
  const knownForms = Form.ipv6 | Form.laterFragment | Form.untimed;
  for (let place = 0; place < batch.count; place++) {
    const entry = place * packetBytes;
    const form = batch.bytes[entry + 14]!;
    if ((form & ~knownForms) !== 0) throw new MalformedChunk(`Packet ${place}: form ${form} has unknown bits`);
    const isIpv6 = (form & Form.ipv6) !== 0;
    for (const offset of isIpv6 ? [0, 4] : []) {
      const address = batch.view.getUint32(entry + offset, true);
      if (address >= batch.ipv6.addresses.length) {
        throw new MalformedChunk(`Packet ${place}: IPv6 address ${address} is not in the table`);
      }
    }
    const quoted = batch.view.getUint32(entry + 28, true);
    if (quoted > quotedPackets) throw new MalformedChunk(`Packet ${place}: quoted packet ${quoted} is not in the table`);
  }
}
