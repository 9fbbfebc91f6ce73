/**
 * A capture window's flows: dense units in the order the flows appeared, and a small index into them by hash.
 *
 * The index has four bytes a place: the unit's number in the low bits, some bits of the hash in the high ones, so that
 * most strangers are passed without looking at their unit.
 */
import {
  flowMeta,
  flowPackets,
  metaIpv6,
  segmentBits,
  slotPorts,
  unitBytes,
  windowBytes,
  windowFlows,
  windowIndex,
  windowIndexBits,
  windowSegmentCount,
  windowSegmentRoom,
  windowSegments,
  windowUnits,
} from "../layout";
import { hashTuple } from "./bytes";
import { allocate, release } from "./memory";

const segmentUnits: u32 = 1 << segmentBits;
const segmentSize: usize = segmentUnits * unitBytes;
const firstRoom: u32 = 16;

/** The current window, its fields unpacked, and the times that belong to it. */
export let current: usize = 0;
export let index: usize = 0;
export let indexShift: u32 = 0;
export let indexMask: u32 = 0;
export let segments: usize = 0;
export let units: u32 = 0;
export let flows: u32 = 0;
/** Units in use in all windows, and flows. */
export let held: u32 = 0;
export let heldFlows: u32 = 0;
export let first: u32 = 0;
export let span: u64 = 0;
/** Units from which on the index, or the segments, must grow. */
let growAt: u32 = 0;
/** How many bits of an index entry are the unit's number. */
export let numberBits: u32 = 24;
export let numberMask: u32 = 0xffffff;
let segmentRoom: u32 = 0;
let segmentCount: u32 = 0;
/** The index that was dropped last: the next that grows will likely need as much. */
let spare: usize = 0;
let spareBits: u32 = 0;

/** Opens a window; 0 when there is no memory for it. */
export function openWindow(bits: u32): usize {
  const window = allocate(windowBytes);
  if (window == 0) return 0;
  memory.fill(window, 0, windowBytes);
  const table = allocate((<usize>4) << bits);
  const list = allocate(firstRoom << 2);
  if (table == 0 || list == 0) return 0;
  memory.fill(table, 0, (<usize>4) << bits);
  store<u32>(window, <u32>table, windowIndex);
  store<u32>(window, bits, windowIndexBits);
  store<u32>(window, <u32>list, windowSegments);
  store<u32>(window, firstRoom, windowSegmentRoom);
  store<u32>(window, 1, windowUnits);
  held++;
  return window;
}

/** Makes a window the current one; the one before is packed again. */
export function useWindow(window: usize): void {
  pack();
  current = window;
  if (window != 0) unpack(window);
}

/** Makes a window that another instance sums into the one that is written; nothing may be summed into it here. */
export function readWindow(window: usize): void {
  pack();
  current = 0;
  unpack(window);
}

function unpack(window: usize): void {
  const bits = load<u32>(window, windowIndexBits);
  setIndex(load<u32>(window, windowIndex), bits);
  segments = load<u32>(window, windowSegments);
  segmentRoom = load<u32>(window, windowSegmentRoom);
  segmentCount = load<u32>(window, windowSegmentCount);
  units = load<u32>(window, windowUnits);
  flows = load<u32>(window, windowFlows);
}

/** Sets which times belong to the current window: from the first on, so many seconds (64 bits in two halves). */
export function setTimes(firstSecond: u32, spanLow: u32, spanHigh: u32): void {
  first = firstSecond;
  span = ((<u64>spanHigh) << 32) | spanLow;
}

function pack(): void {
  if (current == 0) return;
  store<u32>(current, <u32>index, windowIndex);
  store<u32>(current, 32 - indexShift, windowIndexBits);
  store<u32>(current, <u32>segments, windowSegments);
  store<u32>(current, segmentRoom, windowSegmentRoom);
  store<u32>(current, segmentCount, windowSegmentCount);
  store<u32>(current, units, windowUnits);
  store<u32>(current, flows, windowFlows);
}

