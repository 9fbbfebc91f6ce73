/**
 * Packets' headers in flat memory: what a capture file is read into, what is pushed to a backend, and what a verdict
 * is given about.
 *
 * Thirty-two bytes a packet. Addresses and ports stand as they do on the wire (network byte order), everything else is
 * little-endian:
 *
 *     0  source address            an IPv4 address, or the place of an IPv6 one in the address table
 *     4  destination address
 *     8  source port               ICMP: the echo identifier
 *    10  destination port          ICMP: type, code
 *    12  protocol    13 TCP flags  14 form (the bits of `Form`)  15 zero
 *    16  length                    the IP total length in bytes, whatever was captured of it
 *    20  seconds     24 nanoseconds since 1970
 *    28  quoted                    0, or the place + 1 in the table of packets that ICMP errors quote
 */
import { formatIpv4, formatIpv6 } from "../../net/address.ts";

/** The size of one packet's header in a batch. */
export const packetBytes = 32;

/** Bits of a packet's form. */
export const Form = {
  /** The addresses are places in the IPv6 address table. */
  ipv6: 1,
  /** A fragment after the first: it carries no ports of its own. */
  laterFragment: 2,
  /** The capture gives no time for it. */
  untimed: 4,
} as const;

/** Bits of the TCP flags byte. */
export const TcpFlag = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** One packet's header as an object, for code that is not the packet loop. */
export interface Packet {
  readonly srcAddr: string;
  readonly dstAddr: string;
  /** 0 for protocols without ports. */
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  readonly tcpFlags: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  /** The echo identifier of ICMP queries. */
  readonly icmpId: number;
  /** IP total length. */
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly timeMs: number;
  readonly isLaterFragment: boolean;
  /** The packet that an ICMP error reports on. */
  readonly quoted: Packet | undefined;
}

const packetWords = packetBytes / 4;
const initialPackets = 256;

/** IPv6 addresses in the order of their first use; a packet names one by its place. */
export class Ipv6Table {
  readonly addresses: Uint8Array[];
  /** Made when it is first asked for: a table that is only read needs none. */
  private places: Map<string, number> | undefined;

  constructor(addresses: Uint8Array[] = []) {
    this.addresses = addresses;
  }

  /** The place of an address, which is added where it is new. */
  place(address: Uint8Array): number {
    this.places ??= new Map(this.addresses.map((each, place) => [keyOf(each), place]));
    const key = keyOf(address);
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const place = this.addresses.push(address.slice(0, 16)) - 1;
    this.places.set(key, place);
    return place;
  }

  text(place: number): string {
    const { buffer, byteOffset } = this.addresses[place]!;
    return formatIpv6(BigInt(`0x${Buffer.from(buffer, byteOffset, 16).toString("hex")}`));
  }
}

function keyOf(address: Uint8Array): string {
  return Buffer.from(address.buffer, address.byteOffset, 16).toString("latin1");
}

/** Memory that a batch lies in and that is another's when it is released. */
export interface BatchPlace {
  /** All of it: there is room before the packets and behind them. */
  readonly memory: Uint8Array;
  readonly release: () => void;
}

/** A growing table of packet headers. */
export class PacketBatch {
  count = 0;
  bytes: Uint8Array = new Uint8Array(initialPackets * packetBytes);
  view = new DataView(this.bytes.buffer);
  readonly ipv6: Ipv6Table;
  /** The packets that ICMP errors quote; undefined in such a table itself. */
  readonly quoted: PacketBatch | undefined;
  /** Where the packets lie in memory that is used again and again. */
  place: BatchPlace | undefined;

  constructor(outer?: PacketBatch, ipv6 = new Ipv6Table()) {
    this.ipv6 = outer?.ipv6 ?? ipv6;
    this.quoted = outer === undefined ? new PacketBatch(this) : undefined;
  }

  /** The batch whose packets, IPv6 addresses and quoted packets lie in these bytes, which become its own. */
  static of(packets: Uint8Array, addresses: Uint8Array[], quoted: Uint8Array): PacketBatch {
    const batch = new PacketBatch(undefined, new Ipv6Table(addresses));
    batch.use(packets);
    batch.count = packets.length / packetBytes;
    batch.quoted!.use(quoted);
    batch.quoted!.count = quoted.length / packetBytes;
    return batch;
  }

  /** Uses that memory, while the batch is empty. */
  use(memory: Uint8Array): void {
    this.bytes = memory;
    this.view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  }

  /** How many bytes its packets, its IPv6 addresses and its quoted packets are. */
  get size(): number {
    return (this.count + (this.quoted?.count ?? 0)) * packetBytes + this.ipv6.addresses.length * 16;
  }

