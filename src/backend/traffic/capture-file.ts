/**
 * Reads capture files (pcap) into packet batches, as a stream: a pipe that is still being written works too.
 *
 * A file that ends in the middle of a record, or is no capture at all, is an error that says where and what; the
 * packets before that place have been given out by then.
 */
import { decodeEthernet, linkTypeNames } from "./decode.ts";
import { FragmentMemory } from "./fragment-memory.ts";
import { PacketBatch, packetBytes } from "./packet-batch.ts";

/** What a capture held so far: `frames` is the sum of packets, frames without IP, and frames nobody could read. */
export interface CaptureCounts {
  frames: number;
  packets: number;
  notIp: number;
  undecodable: number;
}

/** A capture that cannot be read (on): names the file, the place and the value that is wrong. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
}

/** Most packets of one batch: keeps a pushed chunk under its limit. */
export const maxBatchPackets = 16_384;

/** Longest record that is believed: far above any real frame, far below what would exhaust memory. */
const maxRecordBytes = 4 * 1024 * 1024;

const globalHeaderBytes = 24;
const recordHeaderBytes = 16;
const microsecondMagic = 0xa1b2c3d4;

/** Reads a capture's bytes and gives out its packets in batches; `counts` is kept up to date on the way. */
export async function* readCapture(
  source: AsyncIterable<Uint8Array>,
  name: string,
  counts: CaptureCounts,
): AsyncGenerator<PacketBatch> {
  const input = new ByteQueue(source);
  const littleEndian = readGlobalHeader(await input.take(globalHeaderBytes), name);
  const fragments = new FragmentMemory();
  let batch = new PacketBatch();
  for (;;) {
    const place = input.position;
    const isReady = input.buffered >= recordHeaderBytes;
    // A live pipe pauses between packets: what is complete goes out before waiting for more.
    if (!isReady && batch.count > 0) {
      yield batch;
      batch = new PacketBatch();
    }
    const header = await input.take(recordHeaderBytes);
    if (header.length === 0) break;
    const broken = await readRecord({ input, littleEndian, fragments, batch, counts }, header);
    if (broken !== undefined) {
      if (batch.count > 0) yield batch;
      throw new CaptureError(`${name}: the record at byte ${place} ${broken}`);
    }
    if (batch.count === maxBatchPackets) {
      yield batch;
      batch = new PacketBatch();
    }
  }
  if (batch.count > 0) yield batch;
}

/** Checks the file's header and tells its byte order. */
function readGlobalHeader(header: Buffer, name: string): boolean {
  if (header.length === 0) throw new CaptureError(`${name}: the file is empty`);
  if (header.length < globalHeaderBytes) {
    throw new CaptureError(`${name}: the file has ${header.length} bytes, a pcap header has ${globalHeaderBytes}`);
  }
  const magic = header.readUInt32LE(0);
  const littleEndian = magic === microsecondMagic;
  if (!littleEndian && header.readUInt32BE(0) !== microsecondMagic) {
    throw new CaptureError(`${name}: magic number 0x${header.toString("hex", 0, 4)} is not that of a pcap file`);
  }
  const network = littleEndian ? header.readUInt32LE(20) : header.readUInt32BE(20);
  const linkType = network & 0xffff;
  if (linkTypeNames[linkType] === undefined) {
    const known = Object.entries(linkTypeNames).map(([number, known_]) => `${number} (${known_})`);
    throw new CaptureError(`${name}: link type ${linkType} cannot be read; these can: ${known.join(", ")}`);
  }
  return littleEndian;
}

interface Reading {
  readonly input: ByteQueue;
  readonly littleEndian: boolean;
  readonly fragments: FragmentMemory;
  readonly batch: PacketBatch;
  readonly counts: CaptureCounts;
}

/** Reads one record; answers what is wrong with it, if anything is. */
async function readRecord(reading: Reading, header: Buffer): Promise<string | undefined> {
  const { input, littleEndian, fragments, batch, counts } = reading;
  if (header.length < recordHeaderBytes) {
    return `has ${header.length} of the ${recordHeaderBytes} bytes of its header: the file is cut off`;
  }
  const word = (offset: number) => (littleEndian ? header.readUInt32LE(offset) : header.readUInt32BE(offset));
  const capturedLength = word(8);
  if (capturedLength > maxRecordBytes) return `claims a captured length of ${capturedLength}, which cannot be`;
  const data = await input.take(capturedLength);
  if (data.length < capturedLength) {
    return `has ${data.length} of the ${capturedLength} bytes it claims: the file is cut off`;
  }
  counts.frames++;
  const frame = { data, start: 0, end: data.length, originalLength: word(12), fragments };
  const outcome = decodeEthernet(frame, batch);
  if (outcome === "packet") {
    counts.packets++;
    const entry = (batch.count - 1) * packetBytes;
    batch.view.setUint32(entry + 20, word(0), true);
    batch.view.setUint32(entry + 24, word(4) * 1000, true);
  } else if (outcome === "not-ip") counts.notIp++;
  else counts.undecodable++;
  return undefined;
}

/** Bytes that arrive in pieces, taken in the pieces that the format has. */
class ByteQueue {
  /** How many bytes were taken so far. */
  position = 0;
  private readonly source: AsyncIterator<Uint8Array>;
  private held: Buffer = Buffer.alloc(0);
  private isDone = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  get buffered(): number {
    return this.held.length;
  }

  /** The next `length` bytes, or as many as there are before the end. */
  async take(length: number): Promise<Buffer> {
    while (this.held.length < length && !this.isDone) {
      const next = await this.source.next();
      if (next.done) this.isDone = true;
      else this.held = this.held.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.held, next.value]);
    }
    const taken = this.held.subarray(0, length);
    this.held = this.held.subarray(taken.length);
    this.position += taken.length;
    return taken;
  }
}
