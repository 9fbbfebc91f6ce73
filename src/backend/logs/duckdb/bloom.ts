/**
 * Which IPv4 addresses a segment may hold: a split-block Bloom filter (as in Parquet's specification: blocks of 256
 * bits, eight bits set in one block for each key), 12 bits a key, false hits below 1 %.
 */
import { crc32 } from "node:zlib";

/** Opens the file, so that no other one is taken for a filter. */
const magic = 0x31424c46; // "FLB1"
const headerBytes = 12;
const bitsPerKey = 12;
const wordsPerBlock = 8;

/** The odd numbers by which the specification spreads a key over the eight words of its block. */
const salts = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31];

/** A set of addresses that may say yes to one it does not hold, never no to one it does. */
export class AddressFilter {
  private readonly words: Uint32Array;
  private readonly blocks: number;

  private constructor(words: Uint32Array) {
    this.words = words;
    this.blocks = words.length / wordsPerBlock;
  }

  /** The filter of these addresses, each given once. */
  static of(addresses: Iterable<number>, count: number): AddressFilter {
    const blocks = Math.max(1, Math.ceil((count * bitsPerKey) / 256));
    const filter = new AddressFilter(new Uint32Array(blocks * wordsPerBlock));
    for (const address of addresses) filter.add(address);
    return filter;
  }

  private add(address: number): void {
    const [block, key] = this.place(address);
    for (let word = 0; word < wordsPerBlock; word++) {
      this.words[block + word] = this.words[block + word]! | (1 << (Math.imul(key, salts[word]!) >>> 27));
    }
  }

  mayHold(address: number): boolean {
    const [block, key] = this.place(address);
    for (let word = 0; word < wordsPerBlock; word++) {
      if ((this.words[block + word]! & (1 << (Math.imul(key, salts[word]!) >>> 27))) === 0) return false;
    }
    return true;
  }

  /** The first word of an address's block, and its key there. */
  private place(address: number): [block: number, key: number] {
    const high = mix(address ^ 0x9e3779b9);
    const block = Math.floor((high / 0x1_0000_0000) * this.blocks) * wordsPerBlock;
    return [block, mix(address)];
  }

  /** The filter as a file's bytes. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(headerBytes + this.words.byteLength);
    bytes.set(new Uint8Array(this.words.buffer, this.words.byteOffset, this.words.byteLength), headerBytes);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, magic, true);
    view.setUint32(4, this.blocks, true);
    view.setUint32(8, crc32(bytes.subarray(headerBytes)), true);
    return bytes;
  }

  /** The filter that a file holds; undefined when the bytes are not what was written. */
  static fromBytes(bytes: Uint8Array): AddressFilter | undefined {
    if (bytes.length < headerBytes) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // A copy: a slice of a Buffer would share its memory, and lie anywhere in it.
    const body = new Uint8Array(bytes.subarray(headerBytes));
    const isWhole = view.getUint32(0, true) === magic && body.length === view.getUint32(4, true) * wordsPerBlock * 4;
    if (!isWhole || body.length === 0 || crc32(body) !== view.getUint32(8, true)) return undefined;
    return new AddressFilter(new Uint32Array(body.buffer));
  }
}

/** Spreads the bits of a number over all of its bits (the finalizer of MurmurHash3). */
function mix(number: number): number {
  let hash = number >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
