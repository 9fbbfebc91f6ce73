/**
 * The loop of the short way: takes packets that repeat others one after the other, up to the first that does not.
 *
 * What a packet needs lies in two places: the index, and its entry. The packets ahead are looked up together first, so
 * that the processor fetches for many of them at a time.
 */
import {
  aheadAt,
  aheadBytes,
  awaitsFirst,
  entriesAt,
  entryBytes,
  entryLast,
  entryLimit,
  entryPorts,
  entryState,
  entrySums,
  entryWindow,
  firstIndexBits,
  heldAt,
  indexAt,
  keyBits,
  lastIndexBits,
  maxEntries,
  numberBits,
  packetsAt,
  sumsBytes,
  sumsFlow,
  sumsLength,
  sumsPackets,
  sumsSpan,
  tellsFound,
  tellsMatched,
  tellsOffered,
  tellsRejected,
  tellsUnwatched,
  toldAt,
  toldDue,
  toldFirstOpen,
  toldNewest,
  toldNow,
  toldWindow,
  traitBits,
  traitKnown,
  traitMet,
  traitRejected,
  traitUnwatched,
  unlinked,
} from "../layout";

const numberMask: u32 = (1 << numberBits) - 1;
const keyMask: u32 = (1 << keyBits) - 1;
/** Packets that are looked up ahead: fewest at first, since what is behind a packet that is not taken is looked up again. */
const fewest: u32 = 2;
const most: u32 = 128;

/** What is noted ahead: key and direction, hash, the ends, the ports, the index's first word. */
const aheadKey = 0;
const aheadHash = 4;
const aheadEnds = 8;
const aheadPorts = 16;
const aheadWord = 20;

/** In the key of an entry that is in use; above the key, where it is noted: the direction. */
const used: u32 = 1 << 12;
const turned: u32 = 1 << 16;

/** Kinds of packets that are told apart. */
const plain: u32 = 0;
const tcpAck: u32 = 1;
const tcpOpening: u32 = 2;
const echoFromLow: u32 = 3;
const echoFromHigh: u32 = 4;

/** Entries in use. */
export let entries: u32 = 0;
let indexBits: u32 = firstIndexBits;

/** What the packets taken so far came to. */
let matched: u32 = 0;
let offered: u32 = 0;
let rejected: u32 = 0;
let unwatched: u32 = 0;
let found: u32 = 0;

/** What the loop was told. */
let nowMs: f64 = 0;
let dueMs: f64 = 0;
let newestMs: f64 = 0;
let windowSeconds: u32 = 600;
let firstOpenStart: f64 = 0;

/** The entry + 2 that began last to hold something back; 1 where none does. */
let held: u32 = 1;

/** What the loads ahead gave: looked at by nobody, so that they are not left out. */
let looked: u32 = 0;

function listen(): void {
  nowMs = load<f64>(toldAt, toldNow);
  dueMs = load<f64>(toldAt, toldDue);
  newestMs = load<f64>(toldAt, toldNewest);
  firstOpenStart = load<f64>(toldAt, toldFirstOpen);
  // Seconds of a window are held in 16 bits.
  windowSeconds = min<u32>(load<u32>(toldAt, toldWindow), 65536);
  matched = offered = rejected = unwatched = found = 0;
}

