/**
 * From a captured frame to a packet header: link layer, IPv4 or IPv6, and the first bytes of what they carry.
 *
 * Only the outer IP header counts; lengths are the header's own, so a cut capture loses nothing. What these functions
 * cannot read they say so of, and never throw.
 */
import { icmp, icmpv6, tcp, udp } from "../../net/protocols.ts";
import type { FragmentMemory } from "./fragment-memory.ts";
import { Form, type PacketBatch } from "./packet-batch.ts";

/** What became of a frame: a packet in the batch, no IP at all (such as ARP), or an IP header that cannot be read. */
export type Decoded = "packet" | "not-ip" | "undecodable";

/** A captured frame: bytes `start` to `end` of `data`, cut from `originalLength`. */
export interface Frame {
  readonly data: Buffer;
  readonly start: number;
  readonly end: number;
  readonly originalLength: number;
  /** The ports of first fragments, for those that follow. */
  readonly fragments: FragmentMemory;
}

/** Link types (as capture files number them) whose frames can be read. */
export const linkTypeNames: Readonly<Record<number, string>> = { 1: "Ethernet" };

const vlanTypes: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);

/** Most VLAN tags that are looked behind. */
const maxVlanTags = 3;

/** Appends the frame's packet header to the batch, its time left to the caller. */
export function decodeEthernet(frame: Frame, batch: PacketBatch): Decoded {
  const { data, start, end } = frame;
  if (end - start < 14) return "not-ip";
  let at = start + 12;
  let etherType = data.readUInt16BE(at);
  for (let tags = 0; vlanTypes.has(etherType) && tags < maxVlanTags; tags++) {
    if (at + 6 > end) return "not-ip";
    at += 4;
    etherType = data.readUInt16BE(at);
  }
  if (etherType === 0x0800) return decodeIpv4(frame, at + 2, batch);
  if (etherType === 0x86dd) return decodeIpv6(frame, at + 2, batch);
  return "not-ip";
}

function decodeIpv4(frame: Frame, at: number, batch: PacketBatch): Decoded {
  const { data, start, end, originalLength } = frame;
  if (end - at < 20) return "undecodable";
  const headerLength = (data[at]! & 15) * 4;
  const totalLength = data.readUInt16BE(at + 2);
  if (data[at]! >> 4 !== 4 || headerLength < 20) return "undecodable";
  if (totalLength < headerLength && totalLength !== 0) return "undecodable";
  const entry = batch.add();
  batch.bytes.set(data.subarray(at + 12, at + 20), entry);
  const protocol = data[at + 9]!;
  const fragment = data.readUInt16BE(at + 6);
  const isLaterFragment = (fragment & 0x1fff) !== 0;
  batch.bytes[entry + 12] = protocol;
  batch.bytes[entry + 14] = isLaterFragment ? Form.laterFragment : 0;
  // Segmentation offload leaves 0 in the header: the frame on the card was this long.
  batch.view.setUint32(entry + 16, totalLength === 0 ? originalLength - (at - start) : totalLength, true);
  if (!isLaterFragment) decodeTransport(frame, at + headerLength, protocol, batch, entry);
  const isFragment = (fragment & 0x3fff) !== 0;
  if (isFragment) frame.fragments.follow(batch, entry, data.readUInt16BE(at + 4), isLaterFragment);
  return "packet";
}

const extensionHeaders: ReadonlySet<number> = new Set([0, 43, 60]);
const fragmentHeader = 44;

function decodeIpv6(frame: Frame, at: number, batch: PacketBatch): Decoded {
  const { data, end } = frame;
  if (end - at < 40 || data[at]! >> 4 !== 6) return "undecodable";
  const entry = batch.add();
  const { view } = batch;
  view.setUint32(entry, batch.ipv6.place(data.subarray(at + 8, at + 24)), true);
  view.setUint32(entry + 4, batch.ipv6.place(data.subarray(at + 24, at + 40)), true);
  view.setUint32(entry + 16, data.readUInt16BE(at + 4) + 40, true);
  let protocol = data[at + 6]!;
  let next = at + 40;
  let isLaterFragment = false;
  let fragmentId: number | undefined;
  while (!isLaterFragment && next + 8 <= end && (extensionHeaders.has(protocol) || protocol === fragmentHeader)) {
    const isFragment = protocol === fragmentHeader;
    isLaterFragment = isFragment && (data.readUInt16BE(next + 2) & 0xfff8) !== 0;
    if (isFragment) fragmentId = data.readUInt32BE(next + 4);
    protocol = data[next]!;
    next += isFragment ? 8 : (data[next + 1]! + 1) * 8;
  }
  batch.bytes[entry + 12] = protocol;
  batch.bytes[entry + 14] = Form.ipv6 | (isLaterFragment ? Form.laterFragment : 0);
  if (!isLaterFragment) decodeTransport(frame, next, protocol, batch, entry);
  if (fragmentId !== undefined) frame.fragments.follow(batch, entry, fragmentId, isLaterFragment);
  return "packet";
}

const icmpQueries: ReadonlySet<number> = new Set([0, 8, 13, 14, 15, 16, 17, 18]);
const icmpErrors: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
const icmpv6Errors: ReadonlySet<number> = new Set([1, 2, 3, 4]);

function decodeTransport(frame: Frame, at: number, protocol: number, batch: PacketBatch, entry: number): void {
  const { data, end } = frame;
  if (at + 4 > end) return;
  if (protocol === tcp || protocol === udp) {
    batch.bytes.set(data.subarray(at, at + 4), entry + 8);
    if (protocol === tcp && at + 14 <= end) batch.bytes[entry + 13] = data[at + 13]!;
    return;
  }
  if (protocol !== icmp && protocol !== icmpv6) return;
  const type = data[at]!;
  batch.bytes[entry + 10] = type;
  batch.bytes[entry + 11] = data[at + 1]!;
  if (at + 8 > end) return;
  const isQuery = protocol === icmp ? icmpQueries.has(type) : type === 128 || type === 129;
  if (isQuery) batch.bytes.set(data.subarray(at + 4, at + 6), entry + 8);
  const isError = protocol === icmp ? icmpErrors.has(type) : icmpv6Errors.has(type);
  if (isError && batch.quoted) quote(frame, at + 8, protocol, batch, entry);
}

/** Reads the packet inside an ICMP error; where too little of it is there, the error stands without one. */
function quote(frame: Frame, at: number, protocol: number, batch: PacketBatch, entry: number): void {
  const quoted = batch.quoted!;
  const inner = { ...frame, start: at };
  const outcome = protocol === icmp ? decodeIpv4(inner, at, quoted) : decodeIpv6(inner, at, quoted);
  if (outcome === "packet") batch.view.setUint32(entry + 28, quoted.count, true);
}
