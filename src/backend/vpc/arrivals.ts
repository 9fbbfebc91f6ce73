/**
 * What became of the packets of each conversation: whether they reached the other end.
 *
 * An answer to a packet that never arrived is never sent. A capture recorded without these rules holds answers that the
 * rules make impossible, and they are withheld (the product document: one REJECT record, because the traffic did not
 * reach the instance).
 */
import { icmp, icmpv6, tcp } from "../../net/protocols.ts";
import type { Addresses } from "./addresses.ts";
import { BoundedTable, firstCapacity, longer, none, Worth } from "./bounded-table.ts";
import type { PacketNumbers } from "./packet-numbers.ts";
import { noPulse, type Pulses, type Pulsing } from "./pulses.ts";
import { latenessMs } from "./tracking-settings.ts";

/** A conversation as it is kept while the backend is stopped. */
export interface SavedConversation {
  readonly low: string;
  readonly high: string;
  /** The key's other words. */
  readonly detail: number;
  readonly kind: number;
  readonly lastMs: number;
  readonly traits: number;
}

// Assumed, as in connection tracking: how long an open TCP connection, and anything else, is remembered when silent.
const openTcpMs = 432_000_000;
const otherMs = 180_000;

const tcpFin = 1;
const tcpSyn = 2;
const tcpRst = 4;
const tcpAck = 16;

/**
 * A conversation's traits: for each direction, whether its latest packet reached the other end (two bits, 0 before there
 * was one; direction 0 is that of the first packet seen), whether it is closed, and which end was the first.
 */
const hasArrivedBits = 1;
const wasLostBits = 2;
const directionBits = 3;
const isClosed = 16;
const firstIsHigh = 32;

/** Bits of a key's kind above the protocol: the families of both ends. */
const [lowIpv6, highIpv6] = [256, 512];

/** The conversations between all ends, those whose packets all arrived forgotten first. */
export class Arrivals extends BoundedTable implements Pulsing {
  lastMs = new Float64Array(firstCapacity);
  pulse = new Int32Array(firstCapacity);
  /** The conversation of the packet asked about last, and the packet's direction in it. */
  place = none;
  direction: 0 | 1 = 0;
  private readonly pulses: Pulses;
  private traits = new Uint8Array(firstCapacity);
  /** The key of a packet: the two ends in a fixed order. ICMP queries are told apart by their identifier. */
  private readonly key = { low: 0, high: 0, detail: 0, kind: 0, isFromHigh: false };
  /** The moment by which the worth of others is judged. */
  private worthMs = 0;

  constructor(limit: number, pulses: Pulses) {
    super(limit);
    this.pulses = pulses;
  }

  /** Finds the packet's conversation, which begins with it where it is the first, and its direction. */
  turn(packet: PacketNumbers): void {
    this.setKey(packet);
    const { key } = this;
    const known = this.find(key.low, key.high, key.detail, key.kind, 0);
    if (known !== none) this.pulses.catchUp(this, known);
    if (known !== none && !this.hasExpired(known, packet)) {
      if (packet.timeMs > this.lastMs[known]!) this.lastMs[known] = packet.timeMs;
      this.place = known;
      this.direction = this.directionIn(known);
      return;
    }
    // What has been silent for long tells little; what never arrived is what matters here.
    this.worthMs = packet.timeMs;
    const place = this.put(key.low, key.high, key.detail, key.kind, 0);
    this.lastMs[place] = packet.timeMs;
    this.traits[place] = key.isFromHigh ? firstIsHigh : 0;
    this.pulse[place] = noPulse;
    this.place = place;
    this.direction = 0;
  }

  /** Whether the packet, whose turn it is, answers one that never arrived. */
  isAnswerToNothing(packet: PacketNumbers): boolean {
    if (packet.quoted !== undefined) {
      this.setKey(packet.quoted);
      const { key } = this;
      const about = this.find(key.low, key.high, key.detail, key.kind, 0);
      return about !== none && this.wasLost(about, this.directionIn(about));
    }
    const { direction } = this;
    if (!this.wasLost(this.place, direction === 0 ? 1 : 0)) return false;
    if (packet.protocol === tcp) return packet.isLaterFragment || (packet.tcpFlags & (tcpAck | tcpRst)) !== 0;
    if (packet.protocol === icmp) return packet.icmpType !== 8;
    if (packet.protocol === icmpv6) return packet.icmpType !== 128;
    return direction === 1;
  }

  private wasLost(place: number, direction: 0 | 1): boolean {
    return (this.traits[place]! & (wasLostBits << (direction * 2))) !== 0;
  }

  /** Notes whether the packet, whose turn it is, reached the other end. */
  note(packet: PacketNumbers, hasArrived: boolean): void {
    const { place, direction } = this;
    const closes = packet.protocol === tcp && (packet.tcpFlags & (tcpFin | tcpRst)) !== 0;
    const before = this.traits[place]!;
    const shift = direction * 2;
    const after = (before & ~(directionBits << shift)) | ((hasArrived ? hasArrivedBits : wasLostBits) << shift);
    if (after !== before || closes) this.pulses.end(this.pulse[place]!);
    this.traits[place] = closes ? after | isClosed : after;
  }

