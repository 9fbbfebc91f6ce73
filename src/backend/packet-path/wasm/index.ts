/**
 * The loop of the short way: takes packets that repeat others one after the other, up to the first that does not.
 *
 * What a packet needs lies in two places: the index, and its entry. The packets ahead are looked up together first, so
 * that the processor fetches for many of them at a time. Which way a packet goes is anybody's guess: nothing branches on
 * it.
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
/** Packets that are looked up ahead. */
const groupPackets: u32 = 64;

/** What is noted ahead: key and direction, hash, the ends, the ports, the place in the index, then what is likely the entry. */
const aheadKey = 0;
const aheadHash = 4;
const aheadEnds = 8;
const aheadPorts = 16;
const aheadPlace = 20;

/** In the key of an entry that is in use; from bit 16 on, where a key is noted: the direction. */
const used: u32 = 1 << 12;

/** Kinds of packets that are told apart. */
const plain: u32 = 0;
const tcpAck: u32 = 1;
const tcpOpening: u32 = 2;
const echoFromLow: u32 = 3;
const echoFromHigh: u32 = 4;
const never: u32 = 5;

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
let firstOpen: u32 = 0;

/** The entry + 2 that began last to hold something back; 1 where none does. */
let held: u32 = 1;

/** The packets of the slice that are noted: what was found of them stays true as long as entries only come. */
let notedFrom: u32 = 0;
let notedUntil: u32 = 0;

/** What the loads ahead gave: looked at by nobody, so that they are not left out. */
let looked: u32 = 0;

