/**
 * Finds the flows of a run of packets before the first of them is summed.
 *
 * Index and units are far larger than the processor's caches. Addresses are noted first and then read one after the
 * other, with nothing between the reads and none waiting for another: so as many are under way as the processor can
 * follow, and the sums find everything at hand.
 */
import { formIpv6, slotBytes, slotForm, slotHash } from "../layout";
import { allocate } from "./memory";
import { index, indexMask, indexShift, numberBits, numberMask, unitAt } from "./window";

/** Most packets of a run: what it reads stays in the nearest cache until it is summed. */
export const runPackets: u32 = 128;
const readsAtOnce: u32 = 8;

/** An address for each packet of the run: of its place in the index, then of its unit. */
export let notes: usize = 0;
/** Keeps the reads from being left out as useless. */
let read: u32 = 0;

/** Makes room for notes; false when there is none. */
export function makeNotes(): bool {
  if (notes == 0) notes = allocate((runPackets + readsAtOnce) << 2);
  return notes != 0;
}

/** Notes the place in the index where the search for a hash begins. */
// @ts-ignore: decorator
@inline
export function notePlace(note: usize, hash: u32): void {
  store<u32>(note, <u32>index + ((hash >> indexShift) << 2));
}

/**
 * From the places noted for the packets between `at` and `end` to the units that likely are theirs: noted in their
 * stead, 0 where a flow begins.
 */
export function findUnits(at: usize, end: usize, notesEnd: usize): void {
  readNoted(notesEnd);
  let note = notes;
  while (at < end) {
    const tag = load<u32>(at, slotHash) << numberBits;
    let place: usize = load<u32>(note);
    let entry = load<u32>(place);
    while (entry != 0 && (entry ^ tag) >> numberBits != 0) {
      place = index + ((place + 4 - index) & (indexMask << 2));
      entry = load<u32>(place);
    }
    store<u32>(note, entry == 0 ? 0 : <u32>unitAt(entry & numberMask));
    note += 4;
    at += (1 + ((<u32>load<u8>(at, slotForm)) & formIpv6)) * slotBytes;
  }
  readNoted(notesEnd);
}

function readNoted(end: usize): void {
  // The reads go in eights: the last eight may read the memory's first word, which does no harm.
  for (let note = end; note < end + (readsAtOnce << 2); note += 4) store<u32>(note, 0);
  let sum: u32 = 0;
  for (let note = notes; note < end; note += readsAtOnce << 2) {
    sum += load<u32>(load<u32>(note));
    sum += load<u32>(load<u32>(note, 4));
    sum += load<u32>(load<u32>(note, 8));
    sum += load<u32>(load<u32>(note, 12));
    sum += load<u32>(load<u32>(note, 16));
    sum += load<u32>(load<u32>(note, 20));
    sum += load<u32>(load<u32>(note, 24));
    sum += load<u32>(load<u32>(note, 28));
  }
  read = sum;
}
