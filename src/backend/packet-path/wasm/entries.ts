/** The entries, and the index in which they are found. */
import {
  entriesAt,
  entryBytes,
  entryPorts,
  entryState,
  entrySums,
  firstIndexBits,
  heldAt,
  indexAt,
  lastIndexBits,
  maxEntries,
  numberBits,
  sumsBytes,
  sumsFlow,
  unlinked,
} from "../layout";
import { aheadEnds, aheadHash, aheadKey, aheadPorts, hashOf, keyMask } from "./note";

const numberMask: u32 = (1 << numberBits) - 1;

/** Entries in use. */
export let entries: u32 = 0;
let indexBits: u32 = firstIndexBits;

/** The place of an entry. */
// @ts-ignore: decorator
@inline
export function entryAt(number: u32): usize {
  return entriesAt + number * entryBytes;
}

/** The number of the entry at a place. */
// @ts-ignore: decorator
@inline
export function numberOf(entry: usize): u32 {
  return <u32>((entry - entriesAt) / entryBytes);
}

/** The place in the index where the search for a hash begins. */
// @ts-ignore: decorator
@inline
export function placeOf(hash: u32): usize {
  return indexAt + ((hash >> (32 - indexBits)) << 2);
}

/** The first entry + 1 that the index has for a hash, from the index's first word on; 0 where it has none. */
// @ts-ignore: decorator
@inline
export function likely(hash: u32, word: u32): u32 {
  const tag = hash << numberBits;
  if (((word ^ tag) & ~numberMask) == 0 || word == 0) return word & numberMask;
  const mask: u32 = (1 << indexBits) - 1;
  let slot = hash >> (32 - indexBits);
  do {
    slot = (slot + 1) & mask;
    word = load<u32>(indexAt + (slot << 2));
  } while (word != 0 && ((word ^ tag) & ~numberMask) != 0);
  return word & numberMask;
}

/** Whether the entry is that of the packet that was noted. */
// @ts-ignore: decorator
@inline
export function isOf(entry: usize, ahead: usize): bool {
  const ends = load<u64>(entry) ^ load<u64>(ahead, aheadEnds);
  const ports = load<u32>(entry, entryPorts) ^ load<u32>(ahead, aheadPorts);
  const key = (load<u32>(entry, entryState) ^ load<u32>(ahead, aheadKey)) & keyMask;
  return (ends | ports | key) == 0;
}

/** The entry + 1 of the packet that was noted, or 0. */
export function find(ahead: usize): u32 {
  const mask: u32 = (1 << indexBits) - 1;
  const hash = load<u32>(ahead, aheadHash);
  let slot = hash >> (32 - indexBits);
  let word = load<u32>(indexAt + (slot << 2));
  for (; word != 0; slot = (slot + 1) & mask, word = load<u32>(indexAt + (slot << 2))) {
    if (((word ^ (hash << numberBits)) & ~numberMask) == 0 && isOf(entryAt((word & numberMask) - 1), ahead)) return word & numberMask;
  }
  return 0;
}

/** Makes the entry of the packet that was noted; false where there is no room. */
export function addEntry(noted: usize): bool {
  if (entries == maxEntries) return false;
  if (entries >> (indexBits - 1) != 0 && indexBits < <u32>lastIndexBits) growIndex();
  const entry = entryAt(entries);
  for (let at = entry; at < entry + entryBytes; at += 8) store<u64>(at, 0);
  store<u64>(entry, load<u64>(noted, aheadEnds));
  store<u32>(entry, load<u32>(noted, aheadPorts), entryPorts);
  store<u32>(entry, load<u32>(noted, aheadKey) & keyMask, entryState);
  store<u32>(entry, unlinked, entrySums + sumsFlow);
  store<u32>(entry, unlinked, entrySums + sumsBytes + sumsFlow);
  store<u32>(heldAt + (entries << 2), 0);
  index(load<u32>(noted, aheadHash), ++entries);
  return true;
}

function index(hash: u32, number: u32): void {
  const mask: u32 = (1 << indexBits) - 1;
  let slot = hash >> (32 - indexBits);
  while (load<u32>(indexAt + (slot << 2)) != 0) slot = (slot + 1) & mask;
  store<u32>(indexAt + (slot << 2), (hash << numberBits) | number);
}

function growIndex(): void {
  indexBits += 2;
  memory.fill(indexAt, 0, 4 << indexBits);
  for (let number: u32 = 0; number < entries; number++) {
    const entry = entryAt(number);
    index(hashOf(load<u64>(entry), load<u32>(entry, entryPorts), load<u32>(entry, entryState) & keyMask), number + 1);
  }
}

/** Forgets all of them. */
export function dropEntries(): void {
  if (entries > 0) memory.fill(indexAt, 0, 4 << indexBits);
  entries = 0;
}
