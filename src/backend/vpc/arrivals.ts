/**
 * What became of the packets of each conversation: whether they reached the other end.
 *
 * An answer to a packet that never arrived is never sent. A capture recorded without these rules holds answers that the
 * rules make impossible, and they are withheld (the product document: one REJECT record, because the traffic did not
 * reach the instance).
 */
import { icmp, icmpv6, tcp } from "../../net/protocols.ts";
import type { Renumbering } from "./addresses.ts";
import { lastFloat, none, pulseWord, traitsWord, Worth } from "./bounded-table.ts";
import type { PacketNumbers } from "./packet-numbers.ts";
import { firstIpv6 as lowIpv6, PairTable, secondIpv6 as highIpv6 } from "./pair-table.ts";
import type { Pulses } from "./pulses.ts";
import { savedRows, type SavedTable } from "./saved-table.ts";
import { latenessMs } from "./tracking-settings.ts";

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

/** A conversation's row has what every row has. */
const rowWords = 8;
const rowFloats = rowWords / 2;

/** The conversations between all ends, those whose packets all arrived forgotten first. */
export class Arrivals extends PairTable {
  /** The conversation of the packet asked about last, and the packet's direction in it. */
  place = none;
  direction: 0 | 1 = 0;
  private readonly pulses: Pulses;
  /** The key of a packet: the two ends in a fixed order. ICMP queries are told apart by their identifier. */
  private readonly key = { low: 0, high: 0, detail: 0, kind: 0, isFromHigh: false };

  constructor(limit: number, pulses: Pulses) {
    super(limit, rowWords);
    this.pulses = pulses;
  }

  /** Looks ahead for a packet's conversation; see {@link PairTable.glance}. */
  lookAhead(packet: PacketNumbers): number {
    const { key } = this;
    this.setKey(packet);
    return this.glance(key.low, key.high, key.detail, key.kind);
  }

  /** Finds the packet's conversation, which begins with it where it is the first, and its direction. */
  turn(packet: PacketNumbers): void {
    this.setKey(packet);
    const { key } = this;
    const known = this.find(key.low, key.high, key.detail, key.kind);
    if (known !== none) this.pulses.catchUp(this, known);
    if (known !== none && !this.hasExpired(known, packet)) {
      const at = known * rowFloats + lastFloat;
      if (packet.timeMs > this.floats[at]!) this.floats[at] = packet.timeMs;
      this.place = known;
      this.direction = this.directionIn(known);
      return;
    }
    // What has been silent for long tells little; what never arrived is what matters here.
    this.worthMs = packet.timeMs;
    if (known !== none) this.remove(known);
    this.place = this.putNew(key.low, key.high, key.detail, key.kind, key.isFromHigh ? firstIsHigh : 0);
    this.floats[this.place * rowFloats + lastFloat] = packet.timeMs;
    this.direction = 0;
  }

  /** Whether the packet, whose turn it is, answers one that never arrived. */
  isAnswerToNothing(packet: PacketNumbers): boolean {
    if (packet.quoted !== undefined) {
      this.setKey(packet.quoted);
      const { key } = this;
      const about = this.find(key.low, key.high, key.detail, key.kind);
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
    return (this.traitsOf(place) & (wasLostBits << (direction * 2))) !== 0;
  }

  /** Notes whether the packet, whose turn it is, reached the other end. */
  note(packet: PacketNumbers, hasArrived: boolean): void {
    const { place, direction } = this;
    const closes = packet.protocol === tcp && (packet.tcpFlags & (tcpFin | tcpRst)) !== 0;
    const word = place * rowWords + traitsWord;
    const before = this.rows[word]!;
    const shift = direction * 2;
    const after = (before & ~(directionBits << shift)) | ((hasArrived ? hasArrivedBits : wasLostBits) << shift);
    if (after !== before || closes) this.endPulse(place);
    this.rows[word] = closes ? after | isClosed : after;
  }

  /**
   * How long (milliseconds) the next packet like this one, whose turn it is, would change nothing of the conversation but
   * the time of its last; undefined where it would.
   */
  repeatsFor(packet: PacketNumbers): number | undefined {
    const { place, direction } = this;
    if ((this.traitsOf(place) & isClosed) !== 0 || this.wasLost(place, direction === 0 ? 1 : 0)) return undefined;
    return packet.protocol === tcp ? openTcpMs : otherMs;
  }

  /** Whether the latest packet the other way has arrived. */
  hasArrivedBack(): boolean {
    return ((this.traitsOf(this.place) >> (this.direction === 0 ? 2 : 0)) & directionBits) === hasArrivedBits;
  }

  private traitsOf(place: number): number {
    return this.rows[place * rowWords + traitsWord]!;
  }

  /** Packets like those before need not be judged like them any more. */
  endPulse(place = this.place): void {
    this.pulses.end(this.rows[place * rowWords + pulseWord]!);
  }

  private hasExpired(place: number, packet: PacketNumbers): boolean {
    const hasClosed = (this.traitsOf(place) & isClosed) !== 0;
    if (hasClosed && packet.protocol === tcp && (packet.tcpFlags & (tcpSyn | tcpAck)) === tcpSyn) return true;
    const timeoutMs = packet.protocol === tcp && !hasClosed ? openTcpMs : otherMs;
    return packet.timeMs - this.floats[place * rowFloats + lastFloat]! > timeoutMs;
  }

  /** The direction of the packet whose key was set last. */
  private directionIn(place: number): 0 | 1 {
    return ((this.traitsOf(place) & firstIsHigh) !== 0) === this.key.isFromHigh ? 0 : 1;
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
    const traits = this.traitsOf(place);
    const hasGone = this.worthMs - this.floats[place * rowFloats + lastFloat]! > ((traits & isClosed) !== 0 ? otherMs : openTcpMs) + latenessMs;
    if (hasGone) return Worth.gone;
    return this.wasLost(place, 0) || this.wasLost(place, 1) ? Worth.dear : Worth.spare;
  }

  protected leaves(place: number): void {
    this.endPulse(place);
  }

  /** Takes up what {@link save} gave, where addresses may have had other numbers. */
  restore(saved: SavedTable, numbers: Renumbering): void {
    this.worthMs = Number.NEGATIVE_INFINITY;
    const { rows, floats } = savedRows(saved);
    for (let row = 0; row < saved.count; row++) {
      const at = row * rowWords;
      const [detail, kind, traits] = [rows[at + 2]!, rows[at + 3]!, rows[at + traitsWord]!];
      const [one, other] = [numbers.address(rows[at]!, kind & lowIpv6), numbers.address(rows[at + 1]!, kind & highIpv6)];
      const place = one > other ? this.put(other, one, turnedDetail(detail, kind), turnedKind(kind), traits ^ firstIsHigh) : this.put(one, other, detail, kind, traits);
      this.floats[place * rowFloats + lastFloat] = floats[row * rowFloats + lastFloat]!;
    }
  }
}

/** The words of a key whose ends change places. */
function turnedKind(kind: number): number {
  return (kind & 255) | ((kind & lowIpv6) === 0 ? 0 : highIpv6) | ((kind & highIpv6) === 0 ? 0 : lowIpv6);
}

function turnedDetail(detail: number, kind: number): number {
  const protocol = kind & 255;
  return protocol === icmp || protocol === icmpv6 ? detail : (detail << 16) | (detail >>> 16);
}