function listen(): void {
  nowMs = load<f64>(toldAt, toldNow);
  dueMs = load<f64>(toldAt, toldDue);
  newestMs = load<f64>(toldAt, toldNewest);
  firstOpen = <u32>min<f64>(max<f64>(ceil<f64>(load<f64>(toldAt, toldFirstOpen)), 0), 4294967295);
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
function numberOf(entry: usize): u32 {
  return <u32>((entry - entriesAt) / entryBytes);
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
  let kind = plain;
  if (protocol == 6) {
    // FIN, SYN, RST and ACK: a plain ACK, or an opening.
    const flags = (traits >> 8) & 23;
    kind = flags == 16 ? tcpAck : flags == 2 ? tcpOpening : never;
  }
  if (kind == never || form > 1 || load<u32>(packet, 28) != 0) {
    store<u32>(ahead, 0, aheadKey);
    store<u32>(ahead, 0, aheadHash);
    return;
  }
  let ports = load<u32>(packet, 8);
  const src = load<u32>(packet);
  const dst = load<u32>(packet, 4);
  // In the order of the ports as they stand in the packet: any order will do that is the same for both directions.
  const turn = <u32>(src > dst) | (<u32>(src == dst) & <u32>((ports & 0xffff) > ports >> 16));
  if (protocol == 1 || protocol == 58) {
    // Type and code. An echo and its answer are one connection; who asks is part of it.
    const type = ports >> 16;
    const isQuestion = type == (protocol == 1 ? 8 : 128);
    if (isQuestion || type == (protocol == 1 ? 0 : 129)) {
      kind = isQuestion != <bool>turn ? echoFromLow : echoFromHigh;
      ports &= 0xffff;
    } else ports = rotl<u32>(ports, turn << 4);
  } else ports = rotl<u32>(ports, turn << 4);
  const key = protocol | (form << 8) | (kind << 9) | used;
  const ends = rotl<u64>(load<u64>(packet), <u64>turn << 5);
  store<u32>(ahead, key | (turn << 16), aheadKey);
  store<u32>(ahead, hashOf(ends, ports, key), aheadHash);
  store<u64>(ahead, ends, aheadEnds);
  store<u32>(ahead, ports, aheadPorts);
}

// @ts-ignore: decorator
@inline
function aheadOf(place: u32): usize {
  return aheadAt + (place - notedFrom) * aheadBytes;
}

/**
 * Notes the packets of a group: first their places in the index, then what these lead to. What is noted is then read
 * with nothing between the reads and none waiting for another, so that as many are under way as the processor can follow.
 */
function lookAhead(place: u32, end: u32): void {
  notedFrom = place;
  notedUntil = min(place + groupPackets, end);
  const shift = 32 - indexBits;
  const stop = aheadOf(notedUntil);
  let packet = packetAt(place);
  for (let ahead: usize = aheadAt; ahead < stop; ahead += aheadBytes, packet += 32) {
    note(packet, ahead);
    store<u32>(ahead, <u32>indexAt + ((load<u32>(ahead, aheadHash) >> shift) << 2), aheadPlace);
  }
  readNoted(stop);
  for (let ahead: usize = aheadAt; ahead < stop; ahead += aheadBytes) {
    store<u32>(ahead, <u32>entryAt(likely(load<u32>(ahead, aheadHash), load<u32>(load<u32>(ahead, aheadPlace))) - 1), aheadPlace);
  }
  readNoted(stop);
}

/** Reads a word of each place that is noted. */
// @ts-ignore: decorator
@inline
function readNoted(stop: usize): void {
  let sum: u32 = 0;
  let ahead: usize = aheadAt;
  for (; ahead + 4 * aheadBytes <= stop; ahead += 4 * aheadBytes) {
    sum += load<u32>(load<u32>(ahead, aheadPlace));
    sum += load<u32>(load<u32>(ahead, aheadPlace + aheadBytes));
    sum += load<u32>(load<u32>(ahead, aheadPlace + 2 * aheadBytes));
    sum += load<u32>(load<u32>(ahead, aheadPlace + 3 * aheadBytes));
  }
  for (; ahead < stop; ahead += aheadBytes) sum += load<u32>(load<u32>(ahead, aheadPlace));
  looked = sum;
}

/** The first entry + 1 that the index has for a hash, from the index's first word on; 0 where it has none. */
// @ts-ignore: decorator
@inline
function likely(hash: u32, word: u32): u32 {
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
function isOf(entry: usize, ahead: usize): bool {
  const ends = load<u64>(entry) ^ load<u64>(ahead, aheadEnds);
  const ports = load<u32>(entry, entryPorts) ^ load<u32>(ahead, aheadPorts);
  const key = (load<u32>(entry, entryState) ^ load<u32>(ahead, aheadKey)) & keyMask;
  return (ends | ports | key) == 0;
}

/** The entry + 1 of the packet that was noted, or 0. */
function find(ahead: usize): u32 {
  const mask: u32 = (1 << indexBits) - 1;
  const hash = load<u32>(ahead, aheadHash);
  let slot = hash >> (32 - indexBits);
  let word = load<u32>(indexAt + (slot << 2));
  for (; word != 0; slot = (slot + 1) & mask, word = load<u32>(indexAt + (slot << 2))) {
    if (((word ^ (hash << numberBits)) & ~numberMask) == 0 && isOf(entryAt((word & numberMask) - 1), ahead)) return word & numberMask;
  }
  return 0;
}

/** The entry of the packet that was noted, mostly without a search; 0 where it has none. */
// @ts-ignore: decorator
@inline
function entryOf(ahead: usize): usize {
  const entry: usize = load<u32>(ahead, aheadPlace);
  if (isOf(entry, ahead)) return entry;
  const number = find(ahead);
  return number == 0 ? 0 : entryAt(number - 1);
}

/** Takes the packets from a place up to another; gives the place of the first that is not taken. */
export function run(place: u32, end: u32): u32 {
  listen();
  // A slice begins.
  if (place == 0) notedFrom = notedUntil = 0;
  place = takeAll(place, end);
  tell();
  return place;
}

function takeAll(place: u32, end: u32): u32 {
  const begin = place;
  let now = nowMs;
  let met: u32 = 0;
  let refused: u32 = 0;
  let unseen: u32 = 0;
  for (; place < end; place++) {
    if (place >= notedUntil) lookAhead(place, end);
    const ahead = aheadOf(place);
    const key = load<u32>(ahead, aheadKey);
    if (key == 0) break;
    const entry = entryOf(ahead);
    if (entry == 0) break;
    const direction = key >> 16;
    const state = load<u32>(entry, entryState);
    const traits = state >> (keyBits + direction * traitBits);
    if ((traits & traitKnown) == 0) break;
    const packet = packetAt(place);
    const seconds = load<u32>(packet, 20);
    const timeMs: f64 = <f64>seconds * 1000 + <f64>load<u32>(packet, 24) / 1e6;
    const last = load<f64>(entry, entryLast);
    if (timeMs < last || timeMs >= last + <f64>load<u32>(entry, entryLimit) || timeMs < newestMs) break;
    if (timeMs > now) {
      if (timeMs >= dueMs) break;
      now = timeMs;
    }
    if (!holdBack(entry, direction, load<u32>(packet, 16), seconds)) {
      found = (numberOf(entry) << 1) + direction + 1;
      break;
    }
    store<f64>(entry, timeMs, entryLast);
    if ((state & awaitsFirst) != 0) store<u32>(entry, state & ~(<u32>awaitsFirst), entryState);
    met += (traits / traitMet) & 3;
    refused += (traits / traitRejected) & 1;
    unseen += (traits / traitUnwatched) & 3;
  }
  nowMs = now;
  matched = place - begin;
  offered = met;
  rejected = refused;
  unwatched = unseen;
  return place;
}

/** Adds the packet to what is held back; false where it belongs to another window, or there is no room for more. */
// @ts-ignore: decorator
@inline
function holdBack(entry: usize, direction: u32, bytes: u32, seconds: u32): bool {
  const window = load<u32>(entry, entryWindow);
  const second = seconds - window;
  const sums = entry + entrySums + direction * sumsBytes;
  if (seconds < window || second >= windowSeconds || window < firstOpen || load<u32>(sums, sumsFlow) == <u32>unlinked) return false;
  const packets = load<u32>(sums, sumsPackets);
  const length = load<u32>(sums, sumsLength) + bytes;
  if (length < bytes) return false;
  if (packets == 0) {
    store<u32>(sums, second | (second << 16), sumsSpan);
    const number = numberOf(entry);
    const link = heldAt + (number << 2);
    if (load<u32>(link) == 0) {
      store<u32>(link, held);
      held = number + 2;
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
  if (place < notedFrom || place >= notedUntil) lookAhead(place, place + 1);
  const noted = aheadOf(place);
  const key = load<u32>(noted, aheadKey);
  if (key == 0) return -1;
  const direction = key >> 16;
  const known = entryOf(noted);
  if (known != 0) return (numberOf(known) << 1) + direction;
  if (entries == maxEntries) return -2;
  if (entries >> (indexBits - 1) != 0 && indexBits < <u32>lastIndexBits) growIndex();
  const entry = entryAt(entries);
  for (let at = entry; at < entry + entryBytes; at += 8) store<u64>(at, 0);
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
  indexBits += 2;
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
  notedFrom = notedUntil = 0;
}
