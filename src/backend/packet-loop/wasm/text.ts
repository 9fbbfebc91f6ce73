/** Flows as text: nine fields between words that the host sets, so that one writer makes lines, CSV and JSON. */
import {
  farTimes,
  flowBytesLow,
  flowEnd,
  flowMeta,
  flowPackets,
  flowStart,
  literalAbsent,
  literalBytes,
  literalCount,
  literalLength,
  metaIpv6,
  noTime,
  slotDst,
  slotPorts,
  slotSrc,
  unitBytes,
} from "../layout";
import { load16 } from "./bytes";
import { farSeconds } from "./output";
import { unitAt } from "./window";

let literals: usize = 0;
/** Each octet in decimal, and its length in the fourth byte; each number below 10,000 in four digits. */
let octets: usize = 0;
let quads: usize = 0;

/** How many records the last call wrote. */
export let written: u32 = 0;

/** The address of a literal: up to 31 bytes, then its length. */
export function literalAt(place: u32): usize {
  return literals + place * literalBytes;
}

/** Makes the tables in a place of `textTableBytes`; before anything is written. */
export function prepareText(place: usize): void {
  useText(place);
  for (let octet: u32 = 0; octet < 256; octet++) {
    const at = octets + (octet << 2);
    const length: u32 = octet > 99 ? 3 : octet > 9 ? 2 : 1;
    let rest = octet;
    for (let place = length; place > 0; place--) {
      store<u8>(at + place - 1, <u8>(48 + (rest % 10)));
      rest /= 10;
    }
    store<u8>(at, <u8>length, 3);
  }
  for (let number: u32 = 0; number < 10000; number++) {
    const at = quads + (number << 2);
    store<u8>(at, <u8>(48 + number / 1000));
    store<u8>(at, <u8>(48 + ((number / 100) % 10)), 1);
    store<u8>(at, <u8>(48 + ((number / 10) % 10)), 2);
    store<u8>(at, <u8>(48 + (number % 10)), 3);
  }
}

/** Uses the tables that another instance made there. */
export function useText(place: usize): void {
  literals = place;
  octets = place + literalCount * literalBytes;
  quads = octets + 256 * 4;
}

/**
 * Writes the records of the current window's units from number `from` to before `until`, in the order they appeared;
 * gives the text's end. There must be room for as many records of the greatest length.
 */
export function writeFlows(from: u32, until: u32, at: usize, activation: u32, withAll: bool): usize {
  written = 0;
  for (let number = max<u32>(from, 1); number < until; number++) {
    const unit = unitAt(number);
    if (load<u32>(unit, flowPackets) == 0) continue;
    if ((load<u32>(unit, flowMeta) & metaIpv6) != 0) number++;
    if (!withAll && isLeftOut(unit, activation)) continue;
    at = writeFlow(unit, at);
    written++;
  }
  return at;
}

/** The same for a list of unit numbers, from its place `from` to before `until`. */
export function writeList(list: usize, from: u32, until: u32, at: usize, activation: u32, withAll: bool): usize {
  written = 0;
  for (let place = from; place < until; place++) {
    const unit = unitAt(load<u32>(list + (place << 2)));
    if (!withAll && isLeftOut(unit, activation)) continue;
    at = writeFlow(unit, at);
    written++;
  }
  return at;
}

/** DHCP, and licence activation (port 1688 of that address, which stands as on the wire). */
function isLeftOut(unit: usize, activation: u32): bool {
  const meta = load<u32>(unit, flowMeta) & 0x1ff;
  const protocol = meta & 0xff;
  if (protocol != 17 && protocol != 6) return false;
  const src = load16(unit + slotPorts);
  const dst = load16(unit + slotPorts + 2);
  if (protocol == 17) return (isDhcp(src) && isDhcp(dst)) || (isDhcpv6(src) && isDhcpv6(dst));
  if (meta >= <u32>metaIpv6) return false;
  return (dst == 1688 && load<u32>(unit, slotDst) == activation) || (src == 1688 && load<u32>(unit, slotSrc) == activation);
}

function isDhcp(port: u32): bool {
  return port == 67 || port == 68;
}

function isDhcpv6(port: u32): bool {
  return port == 546 || port == 547;
}

