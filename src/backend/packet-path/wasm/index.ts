/**
 * The loop of the short way: takes packets that repeat others one after the other, up to the first that does not.
 *
 * What a packet needs lies in three places: the index, its entry, its connection's pulse. The packets ahead are looked up
 * together first, so that the processor fetches for many of them at a time.
 */
import {
  aheadAt,
  aheadBytes,
  entriesAt,
  entryBytes,
  entryDst,
  entryEnd,
  entryFlow,
  entryHeld,
  entryKey,
  entryPackets,
  entryPorts,
  entryPulse,
  entrySrc,
  entryStart,
  entrySum,
  entryTraits,
  entryVersion,
  entryWindow,
  firstIndexBits,
  indexAt,
  lastIndexBits,
  maxEntries,
  noWindow,
  numberBits,
  packetsAt,
  pulseLast,
  pulseLimit,
  pulsesAt,
  pulseVersion,
  traitsMet,
  traitsRejected,
  traitsUnwatched,
} from "../layout";

const numberMask: u32 = (1 << numberBits) - 1;
/** Most packets that are looked up ahead. */
const most: u32 = 64;
/** In the key of an entry that is in use. */
const used: u32 = 1 << 12;

/** Entries in use. */
export let entries: u32 = 0;
let indexBits: u32 = firstIndexBits;

/** What the packets taken so far came to, as in `path-counts.ts`. */
export let matched: u32 = 0;
export let offered: u32 = 0;
export let rejected: u32 = 0;
export let unwatched: u32 = 0;

/** The entry + 1 of the packet that stopped the loop, where it only has to be counted in another window; else 0. */
export let found: u32 = 0;

/** Where the clock stands, and when something falls due before which it must be asked. */
export let nowMs: f64 = 0;
let dueMs: f64 = 0;
/** Packets from before this moment are not for all flow logs. */
let newestMs: f64 = 0;
let windowSeconds: u32 = 600;
let firstOpenStart: f64 = 0;

/** The entry + 2 that began last to hold something back; 1 where none does. */
let held: u32 = 1;

/** What the loads ahead gave: looked at by nobody, so that they are not left out. */
let looked: u32 = 0;

export function setTimes(now: f64, due: f64, newest: f64): void {
  nowMs = now;
  dueMs = due;
  newestMs = newest;
}

export function setWindows(seconds: u32, firstOpen: f64): void {
  windowSeconds = seconds;
  firstOpenStart = firstOpen;
}

export function clearCounts(): void {
  matched = 0;
  offered = 0;
  rejected = 0;
  unwatched = 0;
}

// @ts-ignore: decorator
@inline
function packetAt(place: u32): usize {
  return packetsAt + (place << 5);
}

// @ts-ignore: decorator
@inline
function entryAt(number: u32): usize {
  return entriesAt + number * entryBytes;
}

// @ts-ignore: decorator
@inline
function pulseAt(number: u32): usize {
  return pulsesAt + (number << 5);
}

/** What tells packets of the same ends apart; 0 for kinds that never repeat. */
// @ts-ignore: decorator
@inline
function keyOf(packet: usize): u32 {
  const traits = load<u32>(packet, 12);
  const form = (traits >> 16) & 255;
  if (load<u32>(packet, 28) != 0 || form > 1) return 0;
  const protocol = traits & 255;
  let kind: u32 = 0;
  if (protocol == 6) {
    // FIN, SYN, RST and ACK: a plain ACK, or an opening.
    const flags = (traits >> 8) & 23;
    if (flags == 16) kind = 1;
    else if (flags == 2) kind = 2;
    else return 0;
  }
  return protocol | (form << 8) | (kind << 9) | used;
}

