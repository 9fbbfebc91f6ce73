/**
 * Memory by powers of two: what is given back is given out again, whole or in halves, so that windows of the same size
 * reuse it, and flows the indexes that grew too small for them.
 */

const smallest: u32 = 6;
const classes: u32 = 32;

/** The first free byte that was never given out, and the end of the memory there is. */
let fresh: usize = 0;
let limit: usize = 0;
/** A chain of free pieces for each power of two. */
let free: usize = 0;

/** Sets where the memory begins that may be given out: in memory that two instances share, one of them gives it out. */
export function setHeap(start: usize): void {
  free = start;
  memory.fill(free, 0, classes << 2);
  fresh = start + (classes << 2);
  limit = <usize>memory.size() << 16;
}

function classOf(size: usize): u32 {
  const bits: u32 = 32 - clz<u32>(<u32>size - 1);
  return max(bits, smallest);
}

/** Gives memory of at least that size, its content undefined; 0 when there is no more. */
export function allocate(size: usize): usize {
  const bits = classOf(size);
  if (bits >= classes) return 0;
  const head = load<usize>(free + (bits << 2));
  const bytes = (<usize>1) << bits;
  if (head != 0) {
    store<usize>(free + (bits << 2), load<usize>(head));
    return head;
  }
  const half = halve(bits);
  if (half != 0) return half;
  const end = <u64>fresh + bytes;
  if (end > limit && !grow(end)) return 0;
  const at = fresh;
  fresh = <usize>end;
  return at;
}

/** A piece of the next larger one that is free, the rest of which stays free; 0 where there is none. */
function halve(bits: u32): usize {
  let larger = bits + 1;
  while (larger < classes && load<usize>(free + (larger << 2)) == 0) larger++;
  if (larger >= classes) return 0;
  const at = load<usize>(free + (larger << 2));
  store<usize>(free + (larger << 2), load<usize>(at));
  while (larger > bits) {
    larger--;
    release(at + ((<usize>1) << larger), (<usize>1) << larger);
  }
  return at;
}

function grow(end: u64): bool {
  const pages = <u32>((end - limit + 0xffff) >> 16);
  // A little more each time, so that growing stays rare.
  const extra: u32 = pages < 64 ? 64 : pages;
  if (memory.grow(extra) < 0 && memory.grow(pages) < 0) return false;
  limit = <usize>memory.size() << 16;
  return end <= limit;
}

/** Gives memory back, with the size that was asked for. */
export function release(at: usize, size: usize): void {
  const bits = classOf(size);
  store<usize>(at, load<usize>(free + (bits << 2)));
  store<usize>(free + (bits << 2), at);
}
