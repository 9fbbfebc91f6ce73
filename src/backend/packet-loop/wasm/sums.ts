/** Sums packets by 5-tuple into the current window. */
import {
  farTimes,
  flowBytesLow,
  flowEnd,
  flowMeta,
  flowPackets,
  flowStart,
  formFirstFragment,
  formIpv6,
  formLaterFragment,
  metaIpv6,
  noTime,
  slotBytes,
  slotForm,
  slotHash,
  slotLength,
  slotPorts,
  slotProtocol,
  slotSeconds,
  sumsDone,
  sumsFragment,
  sumsFull,
  sumsOtherWindow,
} from "../layout";
import { hashTuple } from "./bytes";
import { findUnits, makeNotes, notePlace, notes, runPackets } from "./lookup";
import { farSeconds } from "./output";
import { first, index, indexMask, indexShift, numberBits, numberMask, reserve, span, takeUnits, unitAt } from "./window";

/** Why the last call stopped. */
export let sumsStop: u32 = 0;

/** Whether the run has times that 32 bits do not hold. */
let hasFarTimes: bool = false;

/** Sums the packets from `at` on; gives the place where it stopped, and sets `sumsStop`. */
export function sum(at: usize, end: usize): usize {
  while (at < end) {
    if (!makeNotes() || !reserve(2 * runPackets + 2)) {
      sumsStop = sumsFull;
      return at;
    }
    const runEnd = findRun(at, end);
    for (let note = notes; at < runEnd; note += 4) {
      sumPacket(at, load<u32>(note));
      at += (1 + ((<u32>load<u8>(at, slotForm)) & formIpv6)) * slotBytes;
    }
    if (sumsStop != sumsDone) return at;
  }
  sumsStop = sumsDone;
  return at;
}

/** Finds how far the packets belong to this window, and which flows they likely belong to. */
function findRun(start: usize, end: usize): usize {
  const fragments: u32 = formLaterFragment | formFirstFragment;
  const notesEnd = notes + (runPackets << 2);
  let latest: u32 = 0;
  let note = notes;
  let at = start;
  sumsStop = sumsDone;
  for (; note < notesEnd && at < end; note += 4) {
    const seconds = load<u32>(at, slotSeconds);
    const form: u32 = load<u8>(at, slotForm);
    if (<u64>(seconds - first) >= span) {
      sumsStop = sumsOtherWindow;
      break;
    }
    if ((form & fragments) != 0) {
      sumsStop = sumsFragment;
      break;
    }
    latest = max(latest, seconds);
    notePlace(note, load<u32>(at, slotHash));
    at += (1 + (form & formIpv6)) * slotBytes;
  }
  hasFarTimes = latest >= farTimes;
  findUnits(start, at, note);
  return at;
}

/** Adds a packet to the flow it likely belongs to, or to the one that a search finds. */
// @ts-ignore: decorator
@inline
function sumPacket(slot: usize, unit: usize): void {
  const word = load<u32>(slot, slotProtocol);
  const key = (word & 0xff) | (((word >> 16) & formIpv6) << 8);
  const length = load<u32>(slot, slotLength);
  const seconds = load<u32>(slot, slotSeconds);
  const isLikely = unit != 0 && load<u64>(unit) == load<u64>(slot) && load<u32>(unit, slotPorts) == load<u32>(slot, slotPorts);
  if (isLikely && isSame(unit, slot, key)) update(unit, 1, length, seconds, seconds);
  else add(slot, 1, length, seconds, seconds, load<u32>(slot, slotHash));
}

/** Adds to the flow of a header slot; the room must be reserved. */
function add(slot: usize, packets: u32, bytes: u64, start: u32, end: u32, hash: u32): void {
  const addresses = load<u64>(slot);
  const ports = load<u32>(slot, slotPorts);
  const word = load<u32>(slot, slotProtocol);
  const key = (word & 0xff) | (((word >> 16) & formIpv6) << 8);
  const tag = hash << numberBits;
  let place = hash >> indexShift;
  for (;;) {
    const entry = load<u32>(index + (place << 2));
    if (entry == 0) break;
    if ((entry ^ tag) >> numberBits == 0) {
      const unit = unitAt(entry & numberMask);
      if (load<u64>(unit) == addresses && load<u32>(unit, slotPorts) == ports && isSame(unit, slot, key)) {
        update(unit, packets, bytes, start, end);
        return;
      }
    }
    place = (place + 1) & indexMask;
  }
  const number = takeUnits(1 + (key >> 8));
  store<u32>(index + (place << 2), tag | number);
  insert(unitAt(number), slot, key, packets, bytes, start, end);
}

