/**
 * Which IPv4 addresses a segment may hold, and addresses of which networks of 256: a split-block Bloom filter (as in Parquet's specification: blocks of 256
 * bits, eight bits set in one block for each key), 12 bits a key, false hits below 1 %.
 *
 * In its file the blocks lie in pages with a checksum each, so that one address is looked up by reading one page.
 */
import { crc32 } from "node:zlib";

/** Opens every page, so that no other file is taken for a filter. */
const magic = 0x33424c46; // "FLB3"
const bitsPerKey = 12;
const wordsPerBlock = 8;

/** A page: its blocks, the magic, its number and the checksum of all before it. */
export const pageBytes = 4096;
export const blocksPerPage = 127;
const blockBytes = 4 * wordsPerBlock;
const trailer = blocksPerPage * blockBytes;

/** The odd numbers by which the specification spreads a key over the eight words of its block. */
const salts = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31];

/** The file of a filter of these addresses, each given once. */
export function filterFile(addresses: ArrayLike<number>): Uint8Array {
  const keys = keysOf(addresses);
  const pages = Math.max(1, Math.ceil((keys.length * bitsPerKey) / 8 / trailer));
  const bytes = new Uint8Array(pages * pageBytes);
  const words = new Uint32Array(bytes.buffer);
  for (const key of keys) {
    const { page, block } = placeOf(key, pages);
    addToBlock(words, page, block, key);
  }
  for (let page = 0; page < pages; page++) closePage(bytes, page);
  return bytes;
}

/** The keys of addresses, each given once: the addresses, and their networks. */
export function keysOf(addresses: ArrayLike<number>): Uint32Array {
  const networks = new Set<number>();
  for (let place = 0; place < addresses.length; place++) networks.add(networkKey(addresses[place]!));
  const keys = new Uint32Array(addresses.length + networks.size);
  keys.set(addresses);
  keys.set([...networks], addresses.length);
  return keys;
}

/** Writes the end of a page, which says what it is and that it is whole. */
export function closePage(bytes: Uint8Array, page: number): void {
  const at = page * pageBytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, pageBytes);
  view.setUint32(trailer, magic, true);
  view.setUint32(trailer + 4, page, true);
  view.setUint32(pageBytes - 4, crc32(bytes.subarray(at, at + pageBytes - 4)), true);
}

/** The key of an address's network of 256: a number like an address, which is its own key. */
export function networkKey(address: number): number {
  return (Math.imul(address >>> 8, 0x9e3779b1) ^ 0x7f4a7c15) >>> 0;
}

/** Sets the bits of a key in a block. */
export function addToBlock(words: Uint32Array, page: number, block: number, key: number): void {
  const from = (page * pageBytes + block * blockBytes) / 4;
  const mixed = mix(key);
  for (let word = 0; word < wordsPerBlock; word++) {
    words[from + word] = words[from + word]! | (1 << (Math.imul(mixed, salts[word]!) >>> 27));
  }
}

/** The page that tells of a key, in a file of so many pages, and the key's block in it. */
export function placeOf(key: number, pages: number): { readonly page: number; readonly block: number } {
  const place = rowOf(key, pages * blocksPerPage);
  return { page: Math.floor(place / blocksPerPage), block: place % blocksPerPage };
}

/** Which of so many places is a key's. */
export function rowOf(key: number, places: number): number {
  return Math.floor((mix(key ^ 0x9e3779b9) / 0x1_0000_0000) * places);
}

/** Whether the bytes are that page of a filter as it was written. */
export function isPage(bytes: Uint8Array, page: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(trailer, true) !== magic || view.getUint32(trailer + 4, true) !== page) return false;
  return view.getUint32(pageBytes - 4, true) === crc32(bytes.subarray(0, pageBytes - 4));
}

/** Whether a block of a page may hold a key: never no to one that it does. */
export function blockMayHold(bytes: Uint8Array, block: number, key: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset + block * blockBytes, blockBytes);
  const mixed = mix(key);
  for (let word = 0; word < wordsPerBlock; word++) {
    if ((view.getUint32(word * 4, true) & (1 << (Math.imul(mixed, salts[word]!) >>> 27))) === 0) return false;
  }
  return true;
}

/** Spreads the bits of a number over all of its bits (the finalizer of MurmurHash3). */
function mix(number: number): number {
  let hash = number >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
