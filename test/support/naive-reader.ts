/**
 * A second reader of captures, written for plainness alone: whole file in memory, a map by text, BigInt times. What
 * `flowlogs aggregate --interval 0 --all` writes must be what this one finds.
 */
import { formatIpv4, formatIpv6 } from "../../src/net/address.ts";

/** A flow over the whole file; times are seconds, rounded down. */
export interface NaiveFlow {
  readonly srcAddr: string;
  readonly dstAddr: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  packets: number;
  bytes: number;
  start: bigint | undefined;
  end: bigint | undefined;
}

/** What the reader made of a file. */
export interface NaiveReading {
  /** By `srcaddr,dstaddr,srcport,dstport,protocol`. */
  readonly flows: Map<string, NaiveFlow>;
  readonly frames: number;
  readonly packets: number;
  readonly undecodable: number;
  /** Whether the file is broken, or cut off, behind what was read. */
  readonly isBroken: boolean;
}

interface NaivePacket {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly bytes: number;
  readonly ports: readonly [number, number];
  /** Of fragments: the identification, and whether it is the first. */
  readonly fragment: { readonly id: number; readonly isFirst: boolean } | undefined;
}

interface Frame {
  readonly data: Buffer;
  readonly length: number;
  readonly linkType: number;
  readonly seconds: bigint | undefined;
}

const longest = 4 * 1024 * 1024;
const knownLinkTypes = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276];

/** Reads a capture that is in memory. */
export function readNaively(file: Buffer, reassign = true): NaiveReading {
  const frames: Frame[] = [];
  const isBroken = !(file.length >= 4 && file.readUInt32LE(0) === 0x0a0d0d0a ? readPcapng(file, frames) : readPcap(file, frames));
  const decoded = frames.map((frame) => ({ frame, packet: decodeFrame(frame) }));
  const packets = decoded.flatMap(({ frame, packet }) => (packet === undefined || packet === "undecodable" ? [] : [{ frame, packet }]));
  const portsOf = new Map<string, readonly [number, number]>();
  for (const { packet } of packets) if (packet.fragment?.isFirst) portsOf.set(fragmentKey(packet), packet.ports);
  const flows = new Map<string, NaiveFlow>();
  for (const { frame, packet } of packets) {
    const isLater = packet.fragment !== undefined && !packet.fragment.isFirst;
    const ports = isLater && reassign ? (portsOf.get(fragmentKey(packet)) ?? [0, 0]) : packet.ports;
    addTo(flows, packet, ports, frame.seconds);
  }
  const undecodable = decoded.filter(({ packet }) => packet === "undecodable").length;
  return { flows, frames: frames.length, packets: packets.length, undecodable, isBroken };
}

function fragmentKey({ src, dst, protocol, fragment }: NaivePacket): string {
  return `${src} ${dst} ${protocol} ${fragment!.id}`;
}

function addTo(flows: Map<string, NaiveFlow>, packet: NaivePacket, ports: readonly [number, number], seconds: bigint | undefined): void {
  const { src, dst, protocol, bytes } = packet;
  const key = `${src},${dst},${ports[0]},${ports[1]},${protocol}`;
  const fresh = { srcAddr: src, dstAddr: dst, srcPort: ports[0], dstPort: ports[1], protocol, packets: 0, bytes: 0, start: undefined, end: undefined };
  const flow: NaiveFlow = flows.get(key) ?? fresh;
  flows.set(key, flow);
  flow.packets++;
  flow.bytes += bytes;
  if (seconds === undefined) return;
  if (flow.start === undefined || seconds < flow.start) flow.start = seconds;
  if (flow.end === undefined || seconds > flow.end) flow.end = seconds;
}

/** Reads the records of a pcap file; false when it is broken. */
function readPcap(file: Buffer, frames: Frame[]): boolean {
  if (file.length < 24) return false;
  const magics = [0xa1b2c3d4, 0xa1b23c4d];
  const isLittle = magics.includes(file.readUInt32LE(0));
  if (!isLittle && !magics.includes(file.readUInt32BE(0))) return false;
  const word = (at: number) => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const perSecond = word(0) === 0xa1b23c4d ? 1_000_000_000 : 1_000_000;
  const linkType = word(20) & 0xffff;
  if (!knownLinkTypes.includes(linkType)) return false;
  let at = 24;
  while (at + 16 <= file.length) {
    const captured = word(at + 8);
    if (captured > longest || at + 16 + captured > file.length) return false;
    const seconds = BigInt(word(at)) + BigInt(Math.floor(word(at + 4) / perSecond));
    frames.push({ data: file.subarray(at + 16, at + 16 + captured), length: word(at + 12), linkType, seconds });
    at += 16 + captured;
  }
  return at === file.length;
}

