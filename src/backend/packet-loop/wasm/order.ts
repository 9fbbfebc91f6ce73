/** Puts a window's flows in the order of their addresses, protocol and ports. */
import { flowMeta, flowPackets, metaIpv6, slotPorts, unitBytes } from "../layout";
import { load32 } from "./bytes";
import { allocate, release } from "./memory";
import { unitAt, units } from "./window";

/** Lists the current window's unit numbers in order; gives the list's address, 0 when there is no memory for it. */
export function sortFlows(count: u32): usize {
  const size: usize = (<usize>count + 1) << 2;
  let list = allocate(size);
  let other = allocate(size);
  if (list == 0 || other == 0) return 0;
  let length: u32 = 0;
  for (let number: u32 = 1; number < units; number++) {
    const unit = unitAt(number);
    if (load<u32>(unit, flowPackets) == 0) continue;
    store<u32>(list + (length++ << 2), number);
    if ((load<u32>(unit, flowMeta) & metaIpv6) != 0) number++;
  }
  for (let width: u32 = 1; width < length; width <<= 1) {
    for (let from: u32 = 0; from < length; from += width << 1) merge(list, other, from, width, length);
    const swap = list;
    list = other;
    other = swap;
  }
  release(other, size);
  return list;
}

export function releaseList(list: usize, count: u32): void {
  release(list, (<usize>count + 1) << 2);
}

function merge(list: usize, into: usize, from: u32, width: u32, length: u32): void {
  const middle = min(from + width, length);
  const end = min(middle + width, length);
  let left = from;
  let right = middle;
  for (let place = from; place < end; place++) {
    const takesLeft = left < middle && (right >= end || compare(load<u32>(list + (left << 2)), load<u32>(list + (right << 2))) <= 0);
    store<u32>(into + (place << 2), load<u32>(list + ((takesLeft ? left++ : right++) << 2)));
  }
}

function compare(numberA: u32, numberB: u32): i32 {
  const a = unitAt(numberA);
  const b = unitAt(numberB);
  const metaA = load<u32>(a, flowMeta) & 0x1ff;
  const metaB = load<u32>(b, flowMeta) & 0x1ff;
  let order = word(metaA & metaIpv6, metaB & metaIpv6);
  if (order != 0) return order;
  const isIpv6 = (metaA & metaIpv6) != 0;
  const addressesA = isIpv6 ? a + unitBytes : a;
  const addressesB = isIpv6 ? b + unitBytes : b;
  const length: usize = isIpv6 ? 32 : 8;
  for (let at: usize = 0; at < length; at += 4) {
    order = word(load32(addressesA + at), load32(addressesB + at));
    if (order != 0) return order;
  }
  order = word(metaA, metaB);
  if (order != 0) return order;
  // Source port, then destination port: as they stand, in network byte order.
  return word(load32(a + slotPorts), load32(b + slotPorts));
}

// @ts-ignore: decorator
@inline
function word(a: u32, b: u32): i32 {
  return a < b ? -1 : a > b ? 1 : 0;
}