// @ts-ignore: decorator
@inline
function hashOf(addresses: u64, ports: u32, key: u32): u32 {
  let h: u64 = (addresses ^ 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
  h ^= h >> 32;
  h = (h ^ (((<u64>key) << 32) | ports)) * 0xc4ceb9fe1a85ec53;
  return <u32>(h >> 32);
}

// @ts-ignore: decorator
@inline
function lookAhead(place: u32, until: u32): void {
  let ahead: usize = aheadAt;
  const shift = 32 - indexBits;
  for (let next = place; next < until; next++, ahead += aheadBytes) {
    const packet = packetAt(next);
    const key = keyOf(packet);
    store<u32>(ahead, key);
    if (key == 0) continue;
    const hash = hashOf(load<u64>(packet), load<u32>(packet, 8), key);
    store<u32>(ahead, hash, 4);
    store<u32>(ahead, load<u32>(indexAt + ((hash >> shift) << 2)), 8);
  }
  const end = ahead;
  for (ahead = aheadAt; ahead < end; ahead += aheadBytes) {
    if (load<u32>(ahead) == 0) {
      store<u32>(ahead, 0, 12);
      continue;
    }
    const number = load<u32>(ahead, 8) & numberMask;
    store<u32>(ahead, number == 0 ? 0 : load<u32>(entryAt(number - 1), entryPulse), 12);
  }
  let sum: u32 = 0;
  for (ahead = aheadAt; ahead < end; ahead += aheadBytes) sum += load<u32>(pulseAt(load<u32>(ahead, 12)), pulseVersion);
  looked = sum;
}

/** The entry + 1 of the packet, or 0. */
// @ts-ignore: decorator
@inline
function find(packet: usize, key: u32, hash: u32): u32 {
  const mask: u32 = (1 << indexBits) - 1;
  const addresses = load<u64>(packet);
  const ports = load<u32>(packet, 8);
  let slot = hash >> (32 - indexBits);
  let word = load<u32>(indexAt + (slot << 2));
  for (; word != 0; slot = (slot + 1) & mask, word = load<u32>(indexAt + (slot << 2))) {
    if (((word ^ (hash << numberBits)) & ~numberMask) != 0) continue;
    const entry = entryAt((word & numberMask) - 1);
    if (load<u64>(entry) == addresses && load<u32>(entry, entryPorts) == ports && load<u32>(entry, entryKey) == key) return word & numberMask;
  }
  return 0;
}

/** Takes the packets from a place up to another; gives the place of the first that is not taken. */
export function run(place: u32, end: u32): u32 {
  found = 0;
  let ahead: u32 = 4;
  while (place < end) {
    const until = min(place + ahead, end);
    lookAhead(place, until);
    let noted: usize = aheadAt;
    for (; place < until; place++, noted += aheadBytes) if (!take(packetAt(place), load<u32>(noted), load<u32>(noted, 4))) return place;
    ahead = min(ahead << 1, most);
  }
  return place;
}

// @ts-ignore: decorator
@inline
function take(packet: usize, key: u32, hash: u32): bool {
  if (key == 0) return false;
  const number = find(packet, key, hash);
  if (number == 0) return false;
  const entry = entryAt(number - 1);
  const pulse = pulseAt(load<u32>(entry, entryPulse));
  if (load<u32>(pulse, pulseVersion) != load<u32>(entry, entryVersion)) return false;
  const seconds = load<u32>(packet, 20);
  const timeMs: f64 = <f64>seconds * 1000 + <f64>load<u32>(packet, 24) / 1e6;
  const last = load<f64>(pulse, pulseLast);
  if (timeMs < last || timeMs >= last + load<f64>(pulse, pulseLimit) || timeMs < newestMs) return false;
  if (timeMs > nowMs) {
    if (timeMs >= dueMs) return false;
    nowMs = timeMs;
  }
  const window = load<u32>(entry, entryWindow);
  if (seconds < window || seconds - window >= windowSeconds || window == <u32>noWindow || <f64>window < firstOpenStart) {
    found = number;
    return false;
  }
  store<f64>(pulse, timeMs, pulseLast);
  holdBack(entry, number, load<u32>(packet, 16), seconds);
  const traits = load<u32>(entry, entryTraits);
  matched++;
  offered += traits & traitsMet;
  rejected += (traits & traitsRejected) / traitsRejected;
  unwatched += (traits / traitsUnwatched) & 3;
  return true;
}

// @ts-ignore: decorator
@inline
function holdBack(entry: usize, number: u32, bytes: u32, seconds: u32): void {
  const packets = load<u32>(entry, entryPackets);
  store<u32>(entry, packets + 1, entryPackets);
  if (packets == 0) {
    store<u32>(entry, seconds, entryStart);
    store<u32>(entry, seconds, entryEnd);
    if (load<u32>(entry, entryHeld) == 0) {
      store<u32>(entry, held, entryHeld);
      held = number + 1;
    }
  } else {
    if (seconds < load<u32>(entry, entryStart)) store<u32>(entry, seconds, entryStart);
    if (seconds > load<u32>(entry, entryEnd)) store<u32>(entry, seconds, entryEnd);
  }
  store<f64>(entry, load<f64>(entry, entrySum) + <f64>bytes, entrySum);
}

/** The next entry that may hold something back, taken off the list; -1 where there is none. */
export function nextHeld(): i32 {
  if (held == 1) return -1;
  const number = held - 2;
  const entry = entryAt(number);
  held = load<u32>(entry, entryHeld);
  store<u32>(entry, 0, entryHeld);
  return number;
}

/** The entry of the packet at a place, made where there is none; -1 for kinds that never repeat, -2 where there is no room. */
export function enter(place: u32): i32 {
  const packet = packetAt(place);
  const key = keyOf(packet);
  if (key == 0) return -1;
  const hash = hashOf(load<u64>(packet), load<u32>(packet, 8), key);
  const known = find(packet, key, hash);
  if (known != 0) return known - 1;
  if (entries == maxEntries) return -2;
  if (entries >> (indexBits - 1) != 0 && indexBits < <u32>lastIndexBits) growIndex();
  const entry = entryAt(entries);
  store<u64>(entry, load<u64>(packet));
  store<u32>(entry, load<u32>(packet, 8), entryPorts);
  store<u32>(entry, key, entryKey);
  store<u32>(entry, 0, entryPackets);
  store<u32>(entry, 0, entryHeld);
  store<f64>(entry, 0, entrySum);
  note(hash, ++entries);
  return entries - 1;
}

function note(hash: u32, number: u32): void {
  const mask: u32 = (1 << indexBits) - 1;
  let slot = hash >> (32 - indexBits);
  while (load<u32>(indexAt + (slot << 2)) != 0) slot = (slot + 1) & mask;
  store<u32>(indexAt + (slot << 2), (hash << numberBits) | number);
}

function growIndex(): void {
  indexBits++;
  memory.fill(indexAt, 0, 4 << indexBits);
  for (let number: u32 = 0; number < entries; number++) {
    const entry = entryAt(number);
    note(hashOf(load<u64>(entry), load<u32>(entry, entryPorts), load<u32>(entry, entryKey)), number + 1);
  }
}

/** Forgets all entries; none of them may hold anything back. */
export function clear(): void {
  if (entries > 0) memory.fill(indexAt, 0, 4 << indexBits);
  entries = 0;
}
