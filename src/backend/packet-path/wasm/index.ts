/**
 * The loop of the short way: takes packets that repeat others one after the other, up to the first that does not.
 *
 * What a packet needs lies in two places: the index, and its entry. The packets ahead are looked up together first, so
 * that the processor fetches for many of them at a time. Which way a packet goes is anybody's guess: nothing branches on
 * it.
 */
import {
  awaitsFirst,
  entryLast,
  entryLimit,
  entryState,
  entrySums,
  entryWindow,
  heldAt,
  keyBits,
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
import { aheadOf, entryOf, forgetNotes, lookAhead, notedFrom, notedUntil, packetAt } from "./ahead";
import { addEntry, dropEntries, entries, numberOf } from "./entries";
import { aheadKey } from "./note";

export { entries };

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

/** Takes the packets from a place up to another; gives the place of the first that is not taken. */
export function run(place: u32, end: u32): u32 {
  listen();
  // A slice begins.
  if (place == 0) forgetNotes();
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
  return addEntry(noted) ? ((entries - 1) << 1) + direction : -2;
}

/** Forgets all entries; none of them may hold anything back. */
export function clear(): void {
  dropEntries();
  forgetNotes();
}