  /**
   * How long (milliseconds) the next packet like this one, whose turn it is, would change nothing of the conversation but
   * the time of its last; undefined where it would.
   */
  repeatsFor(packet: PacketNumbers): number | undefined {
    const { place, direction } = this;
    if ((this.traits[place]! & isClosed) !== 0 || this.wasLost(place, direction === 0 ? 1 : 0)) return undefined;
    return packet.protocol === tcp ? openTcpMs : otherMs;
  }

  private hasExpired(place: number, packet: PacketNumbers): boolean {
    const hasClosed = (this.traits[place]! & isClosed) !== 0;
    if (hasClosed && packet.protocol === tcp && (packet.tcpFlags & (tcpSyn | tcpAck)) === tcpSyn) return true;
    const timeoutMs = packet.protocol === tcp && !hasClosed ? openTcpMs : otherMs;
    return packet.timeMs - this.lastMs[place]! > timeoutMs;
  }

  /** The direction of the packet whose key was set last. */
  private directionIn(place: number): 0 | 1 {
    return ((this.traits[place]! & firstIsHigh) !== 0) === this.key.isFromHigh ? 0 : 1;
  }

  private setKey({ src, dst, srcFamily, dstFamily, srcPort, dstPort, protocol, icmpId }: PacketNumbers): void {
    const { key } = this;
    const isFromHigh = src > dst || (src === dst && srcPort > dstPort);
    key.isFromHigh = isFromHigh;
    key.low = isFromHigh ? dst : src;
    key.high = isFromHigh ? src : dst;
    key.kind = protocol | ((isFromHigh ? dstFamily : srcFamily) * lowIpv6) | ((isFromHigh ? srcFamily : dstFamily) * highIpv6);
    if (protocol === icmp || protocol === icmpv6) key.detail = icmpId;
    else key.detail = isFromHigh ? (dstPort << 16) | srcPort : (srcPort << 16) | dstPort;
  }

  protected worth(place: number): Worth {
    this.pulses.catchUp(this, place);
    const traits = this.traits[place]!;
    const hasGone = this.worthMs - this.lastMs[place]! > ((traits & isClosed) !== 0 ? otherMs : openTcpMs) + latenessMs;
    if (hasGone) return Worth.gone;
    return this.wasLost(place, 0) || this.wasLost(place, 1) ? Worth.dear : Worth.spare;
  }

  protected leaves(place: number): void {
    this.pulses.end(this.pulse[place]!);
  }

  protected grown(capacity: number): void {
    this.lastMs = longer(this.lastMs, capacity);
    this.traits = longer(this.traits, capacity);
    this.pulse = longer(this.pulse, capacity);
  }

  /** Marks the IPv6 addresses that are remembered. */
  mark(needed: Uint8Array): void {
    for (let place = 0; place < this.places; place++) {
      if (!this.has(place)) continue;
      const at = place * 5;
      const kind = this.keys[at + 3]!;
      if ((kind & lowIpv6) !== 0) needed[this.keys[at]!] = 1;
      if ((kind & highIpv6) !== 0) needed[this.keys[at + 1]!] = 1;
    }
  }

  /** Everything remembered, as plain values; only when no pulse goes on. */
  save(addresses: Addresses): SavedConversation[] {
    const saved: SavedConversation[] = [];
    for (let place = 0; place < this.places; place++) {
      if (!this.has(place)) continue;
      const [lowWord, highWord, detail, kind] = this.keys.subarray(place * 5, place * 5 + 4) as unknown as [number, number, number, number];
      const low = addresses.text(lowWord, (kind & lowIpv6) === 0 ? 0 : 1);
      const high = addresses.text(highWord, (kind & highIpv6) === 0 ? 0 : 1);
      saved.push({ low, high, detail, kind, lastMs: this.lastMs[place]!, traits: this.traits[place]! });
    }
    return saved;
  }

  /** Takes up what {@link save} gave. */
  restore(saved: Iterable<SavedConversation>, addresses: Addresses): void {
    this.worthMs = Number.NEGATIVE_INFINITY;
    for (const conversation of saved) {
      const { detail, kind, lastMs } = conversation;
      const [one, other] = [addresses.ofText(conversation.low), addresses.ofText(conversation.high)];
      // IPv6 addresses may be numbered in another order than before.
      const isTurned = one > other;
      const turnedKind = (kind & 255) | ((kind & lowIpv6) === 0 ? 0 : highIpv6) | ((kind & highIpv6) === 0 ? 0 : lowIpv6);
      const hasPorts = (kind & 255) !== icmp && (kind & 255) !== icmpv6;
      const turnedDetail = hasPorts ? (detail << 16) | (detail >>> 16) : detail;
      const place = isTurned ? this.put(other, one, turnedDetail, turnedKind, 0) : this.put(one, other, detail, kind, 0);
      this.lastMs[place] = lastMs;
      this.traits[place] = isTurned ? conversation.traits ^ firstIsHigh : conversation.traits;
      this.pulse[place] = noPulse;
    }
  }
}