interface Card {
  readonly linkType: number;
  readonly snapLength: number;
  unitsPerSecond: bigint;
  offset: bigint;
}

/** Reads the blocks of a pcapng file; false when it is broken. */
function readPcapng(file: Buffer, frames: Frame[]): boolean {
  let isLittle = true;
  let cards: Card[] = [];
  let at = 0;
  while (at < file.length) {
    if (at + 12 > file.length) return false;
    if (file.readUInt32LE(at) === 0x0a0d0d0a) {
      isLittle = file.readUInt32LE(at + 8) === 0x1a2b3c4d;
      if (!isLittle && file.readUInt32BE(at + 8) !== 0x1a2b3c4d) return false;
    }
    const length = isLittle ? file.readUInt32LE(at + 4) : file.readUInt32BE(at + 4);
    if (length < 12 || length % 4 !== 0 || length > longest || at + length > file.length) return false;
    const block = new Block(file.subarray(at, at + length), isLittle);
    if (block.word(length - 4) !== length) return false;
    if (block.type === 0x0a0d0d0a) {
      if (length < 28 || block.half(12) !== 1 || block.options(24) === undefined) return false;
      cards = [];
    } else if (block.type === 1) {
      const card = readCard(block);
      if (card === undefined) return false;
      cards.push(card);
    } else if ([2, 3, 6].includes(block.type)) {
      const frame = readPacketBlock(block, cards);
      if (frame === undefined) return false;
      frames.push(frame);
    }
    at += length;
  }
  return true;
}

/** A block's bytes, read in its section's byte order. */
class Block {
  readonly bytes: Buffer;
  private readonly isLittle: boolean;

  constructor(bytes: Buffer, isLittle: boolean) {
    this.bytes = bytes;
    this.isLittle = isLittle;
  }

  get type(): number {
    return this.word(0);
  }