/** Takes a window's index for the next one that grows. The window must not be the current one. */
export function dropIndex(window: usize): void {
  const table: usize = load<u32>(window, windowIndex);
  if (table == 0) return;
  if (spare != 0) release(spare, (<usize>4) << spareBits);
  spare = table;
  spareBits = load<u32>(window, windowIndexBits);
  store<u32>(window, 0, windowIndex);
}

/** Makes the current window's index again where it was dropped; false when there is no memory for it. */
export function makeIndex(): bool {
  return index != 0 || fillIndex(32 - indexShift);
}

/** Gives a window's memory back. It must not be the current one. */
export function closeWindow(window: usize): void {
  held -= load<u32>(window, windowUnits);
  heldFlows -= load<u32>(window, windowFlows);
  dropIndex(window);
  const list = load<u32>(window, windowSegments);
  const count = load<u32>(window, windowSegmentCount);
  for (let place: u32 = 0; place < count; place++) release(load<u32>(list + (place << 2)), segmentSize);
  release(list, load<u32>(window, windowSegmentRoom) << 2);
  release(window, windowBytes);
}

function setIndex(table: usize, bits: u32): void {
  index = table;
  indexShift = 32 - bits;
  indexMask = (1 << bits) - 1;
  // Two of three places at most are taken.
  growAt = <u32>(((<u64>1 << bits) * 2) / 3);
  numberBits = bits <= 24 ? 24 : 28;
  numberMask = (1 << numberBits) - 1;
}

/** Makes sure of room for `more` units; false when there is none. */
export function reserve(more: u32): bool {
  while (units + more >= growAt) if (!growIndex()) return false;
  while (units + more >= segmentCount << segmentBits) if (!addSegment()) return false;
  return true;
}

// @ts-ignore: decorator
@inline
export function unitAt(number: u32): usize {
  return load<u32>(segments + ((number >> segmentBits) << 2)) + ((number & (segmentUnits - 1)) << 5);
}

/** Takes the next unit, or the next two of one segment. */
export function takeUnits(count: u32): u32 {
  if (count == 2 && (units & (segmentUnits - 1)) == segmentUnits - 1) {
    store<u32>(unitAt(units), 0, flowPackets);
    units++;
    held++;
  }
  const number = units;
  units += count;
  held += count;
  heldFlows++;
  flows++;
  return number;
}

function addSegment(): bool {
  if (segmentCount == segmentRoom) {
    const larger = allocate(segmentRoom << 3);
    if (larger == 0) return false;
    memory.copy(larger, segments, segmentCount << 2);
    release(segments, segmentRoom << 2);
    segments = larger;
    segmentRoom <<= 1;
  }
  const segment = allocate(segmentSize);
  if (segment == 0) return false;
  store<u32>(segments + (segmentCount << 2), <u32>segment);
  segmentCount++;
  return true;
}

function growIndex(): bool {
  const old = index;
  const oldBits: u32 = 32 - indexShift;
  const bits: u32 = max(oldBits + 1, spareBits);
  if (bits > 28 || !fillIndex(bits)) return false;
  release(old, (<usize>4) << oldBits);
  return true;
}

/** Makes an index of that size for the units there are. */
function fillIndex(bits: u32): bool {
  const table = bits == spareBits ? spare : allocate((<usize>4) << bits);
  if (table == 0) return false;
  if (table == spare) {
    spare = 0;
    spareBits = 0;
  }
  memory.fill(table, 0, (<usize>4) << bits);
  setIndex(table, bits);
  for (let number: u32 = 1; number < units; number++) {
    const unit = unitAt(number);
    if (load<u32>(unit, flowPackets) == 0) continue;
    const hash = hashOfUnit(unit);
    let place = hash >> indexShift;
    while (load<u32>(index + (place << 2)) != 0) place = (place + 1) & indexMask;
    store<u32>(index + (place << 2), (hash << numberBits) | number);
    if ((load<u32>(unit, flowMeta) & metaIpv6) != 0) number++;
  }
  return true;
}

function hashOfUnit(unit: usize): u32 {
  return hashTuple(load<u64>(unit), load<u32>(unit, slotPorts), load<u32>(unit, flowMeta) & 0x1ff);
}