// @ts-ignore: decorator
@inline
function isSame(unit: usize, slot: usize, key: u32): bool {
  if ((load<u32>(unit, flowMeta) & 0x1ff) != key) return false;
  return key < <u32>metaIpv6 || sameBytes(unit + slotBytes, slot + slotBytes);
}

function sameBytes(a: usize, b: usize): bool {
  return (
    load<u64>(a) == load<u64>(b) &&
    load<u64>(a, 8) == load<u64>(b, 8) &&
    load<u64>(a, 16) == load<u64>(b, 16) &&
    load<u64>(a, 24) == load<u64>(b, 24)
  );
}

// @ts-ignore: decorator
@inline
function update(unit: usize, packets: u32, bytes: u64, start: u32, end: u32): void {
  store<u32>(unit, load<u32>(unit, flowPackets) + packets, flowPackets);
  addBytes(unit, bytes);
  const from = load<u32>(unit, flowStart);
  const to = load<u32>(unit, flowEnd);
  if (hasFarTimes || to >= farTimes || from >= farTimes) return updateFar(unit, start, end);
  if (start < from) store<u32>(unit, start, flowStart);
  if (end > to) store<u32>(unit, end, flowEnd);
}

/** Forty-eight bits of bytes: the low word, and the high half of the meta word. */
// @ts-ignore: decorator
@inline
function addBytes(unit: usize, bytes: u64): void {
  const low: u64 = load<u32>(unit, flowBytesLow) + bytes;
  store<u32>(unit, <u32>low, flowBytesLow);
  if (low >> 32 != 0) store<u32>(unit, load<u32>(unit, flowMeta) + (<u32>(low >> 32) << 16), flowMeta);
}

function insert(unit: usize, slot: usize, key: u32, packets: u32, bytes: u64, start: u32, end: u32): void {
  store<u64>(unit, load<u64>(slot));
  store<u32>(unit, load<u32>(slot, slotPorts), slotPorts);
  store<u32>(unit, key | (<u32>(bytes >> 32) << 16), flowMeta);
  store<u32>(unit, packets, flowPackets);
  store<u32>(unit, <u32>bytes, flowBytesLow);
  store<u32>(unit, start, flowStart);
  store<u32>(unit, end, flowEnd);
  if (key >= <u32>metaIpv6) memory.copy(unit + slotBytes, slot + slotBytes, slotBytes);
}

/** First and last time where one of them is a code; a packet without a time says nothing about them. */
function updateFar(unit: usize, start: u32, end: u32): void {
  if (start == noTime) return;
  const from = load<u32>(unit, flowStart);
  if (from == noTime || wide(start) < wide(from)) store<u32>(unit, start, flowStart);
  const to = load<u32>(unit, flowEnd);
  if (to == noTime || wide(end) > wide(to)) store<u32>(unit, end, flowEnd);
}

function wide(code: u32): i64 {
  return code < farTimes ? <i64>code : farSeconds(code);
}

/** Settles a fragment's ports: from now on its slot is one of any packet. */
export function settlePorts(slot: usize, ports: u32): void {
  store<u32>(slot, ports, slotPorts);
  const word = load<u32>(slot, slotProtocol) & ~((formLaterFragment | formFirstFragment) << 16);
  store<u32>(slot, word, slotProtocol);
  const key = (word & 0xff) | (((word >> 16) & formIpv6) << 8);
  store<u32>(slot, hashTuple(load<u64>(slot), ports, key), slotHash);
}

/** Adds sums that were kept aside to the flow of a settled slot in the current window; false when there is no room. */
export function addSums(slot: usize, packets: u32, bytesLow: u32, bytesHigh: u32, start: u32, end: u32): bool {
  if (!reserve(4)) return false;
  hasFarTimes = start >= farTimes || end >= farTimes;
  add(slot, packets, ((<u64>bytesHigh) << 32) | bytesLow, start, end, load<u32>(slot, slotHash));
  return true;
}
