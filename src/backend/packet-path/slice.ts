/** A slice: some packets of a batch in flat memory, the addresses of IPv6 as the judge numbers them. */
import { type PacketBatch, packetBytes } from "../traffic/packet-batch.ts";
import type { Addresses } from "../vpc/addresses.ts";
import { PacketNumbers } from "../vpc/packet-numbers.ts";
import { slicePackets } from "./layout.ts";

const packetWords = packetBytes / 4;
const [icmp, icmpv6] = [1, 58];

/** Reads the packets of batches, slice by slice. */
export class Slice {
  /** Packets in it. */
  count = 0;
  private readonly addresses: Addresses;
  private readonly bytes: Buffer;
  private readonly words: Int32Array;
  private readonly view: DataView;
  private batch: PacketBatch | undefined;
  /** The batch's IPv6 addresses by their places in its table. */
  private numbers = new Int32Array(0);

  constructor(addresses: Addresses, buffer: ArrayBuffer, at: number) {
    this.addresses = addresses;
    this.bytes = Buffer.from(buffer, at, slicePackets * packetBytes);
    this.words = new Int32Array(buffer, at, slicePackets * packetWords);
    this.view = new DataView(buffer, at, slicePackets * packetBytes);
  }

  /** Takes the packets of a batch from a place on, as many as fit. */
  load(batch: PacketBatch, from: number): void {
    if (this.batch !== batch) this.turnTo(batch);
    this.count = Math.min(slicePackets, batch.count - from);
    const bytes = this.count * packetBytes;
    // V8 copies out of memory that threads share word by word, which takes several times as long.
    if (bytes > 0) this.bytes.fill(batch.bytes.subarray(from * packetBytes, from * packetBytes + bytes), 0, bytes);
    if (this.numbers.length > 0) this.numberAddresses();
  }

  private turnTo(batch: PacketBatch): void {
    this.batch = batch;
    this.numbers = Int32Array.from(batch.ipv6.addresses, (address) => this.addresses.ofBytes(address));
  }

  /** The batch is done, or its addresses may have other numbers now. */
  leave(): void {
    this.batch = undefined;
  }

  private numberAddresses(): void {
    const { words, numbers } = this;
    for (let at = 0; at < this.count * packetWords; at += packetWords) {
      if ((words[at + 3]! & 0x10000) === 0) continue;
      words[at] = numbers[words[at]!]!;
      words[at + 1] = numbers[words[at + 1]!]!;
    }
  }

  /** The time of the packet at a place, Unix milliseconds. */
  timeMs(place: number): number {
    const at = place * packetWords;
    return (this.words[at + 5]! >>> 0) * 1000 + (this.words[at + 6]! >>> 0) / 1e6;
  }

  /** Reads the packet at a place. */
  read(place: number, packet: PacketNumbers): void {
    const { words, view } = this;
    const at = place * packetWords;
    const isIpv6 = (words[at + 3]! & 0x10000) !== 0;
    packet.src = isIpv6 ? words[at]! : view.getInt32(place * packetBytes);
    packet.dst = isIpv6 ? words[at + 1]! : view.getInt32(place * packetBytes + 4);
    fill(packet, view, place * packetBytes, isIpv6);
    const quoted = words[at + 7]!;
    packet.quoted = quoted === 0 ? undefined : this.quoted(quoted - 1);
  }

  private quoted(place: number): PacketNumbers {
    const packet = new PacketNumbers();
    const { view } = this.batch!.quoted!;
    const at = place * packetBytes;
    const isIpv6 = (view.getUint8(at + 14) & 1) !== 0;
    packet.src = isIpv6 ? this.numbers[view.getUint32(at, true)]! : view.getInt32(at);
    packet.dst = isIpv6 ? this.numbers[view.getUint32(at + 4, true)]! : view.getInt32(at + 4);
    fill(packet, view, at, isIpv6);
    return packet;
  }
}

/** Everything but the addresses and what is quoted. */
function fill(packet: PacketNumbers, view: DataView, at: number, isIpv6: boolean): void {
  const traits = view.getUint32(at + 12, true);
  const ports = view.getUint32(at + 8);
  const protocol = traits & 255;
  const hasTypes = protocol === icmp || protocol === icmpv6;
  packet.srcFamily = packet.dstFamily = isIpv6 ? 1 : 0;
  packet.protocol = protocol;
  packet.tcpFlags = (traits >> 8) & 255;
  packet.isLaterFragment = (traits & 0x20000) !== 0;
  packet.srcPort = hasTypes ? 0 : ports >>> 16;
  packet.dstPort = hasTypes ? 0 : ports & 0xffff;
  packet.icmpId = hasTypes ? ports >>> 16 : 0;
  packet.icmpType = hasTypes ? (ports >> 8) & 255 : 0;
  packet.icmpCode = hasTypes ? ports & 255 : 0;
  packet.bytes = view.getUint32(at + 16, true);
  packet.timeMs = view.getUint32(at + 20, true) * 1000 + view.getUint32(at + 24, true) / 1e6;
}
