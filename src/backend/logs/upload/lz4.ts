/**
 * Reads LZ4, which Node does not: a single block, as the log service's own clients send it, or a frame of blocks.
 * Source: the LZ4 block and frame format descriptions. Checksums of frames are passed over.
 */

/** Bytes that are not LZ4, or that would grow beyond what is allowed. */
export class MalformedLz4 extends Error {
  override readonly name = "MalformedLz4";
}

const frameMagic = 0x184d2204;

/** What the bytes were before they were compressed: at most `maxBytes`. */
export function decompressLz4(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const output = new Output(maxBytes);
  const isFrame = bytes.length >= 7 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === frameMagic;
  if (isFrame) readFrame(bytes, output);
  else readBlock(bytes, output);
  return output.done();
}

function readFrame(bytes: Uint8Array, output: Output): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[4]!;
  const [hasBlockChecksum, hasSize, hasDictionary] = [16, 8, 1].map((bit) => (flags & bit) !== 0);
  if (hasDictionary) throw new MalformedLz4("a frame with a dictionary is not offered");
  let at = 7 + (hasSize ? 8 : 0);
  for (;;) {
    if (at + 4 > bytes.length) throw new MalformedLz4("the frame ends before its end mark");
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return;
    const length = size & 0x7fffffff;
    if (at + length > bytes.length) throw new MalformedLz4("a block is longer than what is left of the frame");
    const block = bytes.subarray(at, at + length);
    // The highest bit marks a block that was left as it is.
    if (size >>> 31 === 1) output.literals(block, 0, length);
    else readBlock(block, output);
    at += length + (hasBlockChecksum ? 4 : 0);
  }
}

/** A block: runs of literal bytes, each followed by a copy of bytes that came before; the last run has no copy. */
function readBlock(block: Uint8Array, output: Output): void {
  let at = 0;
  const more = (length: number): number => {
    if (length < 15) return length;
    for (;;) {
      if (at >= block.length) throw new MalformedLz4("a length is cut off");
      const byte = block[at++]!;
      length += byte;
      if (byte < 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = more(token >> 4);
    if (at + literals > block.length) throw new MalformedLz4("literal bytes are cut off");
    output.literals(block, at, literals);
    at += literals;
    if (at === block.length) return;
    if (at + 2 > block.length) throw new MalformedLz4("an offset is cut off");
    const offset = block[at]! | (block[at + 1]! << 8);
    at += 2;
    output.copy(offset, more(token & 15) + 4);
  }
}

/** Bytes that grow as they are written. */
class Output {
  private bytes = new Uint8Array(64 * 1024);
  private length = 0;
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.maxBytes) throw new MalformedLz4(`it holds more than ${this.maxBytes} bytes`);
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.min(this.maxBytes, Math.max(needed, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  literals(source: Uint8Array, from: number, count: number): void {
    this.reserve(count);
    this.bytes.set(source.subarray(from, from + count), this.length);
    this.length += count;
  }

  /** Copies what lies so far back; the copy may overlap what it writes. */
  copy(offset: number, count: number): void {
    if (offset === 0 || offset > this.length) throw new MalformedLz4(`an offset of ${offset} lies before the beginning`);
    this.reserve(count);
    for (let end = this.length + count; this.length < end; this.length++) this.bytes[this.length] = this.bytes[this.length - offset]!;
  }

  done(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