function tell(): void {
  store<f64>(toldAt, nowMs, toldNow);
  store<u32>(toldAt, matched, tellsMatched);
  store<u32>(toldAt, offered, tellsOffered);
  store<u32>(toldAt, rejected, tellsRejected);
  store<u32>(toldAt, unwatched, tellsUnwatched);
  store<u32>(toldAt, found, tellsFound);
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
function hashOf(ends: u64, ports: u32, key: u32): u32 {
  let h: u64 = (ends ^ 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
  h ^= h >> 32;
  h = (h ^ (((<u64>key) << 32) | ports)) * 0xc4ceb9fe1a85ec53;
  return <u32>(h >> 32);
}

/** Notes what tells the packet from others: its key, 0 for kinds that never repeat, and its ends in their order. */
// @ts-ignore: decorator
@inline
function note(packet: usize, ahead: usize): void {
  const traits = load<u32>(packet, 12);
  const form = (traits >> 16) & 255;
  const protocol = traits & 255;
  store<u32>(ahead, 0, aheadKey);
  if (load<u32>(packet, 28) != 0 || form > 1) return;
  let ports = load<u32>(packet, 8);
  const src = load<u32>(packet);
  const dst = load<u32>(packet, 4);
  // In the order of the ports as they stand in the packet: any order will do that is the same for both directions.
  const isTurned = src > dst || (src == dst && (ports & 0xffff) > ports >> 16);
  let kind = plain;
  if (protocol == 6) {
    // FIN, SYN, RST and ACK: a plain ACK, or an opening.
    const flags = (traits >> 8) & 23;
    if (flags == 16) kind = tcpAck;
    else if (flags == 2) kind = tcpOpening;
    else return;
  }
  if (protocol == 1 || protocol == 58) {
    // Type and code. An echo and its answer are one connection; who asks is part of it.
    const type = ports >> 16;
    const isQuestion = type == (protocol == 1 ? 8 : 128);
    if (isQuestion || type == (protocol == 1 ? 0 : 129)) {
      kind = isQuestion != isTurned ? echoFromLow : echoFromHigh;
      ports &= 0xffff;
    } else if (isTurned) ports = rotl<u32>(ports, 16);
  } else if (isTurned) ports = rotl<u32>(ports, 16);
  const key = protocol | (form << 8) | (kind << 9) | used;
  const ends = isTurned ? ((<u64>src) << 32) | dst : ((<u64>dst) << 32) | src;
  store<u32>(ahead, isTurned ? key | turned : key, aheadKey);
  store<u32>(ahead, hashOf(ends, ports, key), aheadHash);
  store<u64>(ahead, ends, aheadEnds);
  store<u32>(ahead, ports, aheadPorts);
}

// @ts-ignore: decorator
@inline
function lookAhead(place: u32, until: u32): void {
  let ahead: usize = aheadAt;
  const shift = 32 - indexBits;
  for (let next = place; next < until; next++, ahead += aheadBytes) {
    note(packetAt(next), ahead);
    store<u32>(ahead, load<u32>(indexAt + ((load<u32>(ahead, aheadHash) >> shift) << 2)), aheadWord);
  }
  const end = ahead;
  let sum: u32 = 0;
  for (ahead = aheadAt; ahead < end; ahead += aheadBytes) sum += load<u32>(entryAt((load<u32>(ahead, aheadWord) & numberMask) - 1), entryState);
  looked = sum;
}

/** The entry + 1 of the packet that was noted, or 0. */
// @ts-ignore: decorator
@inline
function find(ahead: usize): u32 {
  const mask: u32 = (1 << indexBits) - 1;
  const key = load<u32>(ahead, aheadKey) & keyMask;
  const hash = load<u32>(ahead, aheadHash);
  const ends = load<u64>(ahead, aheadEnds);
  const ports = load<u32>(ahead, aheadPorts);
  let slot = hash >> (32 - indexBits);
  let word = load<u32>(indexAt + (slot << 2));
  for (; word != 0; slot = (slot + 1) & mask, word = load<u32>(indexAt + (slot << 2))) {
    if (((word ^ (hash << numberBits)) & ~numberMask) != 0) continue;
    const entry = entryAt((word & numberMask) - 1);
    if (load<u64>(entry) == ends && load<u32>(entry, entryPorts) == ports && (load<u32>(entry, entryState) & keyMask) == key) return word & numberMask;
  }
  return 0;
}

/** Takes the packets from a place up to another; gives the place of the first that is not taken. */
export function run(place: u32, end: u32): u32 {
  listen();
  place = takeAll(place, end);
  tell();
  return place;
}

function takeAll(place: u32, end: u32): u32 {
  let ahead: u32 = fewest;
  while (place < end) {
    const until = min(place + ahead, end);
    lookAhead(place, until);
    for (let noted: usize = aheadAt; place < until; place++, noted += aheadBytes) if (!take(packetAt(place), noted)) return place;
    ahead = min(ahead << 1, most);
  }
  return place;
}

// @ts-ignore: decorator
@inline
function take(packet: usize, noted: usize): bool {
  const key = load<u32>(noted, aheadKey);
  if (key == 0) return false;
  const number = find(noted);
  if (number == 0) return false;
  const entry = entryAt(number - 1);
  const direction: u32 = key / turned;
  const state = load<u32>(entry, entryState);
  const traits = state >> (keyBits + direction * traitBits);
  if ((traits & traitKnown) == 0) return false;
  const seconds = load<u32>(packet, 20);
  const timeMs: f64 = <f64>seconds * 1000 + <f64>load<u32>(packet, 24) / 1e6;
  const last = load<f64>(entry, entryLast);
  if (timeMs < last || timeMs >= last + <f64>load<u32>(entry, entryLimit) || timeMs < newestMs) return false;
  if (timeMs > nowMs) {
    if (timeMs >= dueMs) return false;
    nowMs = timeMs;
  }
  if (!holdBack(entry, number, direction, load<u32>(packet, 16), seconds)) {
    found = ((number - 1) << 1) + direction + 1;
    return false;
  }
  store<f64>(entry, timeMs, entryLast);
  if ((state & awaitsFirst) != 0) store<u32>(entry, state & ~(<u32>awaitsFirst), entryState);
  matched++;
  offered += (traits / traitMet) & 3;
  rejected += (traits / traitRejected) & 1;
  unwatched += (traits / traitUnwatched) & 3;
  return true;
}

/** Adds the packet to what is held back; false where it belongs to another window, or there is no room for more. */
// @ts-ignore: decorator
@inline
function holdBack(entry: usize, number: u32, direction: u32, bytes: u32, seconds: u32): bool {
  const window = load<u32>(entry, entryWindow);
  const second = seconds - window;
  const sums = entry + entrySums + direction * sumsBytes;
  if (seconds < window || second >= windowSeconds || <f64>window < firstOpenStart || load<u32>(sums, sumsFlow) == <u32>unlinked) return false;
  const packets = load<u32>(sums, sumsPackets);
  const length = load<u32>(sums, sumsLength) + bytes;
  if (length < bytes) return false;
  if (packets == 0) {
    store<u32>(sums, second | (second << 16), sumsSpan);
    const link = heldAt + ((number - 1) << 2);
    if (load<u32>(link) == 0) {
      store<u32>(link, held);
      held = number + 1;
    }
  } else {
    const span = load<u32>(sums, sumsSpan);
    const from = min<u32>(span & 0xffff, second);
    const to = max<u32>(span >> 16, second);
    store<u32>(sums, from | (to << 16), sumsSpan);
  }
  store<u32>(sums, packets + 1, sumsPackets);
  store<u32>(sums, length, sumsLength);
  return true;
}

/** The next entry that may hold something back, taken off the list; -1 where there is none. */
export function nextHeld(): i32 {
  if (held == 1) return -1;
  const number = held - 2;
  const link = heldAt + (number << 2);
  held = load<u32>(link);
  store<u32>(link, 0);
  return number;
}

/**
 * The entry of the packet at a place, made where there is none, × 2 + the packet's direction; -1 for kinds that never
 * repeat, -2 where there is no room.
 */
export function enter(place: u32): i32 {
  const noted: usize = aheadAt;
  note(packetAt(place), noted);
  const key = load<u32>(noted, aheadKey);
  if (key == 0) return -1;
  const direction = key / turned;
  const known = find(noted);
  if (known != 0) return ((known - 1) << 1) + direction;
  if (entries == maxEntries) return -2;
  if (entries >> (indexBits - 1) != 0 && indexBits < <u32>lastIndexBits) growIndex();
  const entry = entryAt(entries);
  memory.fill(entry, 0, entryBytes);
  store<u64>(entry, load<u64>(noted, aheadEnds));
  store<u32>(entry, load<u32>(noted, aheadPorts), entryPorts);
  store<u32>(entry, key & keyMask, entryState);
  store<u32>(entry, unlinked, entrySums + sumsFlow);
  store<u32>(entry, unlinked, entrySums + sumsBytes + sumsFlow);
  store<u32>(heldAt + (entries << 2), 0);
  index(load<u32>(noted, aheadHash), ++entries);
  return ((entries - 1) << 1) + direction;
}

function index(hash: u32, number: u32): void {
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
    index(hashOf(load<u64>(entry), load<u32>(entry, entryPorts), load<u32>(entry, entryState) & keyMask), number + 1);
  }
}

/** Forgets all entries; none of them may hold anything back. */
export function clear(): void {
  if (entries > 0) memory.fill(indexAt, 0, 4 << indexBits);
  entries = 0;
}