  /** Makes room for so many packets more. */
  reserve(packets: number): void {
    const needed = (this.count + packets) * packetBytes;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(initialPackets * packetBytes, this.bytes.length * 2, needed));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  /** Makes room for one more packet and gives the offset of its 32 zeroed bytes. */
  add(): number {
    const offset = this.count * packetBytes;
    if (offset === this.bytes.length) this.reserve(1);
    this.count++;
    return offset;
  }

  /** Appends packets that lie as a batch has them, of IPv4 and without quoted ones; where they lie in their places, they stay there. */
  append(packets: Uint8Array): void {
    const added = packets.length / packetBytes;
    this.reserve(added);
    const end = this.count * packetBytes;
    if (packets.buffer !== this.bytes.buffer || packets.byteOffset !== this.bytes.byteOffset + end) this.bytes.set(packets, end);
    this.count += added;
  }

  /** Appends a packet of another batch, with the packet it quotes. */
  copy(from: PacketBatch, place: number): void {
    const entry = this.add();
    const source = place * packetBytes;
    this.bytes.set(from.bytes.subarray(source, source + packetBytes), entry);
    if (((from.bytes[source + 14] ?? 0) & Form.ipv6) !== 0) {
      for (const offset of [0, 4]) {
        const address = from.ipv6.addresses[from.view.getUint32(source + offset, true)]!;
        this.view.setUint32(entry + offset, this.ipv6.place(address), true);
      }
    }
    const quotedPlace = from.view.getUint32(source + 28, true);
    if (quotedPlace === 0) return;
    this.quoted!.copy(from.quoted!, quotedPlace - 1);
    this.view.setUint32(entry + 28, this.quoted!.count, true);
  }

  /** The packet at a place, as an object. */
  packet(place: number): Packet {
    const { view } = this;
    const at = place * packetBytes;
    const protocol = view.getUint8(at + 12);
    const form = view.getUint8(at + 14);
    const hasTypes = protocol === 1 || protocol === 58;
    const quotedPlace = view.getUint32(at + 28, true);
    return {
      srcAddr: this.addressText(at, form),
      dstAddr: this.addressText(at + 4, form),
      srcPort: hasTypes ? 0 : view.getUint16(at + 8),
      dstPort: hasTypes ? 0 : view.getUint16(at + 10),
      protocol,
      tcpFlags: view.getUint8(at + 13),
      icmpType: hasTypes ? view.getUint8(at + 10) : 0,
      icmpCode: hasTypes ? view.getUint8(at + 11) : 0,
      icmpId: hasTypes ? view.getUint16(at + 8) : 0,
      bytes: view.getUint32(at + 16, true),
      timeMs: timeMsAt(this, place),
      isLaterFragment: (form & Form.laterFragment) !== 0,
      quoted: quotedPlace === 0 ? undefined : this.quoted?.packet(quotedPlace - 1),
    };
  }

  private addressText(at: number, form: number): string {
    if ((form & Form.ipv6) === 0) return formatIpv4(this.view.getUint32(at));
    return this.ipv6.text(this.view.getUint32(at, true));
  }
}

/** The time of a packet in Unix milliseconds. */
export function timeMsAt(batch: PacketBatch, place: number): number {
  const at = place * packetBytes;
  return batch.view.getUint32(at + 20, true) * 1000 + batch.view.getUint32(at + 24, true) / 1e6;
}

/** The latest time of a batch's packets, which need not be the last one's. */
export function lastTimeMs(batch: PacketBatch): number {
  let latestMs = 0;
  for (let place = 0; place < batch.count; place++) latestMs = Math.max(latestMs, timeMsAt(batch, place));
  return latestMs;
}

/** Moves the times of a batch's packets, to whole microseconds and not before 1970. */
export function shiftTimes(batch: PacketBatch, shiftMs: number): void {
  if (shiftMs === 0) return;
  const { bytes } = batch;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, batch.count * packetWords);
  // Whole microseconds, so that seconds and their fraction never disagree by rounding.
  const shiftUs = Math.round(shiftMs * 1000);
  const shiftSeconds = Math.floor(shiftUs / 1e6);
  const restUs = shiftUs - shiftSeconds * 1e6;
  for (let at = 5; at < words.length; at += packetWords) {
    let us = Math.round(words[at + 1]! / 1000) + restUs;
    let seconds = words[at]! + shiftSeconds;
    while (us >= 1e6) {
      us -= 1e6;
      seconds++;
    }
    words[at] = Math.max(0, seconds);
    words[at + 1] = seconds < 0 ? 0 : us * 1000;
  }
}
