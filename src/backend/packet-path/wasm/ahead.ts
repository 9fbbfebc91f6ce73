/** Looks up the packets of a slice ahead, a group at a time. */
import { aheadAt, aheadBytes, packetsAt } from "../layout";
import { entryAt, find, isOf, likely, placeOf } from "./entries";
import { aheadHash, aheadPlace, note } from "./note";

/** Packets that are looked up ahead. */
const groupPackets: u32 = 64;

/** The packets of the slice that are noted: what was found of them stays true as long as entries only come. */
export let notedFrom: u32 = 0;
export let notedUntil: u32 = 0;

/** What the loads ahead gave: looked at by nobody, so that they are not left out. */
let looked: u32 = 0;

/** Nothing is noted any more: a slice begins, or the entries are gone. */
export function forgetNotes(): void {
  notedFrom = notedUntil = 0;
}

/** Where a packet of the slice lies. */
// @ts-ignore: decorator
@inline
export function packetAt(place: u32): usize {
  return packetsAt + (place << 5);
}

/** Where the note of a packet lies that is noted. */
// @ts-ignore: decorator
@inline
export function aheadOf(place: u32): usize {
  return aheadAt + (place - notedFrom) * aheadBytes;
}

/**
 * Notes the packets of a group: first their places in the index, then what these lead to. What is noted is then read
 * with nothing between the reads and none waiting for another, so that as many are under way as the processor can follow.
 */
export function lookAhead(place: u32, end: u32): void {
  notedFrom = place;
  notedUntil = min(place + groupPackets, end);
  const stop = aheadOf(notedUntil);
  let packet = packetAt(place);
  for (let ahead: usize = aheadAt; ahead < stop; ahead += aheadBytes, packet += 32) {
    note(packet, ahead);
    store<u32>(ahead, <u32>placeOf(load<u32>(ahead, aheadHash)), aheadPlace);
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

/** The entry of the packet that was noted, mostly without a search; 0 where it has none. */
// @ts-ignore: decorator
@inline
export function entryOf(ahead: usize): usize {
  const entry: usize = load<u32>(ahead, aheadPlace);
  if (isOf(entry, ahead)) return entry;
  const number = find(ahead);
  return number == 0 ? 0 : entryAt(number - 1);
}
