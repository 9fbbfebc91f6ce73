/** From a captured frame to a packet: the link layers. Frames without IP, or of another kind, are counted. */
import { load16 } from "./bytes";
import { countFrame, countNotIp, countOtherLink, countUndecodable, keep, out } from "./output";
import { ipv4, ipv6 } from "./packet";

/** Decodes the frame in `at` to `end`, cut from `length` bytes. */
export function decodeFrame(linkType: u32, at: usize, end: usize, length: u32): void {
  countFrame();
  if (linkType == 1) return ethernet(at, end, length);
  switch (linkType) {
    case 0:
    case 108:
      return loopback(at, end, length, linkType == 108);
    case 12:
    case 14:
    case 101:
      return rawIp(at, end, length);
    case 113:
      return typed(at + 14, at, end, length);
    case 228:
      return take(ipv4(at, end, length, out, false));
    case 229:
      return take(ipv6(at, end, out, false));
    case 276:
      return cooked2(at, end, length);
    default:
      countOtherLink();
  }
}

// @ts-ignore: decorator
@inline
function take(slots: u32): void {
  if (slots == 0) countUndecodable();
  else keep(slots);
}

function ethernet(at: usize, end: usize, length: u32): void {
  typed(at + 12, at, end, length);
}

/** An EtherType at `at`, behind any number of VLAN tags, and what it announces. */
// @ts-ignore: decorator
@inline
function typed(at: usize, frame: usize, end: usize, length: u32): void {
  if (at + 2 > end) return countNotIp();
  let type = load16(at);
  while (type == 0x8100 || type == 0x88a8 || type == 0x9100) {
    at += 4;
    if (at + 2 > end) return countNotIp();
    type = load16(at);
  }
  at += 2;
  if (type == 0x0800) take(ipv4(at, end, length - <u32>(at - frame), out, false));
  else if (type == 0x86dd) take(ipv6(at, end, out, false));
  else countNotIp();
}

/** Linux cooked capture, second version: the protocol first, 20 bytes in all. */
function cooked2(at: usize, end: usize, length: u32): void {
  if (at + 20 > end) return countNotIp();
  const type = load16(at);
  if (type == 0x0800) return take(ipv4(at + 20, end, length - 20, out, false));
  if (type == 0x86dd) return take(ipv6(at + 20, end, out, false));
  if (type != 0x8100 && type != 0x88a8 && type != 0x9100) return countNotIp();
  // A VLAN tag stands before the payload: the tag's two bytes, then the type it announces.
  typed(at + 22, at, end, length);
}

/** The address family as the recording machine numbers it, in its own byte order or (type 108) the network's. */
function loopback(at: usize, end: usize, length: u32, isNetworkOrder: bool): void {
  if (at + 4 > end) return countNotIp();
  let family = load<u32>(at);
  if (isNetworkOrder || family > 0xffff) family = bswap<u32>(family);
  if (family == 2) take(ipv4(at + 4, end, length - 4, out, false));
  else if (family == 10 || family == 24 || family == 28 || family == 30) take(ipv6(at + 4, end, out, false));
  else countNotIp();
}

function rawIp(at: usize, end: usize, length: u32): void {
  if (at >= end) return countUndecodable();
  if (load<u8>(at) >> 4 == 6) take(ipv6(at, end, out, false));
  else take(ipv4(at, end, length, out, false));
}