function writeFlow(unit: usize, at: usize): usize {
  const meta = load<u32>(unit, flowMeta);
  at = literal(0, at);
  if ((meta & metaIpv6) != 0) {
    at = ipv6(unit + unitBytes, at);
    at = ipv6(unit + unitBytes + 16, literal(1, at));
  } else {
    at = ipv4(unit + slotSrc, at);
    at = ipv4(unit + slotDst, literal(1, at));
  }
  at = small(load16(unit + slotPorts), literal(2, at));
  at = small(load16(unit + slotPorts + 2), literal(3, at));
  at = small(meta & 0xff, literal(4, at));
  at = number(load<u32>(unit, flowPackets), literal(5, at));
  at = number(((<u64>(meta >> 16)) << 32) | load<u32>(unit, flowBytesLow), literal(6, at));
  at = time(load<u32>(unit, flowStart), literal(7, at));
  at = time(load<u32>(unit, flowEnd), literal(8, at));
  return literal(9, at);
}

// @ts-ignore: decorator
@inline
function literal(place: u32, at: usize): usize {
  const from = literals + place * literalBytes;
  const length: u32 = load<u8>(from, literalLength);
  store<u64>(at, load<u64>(from));
  if (length > 8) {
    store<u64>(at, load<u64>(from, 8), 8);
    store<u64>(at, load<u64>(from, 16), 16);
    store<u64>(at, load<u64>(from, 24), 24);
  }
  return at + length;
}

// @ts-ignore: decorator
@inline
function octet(value: u32, at: usize): usize {
  const text = load<u32>(octets + (value << 2));
  store<u32>(at, text);
  return at + (text >> 24);
}

function ipv4(from: usize, at: usize): usize {
  const address = load<u32>(from);
  at = octet(address & 255, at);
  store<u8>(at, 46);
  at = octet((address >> 8) & 255, at + 1);
  store<u8>(at, 46);
  at = octet((address >> 16) & 255, at + 1);
  store<u8>(at, 46);
  return octet(address >> 24, at + 1);
}

/** As RFC 5952 says: lower case, the longest run of zeros shortened, IPv4-mapped addresses dotted. */
function ipv6(from: usize, at: usize): usize {
  if (load<u64>(from) == 0 && load<u32>(from, 8) == 0xffff0000) {
    store<u64>(at, 0x3a666666663a3a);
    return ipv4(from + 12, at + 7);
  }
  let runStart: u32 = 8;
  let runLength: u32 = 1;
  let start: u32 = 0;
  for (let group: u32 = 0; group <= 8; group++) {
    if (group < 8 && load<u16>(from + (group << 1)) == 0) continue;
    if (group - start > runLength) {
      runStart = start;
      runLength = group - start;
    }
    start = group + 1;
  }
  for (let group: u32 = 0; group < 8; group++) {
    if (group == runStart) {
      store<u16>(at, 0x3a3a);
      at += 2;
      group += runLength - 1;
      continue;
    }
    if (group > 0 && group != runStart + runLength) store<u8>(at++, 58);
    at = hex(load16(from + (group << 1)), at);
  }
  return at;
}

function hex(value: u32, at: usize): usize {
  let shift: i32 = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0;
  for (; shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 15;
    store<u8>(at++, <u8>(digit < 10 ? 48 + digit : 87 + digit));
  }
  return at;
}

/** A number below 10,000 without leading zeros. */
// @ts-ignore: decorator
@inline
function quad(value: u32, at: usize): usize {
  const text = load<u32>(quads + (value << 2));
  const length: u32 = value > 999 ? 4 : value > 99 ? 3 : value > 9 ? 2 : 1;
  store<u32>(at, text >> ((4 - length) << 3));
  return at + length;
}

// @ts-ignore: decorator
@inline
function small(value: u32, at: usize): usize {
  if (value < 10000) return quad(value, at);
  store<u8>(at, <u8>(48 + value / 10000));
  store<u32>(at, load<u32>(quads + ((value % 10000) << 2)), 1);
  return at + 5;
}

function number(value: u64, at: usize): usize {
  if (value < 10000) return quad(<u32>value, at);
  at = number(value / 10000, at);
  store<u32>(at, load<u32>(quads + (<u32>(value % 10000) << 2)));
  return at + 4;
}

function time(code: u32, at: usize): usize {
  if (code < farTimes) {
    if (code >= 100000000) {
      at = small(code / 100000000, at);
      store<u32>(at, load<u32>(quads + (((code / 10000) % 10000) << 2)));
      store<u32>(at, load<u32>(quads + ((code % 10000) << 2)), 4);
      return at + 8;
    }
    return number(code, at);
  }
  if (code == noTime) return literal(literalAbsent, at);
  const seconds = farSeconds(code);
  if (seconds >= 0) return number(<u64>seconds, at);
  store<u8>(at, 45);
  return number(<u64>-seconds, at + 1);
}
