/**
 * From an IP header to a packet's slots. Only the outer header counts; lengths are the header's own, so a cut capture
 * loses nothing.
 */
import {
  farTimes,
  formFirstFragment,
  formIpv6,
  formLaterFragment,
  formQuotes,
  formUntimed,
  metaIpv6,
  slotBytes,
  slotHash,
  slotLength,
  slotNanos,
  slotPorts,
  slotProtocol,
  slotSeconds,
} from "../layout";
import { foldAddresses, hashTuple, load16, load32 } from "./bytes";
import { frameNanos, frameSeconds, sumsOnly } from "./output";

const icmp: u32 = 1;
const tcp: u32 = 6;
const udp: u32 = 17;
const icmpv6: u32 = 58;

/** What the transport header gave: ports, TCP flags, where a quoted packet begins (0: there is none). */
let ports: u32 = 0;
let tcpFlags: u32 = 0;
let quoteAt: usize = 0;

/**
 * Writes the slots of the IPv4 packet at `at`; gives how many, 0 when its header cannot be read. `untilEnd` bytes of
 * the frame lay between `at` and its end before it was cut.
 */
export function ipv4(at: usize, end: usize, untilEnd: u32, slot: usize, isQuoted: bool): u32 {
  if (at + 20 > end) return 0;
  const first: u32 = load<u8>(at);
  const headerLength = (first & 15) << 2;
  let length = load16(at + 2);
  if (first >> 4 != 4 || headerLength < 20 || (length < headerLength && length != 0)) return 0;
  // Segmentation offload leaves 0 in the header: the frame on the card was this long.
  if (length == 0) length = untilEnd;
  else if (at + length < end) end = at + length;
  const fragment = load16(at + 6) & 0x3fff;
  const protocol: u32 = load<u8>(at, 9);
  const form = fragment == 0 ? 0 : (fragment & 0x1fff) != 0 ? formLaterFragment : formFirstFragment;
  readTransport(at + headerLength, end, protocol, form, isQuoted);
  const addresses = load<u64>(at, 12);
  store<u64>(slot, addresses);
  return finish(slot, addresses, protocol, form, length, load16(at + 4), end, isQuoted);
}

/** Writes the slots of the IPv6 packet at `at`; gives how many, 0 when its header cannot be read. */
export function ipv6(at: usize, end: usize, slot: usize, isQuoted: bool): u32 {
  if (at + 40 > end || load<u8>(at) >> 4 != 6) return 0;
  const payload = load16(at + 4);
  if (payload != 0 && at + 40 + payload < end) end = at + 40 + payload;
  let protocol: u32 = load<u8>(at, 6);
  let next = at + 40;
  let form: u32 = 0;
  let id: u32 = 0;
  while (next + 8 <= end && (protocol == 0 || protocol == 43 || protocol == 60 || protocol == 44)) {
    const isFragment = protocol == 44;
    protocol = load<u8>(next);
    if (!isFragment) {
      next += ((<u32>load<u8>(next, 1)) + 1) << 3;
      continue;
    }
    const offset = load16(next + 2);
    // Offset 0 and no more to come: a whole packet that has a fragment header all the same.
    if ((offset & 0xfff9) != 0) {
      id = load32(next + 4);
      form = (offset & 0xfff8) != 0 ? formLaterFragment : formFirstFragment;
    }
    next += 8;
    if (form == formLaterFragment) break;
  }
  readTransport(next, end, protocol, form, isQuoted);
  const addresses = foldAddresses(at + 8);
  store<u64>(slot, addresses);
  memory.copy(slot + slotBytes, at + 8, 32);
  return finish(slot, addresses, protocol, form | formIpv6, payload + 40, id, end, isQuoted);
}

/** Fills the header slot's remaining words; the addresses stand in it already. */
function finish(slot: usize, addresses: u64, protocol: u32, form: u32, length: u32, id: u32, end: usize, isQuoted: bool): u32 {
  const isFragment = (form & (formLaterFragment | formFirstFragment)) != 0;
  let slots: u32 = 1 + (form & formIpv6);
  const seconds = frameSeconds();
  if (seconds >= farTimes) form |= formUntimed;
  store<u32>(slot, ports, slotPorts);
  store<u32>(slot, length, slotLength);
  store<u32>(slot, seconds, slotSeconds);
  if (sumsOnly) {
    const key = protocol | ((form & formIpv6) != 0 ? metaIpv6 : 0);
    store<u32>(slot, isFragment ? id : 0, slotNanos);
    store<u32>(slot, hashTuple(addresses, ports, key), slotHash);
  } else {
    const flags = tcpFlags;
    store<u32>(slot, frameNanos(), slotNanos);
    store<u32>(slot, isFragment ? id : 0, slotHash);
    const inner = isQuoted || quoteAt == 0 ? 0 : quote(slot + slots * slotBytes, protocol, end);
    if (inner != 0) form |= formQuotes;
    slots += inner;
    store<u32>(slot, protocol | (flags << 8) | (form << 16) | (slots << 24), slotProtocol);
    return slots;
  }
  store<u32>(slot, protocol | (form << 16) | (slots << 24), slotProtocol);
  return slots;
}

/** The packet inside an ICMP error; where too little of it is there, the error stands without one. */
function quote(slot: usize, protocol: u32, end: usize): u32 {
  const at = quoteAt;
  return protocol == icmp ? ipv4(at, end, <u32>(end - at), slot, true) : ipv6(at, end, slot, true);
}

// @ts-ignore: decorator
@inline
function readTransport(at: usize, end: usize, protocol: u32, form: u32, isQuoted: bool): void {
  ports = 0;
  tcpFlags = 0;
  quoteAt = 0;
  if (form == formLaterFragment || at + 4 > end) return;
  if (protocol == tcp || protocol == udp) {
    ports = load<u32>(at);
    if (protocol == tcp && at + 14 <= end) tcpFlags = load<u8>(at, 13);
  } else if (!sumsOnly && (protocol == icmp || protocol == icmpv6)) readIcmp(at, end, protocol, isQuoted);
}

/** Type and code stand where the destination port does, a query's identifier where the source port does. */
function readIcmp(at: usize, end: usize, protocol: u32, isQuoted: bool): void {
  const type: u32 = load<u8>(at);
  ports = (<u32>load<u16>(at)) << 16;
  if (at + 8 > end) return;
  const isQuery = protocol == icmp ? isIcmpQuery(type) : type == 128 || type == 129;
  if (isQuery) ports |= load<u16>(at, 4);
  const isError = protocol == icmp ? isIcmpError(type) : type >= 1 && type <= 4;
  if (isError && !isQuoted) quoteAt = at + 8;
}

function isIcmpQuery(type: u32): bool {
  return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

function isIcmpError(type: u32): bool {
  return (type >= 3 && type <= 5) || type == 11 || type == 12;
}