  word(at: number): number {
    return this.isLittle ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  half(at: number): number {
    return this.isLittle ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  signed64(at: number): bigint {
    return this.isLittle ? this.bytes.readBigInt64LE(at) : this.bytes.readBigInt64BE(at);
  }

  /** The options from a place on: code, place of the value, its length; undefined when one does not fit. */
  options(from: number): { code: number; at: number; size: number }[] | undefined {
    const found = [];
    for (let at = from; at + 4 <= this.bytes.length - 4; ) {
      const [code, size] = [this.half(at), this.half(at + 2)];
      if (code === 0) break;
      if (at + 4 + size > this.bytes.length - 4) return undefined;
      found.push({ code, at: at + 4, size });
      at += 4 + Math.ceil(size / 4) * 4;
    }
    return found;
  }
}

function readCard(block: Block): Card | undefined {
  if (block.bytes.length < 20) return undefined;
  const options = block.options(16);
  if (options === undefined) return undefined;
  const card = { linkType: block.half(8), snapLength: block.word(12), unitsPerSecond: 1_000_000n, offset: 0n };
  for (const { code, at, size } of options) {
    if (code === 9) {
      if (size !== 1) return undefined;
      const value = block.bytes[at]!;
      card.unitsPerSecond = (value & 0x80 ? 2n : 10n) ** BigInt(value & 0x7f);
    }
    if (code === 14) {
      if (size !== 8) return undefined;
      card.offset = block.signed64(at);
    }
  }
  return card;
}

function readPacketBlock(block: Block, cards: readonly Card[]): Frame | undefined {
  const { length } = block.bytes;
  if (block.type === 3) {
    const card = cards[0];
    if (length < 16 || card === undefined) return undefined;
    const original = block.word(8);
    const captured = Math.min(original, length - 16, card.snapLength === 0 ? Number.POSITIVE_INFINITY : card.snapLength);
    return { data: block.bytes.subarray(12, 12 + captured), length: original, linkType: card.linkType, seconds: undefined };
  }
  if (length < 32) return undefined;
  const card = cards[block.type === 2 ? block.half(8) : block.word(8)];
  const captured = block.word(20);
  if (card === undefined || captured > length - 32) return undefined;
  const time = (BigInt(block.word(12)) << 32n) | BigInt(block.word(16));
  const seconds = BigInt.asIntN(64, time / card.unitsPerSecond + card.offset);
  return { data: block.bytes.subarray(28, 28 + captured), length: block.word(24), linkType: card.linkType, seconds };
}

/** The packet in a frame; undefined when the frame holds none. */
function decodeFrame({ data, length, linkType }: Frame): NaivePacket | "undecodable" | undefined {
  const ip = (at: number) => decodeIp(data.subarray(at), length - at);
  switch (linkType) {
    case 1:
      return afterType(data, 12, length);
    case 113:
      return afterType(data, 14, length);
    case 276: {
      if (data.length < 20) return undefined;
      const type = data.readUInt16BE(0);
      if (type === 0x0800) return ipv4(data.subarray(20), length - 20);
      if (type === 0x86dd) return ipv6(data.subarray(20));
      return vlanTypes.includes(type) ? afterType(data, 22, length) : undefined;
    }
    case 0:
    case 108: {
      if (data.length < 4) return undefined;
      const little = data.readUInt32LE(0);
      const family = linkType === 108 || little > 0xffff ? data.readUInt32BE(0) : little;
      if (family === 2) return ipv4(data.subarray(4), length - 4);
      return [10, 24, 28, 30].includes(family) ? ipv6(data.subarray(4)) : undefined;
    }
    case 12:
    case 14:
    case 101:
      return data.length === 0 ? "undecodable" : ip(0);
    case 228:
      return ipv4(data, length);
    case 229:
      return ipv6(data);
    default:
      return undefined;
  }
}

const vlanTypes = [0x8100, 0x88a8, 0x9100];

function afterType(data: Buffer, typeAt: number, length: number): NaivePacket | "undecodable" | undefined {
  let at = typeAt;
  for (;;) {
    if (at + 2 > data.length) return undefined;
    const type = data.readUInt16BE(at);
    if (type === 0x0800) return ipv4(data.subarray(at + 2), length - at - 2);
    if (type === 0x86dd) return ipv6(data.subarray(at + 2));
    if (!vlanTypes.includes(type)) return undefined;
    at += 4;
  }
}

function decodeIp(data: Buffer, length: number): NaivePacket | "undecodable" {
  return data[0]! >> 4 === 6 ? ipv6(data) : ipv4(data, length);
}

function ipv4(data: Buffer, length: number): NaivePacket | "undecodable" {
  if (data.length < 20) return "undecodable";
  const headerLength = (data[0]! & 15) * 4;
  const total = data.readUInt16BE(2);
  if (data[0]! >> 4 !== 4 || headerLength < 20 || (total !== 0 && total < headerLength)) return "undecodable";
  const offset = data.readUInt16BE(6) & 0x1fff;
  const hasMore = (data.readUInt16BE(6) & 0x2000) !== 0;
  const protocol = data[9]!;
  const payload = data.subarray(headerLength, total === 0 ? undefined : total);
  return {
    src: formatIpv4(data.readUInt32BE(12)),
    dst: formatIpv4(data.readUInt32BE(16)),
    protocol,
    bytes: total === 0 ? length >>> 0 : total,
    ports: offset === 0 ? portsOf(protocol, payload) : [0, 0],
    fragment: offset !== 0 || hasMore ? { id: data.readUInt16BE(4), isFirst: offset === 0 } : undefined,
  };
}

function ipv6(data: Buffer): NaivePacket | "undecodable" {
  if (data.length < 40 || data[0]! >> 4 !== 6) return "undecodable";
  const length = data.readUInt16BE(4);
  const inner = data.subarray(0, length === 0 ? undefined : 40 + length);
  let protocol = data[6]!;
  let at = 40;
  let fragment: { id: number; isFirst: boolean } | undefined;
  while ([0, 43, 60, 44].includes(protocol) && at + 8 <= inner.length) {
    const isFragment = protocol === 44;
    protocol = inner[at]!;
    if (isFragment) {
      const offset = inner.readUInt16BE(at + 2);
      if (offset >= 8) fragment = { id: inner.readUInt32BE(at + 4), isFirst: false };
      else if (offset % 2 === 1) fragment = { id: inner.readUInt32BE(at + 4), isFirst: true };
      at += 8;
      if (offset >= 8) break;
    } else at += (inner[at + 1]! + 1) * 8;
  }
  const address = (from: number) => formatIpv6(BigInt(`0x${data.toString("hex", from, from + 16)}`));
  const isLater = fragment !== undefined && !fragment.isFirst;
  const ports: readonly [number, number] = isLater ? [0, 0] : portsOf(protocol, inner.subarray(at));
  return { src: address(8), dst: address(24), protocol, bytes: length + 40, ports, fragment };
}

function portsOf(protocol: number, payload: Buffer): readonly [number, number] {
  if ((protocol !== 6 && protocol !== 17) || payload.length < 4) return [0, 0];
  return [payload.readUInt16BE(0), payload.readUInt16BE(2)];
}
