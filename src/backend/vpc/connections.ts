/**
 * Connection tracking: what ENIs remember of the connections they let pass, so that security groups are stateful.
 *
 * Each ENI tracks for itself. Time is the packets' own. Every step and timeout is that of Linux's connection tracking
 * (`npm run oracle -- nftables` compares them), because the cloud publishes neither; `docs/differences.md` says where
 * we differ. Memory is flat, and bounded: see {@link TrackingSettings.maxConnections}.
 */
import { icmp, icmpv6, tcp, udp } from "../../net/protocols.ts";
import type { Renumbering } from "./addresses.ts";
import { lastFloat, none, pulseWord, traitsWord, Worth } from "./bounded-table.ts";
import { isQuery, questionType } from "./icmp-queries.ts";
import type { PacketNumbers } from "./packet-numbers.ts";
import { firstIpv6 as ownIpv6, PairTable, secondIpv6 as remoteIpv6 } from "./pair-table.ts";
import { Pulses } from "./pulses.ts";
import type { Direction } from "./reason.ts";
import { savedRows, type SavedTable } from "./saved-table.ts";
import { beginTcp, directionBit, isPlainAck, packTcp, stepTcp, tcpBits, type TcpMemory, tcpTimeout, unpackTcp } from "./tcp-connection.ts";
import { latenessMs, streamAfterMs, type TrackingSettings } from "./tracking-settings.ts";

/** What connection tracking says of a packet: the rules must decide, or it belongs to what they allowed before. */
export type Tracked = "new" | "tracked" | "related";

const greProtocol = 47;

/** Bits of a connection's traits above the TCP memory: which way the packet went that opened it, whether it is answered. */
const openedByEgress = 1 << tcpBits;
const isReplied = 2 << tcpBits;
const isTcp = 4 << tcpBits;
const tcpMask = openedByEgress - 1;

/** Bits of a key's kind above the protocol and the families of both ends: who asks where ICMP's types tell, and the ENI. */
const [askedByEgress, eniShift] = [1024, 11];

/** A connection's row: its timeout and when it began, as floats behind what every row has. */
const rowWords = 16;
const [timeoutFloat, beganFloat] = [4, 5];
const rowFloats = rowWords / 2;

/** The connections of all ENIs. */
export class Connections extends PairTable {
  /** The connections that the packet belongs to which is being judged, and whether one of them has left. */
  readonly touched = [none, none];
  touches = 0;
  hasLost = false;
  private readonly settings: TrackingSettings;
  private readonly pulses: Pulses;
  /** The key of the packet looked at last, and what it would begin, if it passes. */
  private readonly key = { own: 0, remote: 0, detail: 0, kind: 0 };
  private readonly begun = { isThere: false, traits: 0, timeoutMs: 0, timeMs: 0 };
  private readonly memory: TcpMemory = { state: 0, isClosing: false, isSimultaneous: false, expectsChallenge: false, lastKind: 0, lastDirection: 0 };

  constructor(settings: TrackingSettings, pulses = new Pulses()) {
    super(settings.maxConnections, rowWords);
    this.settings = settings;
    this.pulses = pulses;
  }

  /** The next packet is being judged. */
  beginPacket(): void {
    this.touches = 0;
    this.hasLost = false;
    this.begun.isThere = false;
  }

  /** Looks ahead for a packet's connection at an ENI; see {@link PairTable.glance}. */
  lookAhead(eni: number, way: Direction, packet: PacketNumbers, own: number, remote: number): number {
    const { key } = this;
    this.setKey(eni, way, packet, own, remote, way);
    return this.glance(key.own, key.remote, key.detail, key.kind);
  }

  /** Takes a packet at an ENI; what it begins is remembered only when {@link keep} follows. */
  see(eni: number, way: Direction, packet: PacketNumbers, own: number, remote: number): Tracked {
    this.begun.isThere = false;
    if (!isQuery(packet)) return "new";
    const opened = openedBy(packet, way);
    this.setKey(eni, way, packet, own, remote, opened);
    const known = this.living(packet.timeMs);
    if (known === none) return this.begin(packet, way, opened);
    const at = known * rowWords;
    const traits = this.rows[at + traitsWord]!;
    const pulse = this.rows[at + pulseWord]!;
    const timeoutMs = this.timeoutOf(known);
    const tracked = this.take(known, packet, way);
    if (!this.has(known)) return tracked;
    // Packets both ways are one pulse.
    const hasChanged = ((this.rows[at + traitsWord]! ^ traits) & ~directionBit) !== 0 || this.timeoutOf(known) !== timeoutMs;
    if (hasChanged) this.pulses.end(pulse);
    this.touched[this.touches++] = known;
    return tracked;
  }

  /** Takes a packet of a connection that is known. */
  private take(known: number, packet: PacketNumbers, way: Direction): Tracked {
    const word = known * rowWords + traitsWord;
    const traits = this.rows[word]!;
    const isOpener = ((traits & openedByEgress) !== 0) === (way === "egress");
    const tracked = !isOpener || (traits & isReplied) !== 0 ? "tracked" : "new";
    if (packet.isLaterFragment) return tracked;
    if ((traits & isTcp) === 0) this.refresh(known, packet.timeMs, this.timeout(known, packet));
    else {
      const { memory } = this;
      unpackTcp(traits & tcpMask, memory);
      const step = stepTcp(memory, isOpener ? 0 : 1, packet.tcpFlags, (traits & isReplied) !== 0);
      if (step === "invalid") return "new";
      if (step === "reopens") {
        this.remove(known);
        this.hasLost = true;
        return this.begin(packet, way, way);
      }
      if (step === "forgotten") {
        this.remove(known);
        this.hasLost = true;
        return tracked;
      }
      this.rows[word] = (traits & ~tcpMask) | packTcp(memory);
      if (step === "taken") this.refresh(known, packet.timeMs, tcpTimeout(memory, (traits & isReplied) !== 0, this.settings.tcp));
    }
    if (!isOpener) this.rows[word]! |= isReplied;
    return tracked;
  }

  /** Whether an ENI tracks the connection that a packet belongs to, which an ICMP error quotes. The error begins nothing. */
  knows(eni: number, way: Direction, quoted: PacketNumbers, own: number, remote: number, atMs: number): boolean {
    this.begun.isThere = false;
    if (!isQuery(quoted)) return false;
    this.setKey(eni, way, quoted, own, remote, openedBy(quoted, way));
    return this.living(atMs) !== none;
  }

  /** The packet seen last has passed: what it began is remembered, and answered; false where it began nothing. */
  keep(): boolean {
    const { begun, key } = this;
    if (!begun.isThere) return false;
    begun.isThere = false;
    this.worthMs = begun.timeMs;
    const place = this.putNew(key.own, key.remote, key.detail, key.kind, begun.traits);
    this.time(place, begun.timeMs, begun.timeMs, begun.timeoutMs);
    this.touched[this.touches++] = place;
    return true;
  }

  private time(place: number, lastMs: number, beganMs: number, timeoutMs: number): void {
    const at = place * rowFloats;
    this.floats[at + lastFloat] = lastMs;
    this.floats[at + beganFloat] = beganMs;
    this.floats[at + timeoutFloat] = timeoutMs;
  }

  private traitsOf(place: number): number {
    return this.rows[place * rowWords + traitsWord]!;
  }

  /** How long a connection is remembered after its last packet (milliseconds). */
  timeoutOf(place: number): number {
    return this.floats[place * rowFloats + timeoutFloat]!;
  }

  /** Whether a connection is answered: all its packets are tracked. */
  isAnswered(place: number): boolean {
    return (this.traitsOf(place) & isReplied) !== 0;
  }

  /** Whether the next packet of an open TCP connection has it remembered for another time than the one before. */
  awaitsRenewal(place: number): boolean {
    return (this.traitsOf(place) & isTcp) !== 0 && this.timeoutOf(place) !== this.openTimeout(place);
  }

  /** Such a packet has come. */
  renew(place: number): void {
    this.floats[place * rowFloats + timeoutFloat] = this.openTimeout(place);
  }

  private openTimeout(place: number): number {
    const traits = this.traitsOf(place);
    unpackTcp(traits & tcpMask, this.memory);
    return tcpTimeout(this.memory, (traits & isReplied) !== 0, this.settings.tcp);
  }

  /**
   * Whether the next packet like this one would change nothing of its connection but the time of the last, and whether
   * {@link Connections.awaitsRenewal}.
   */
  repeats(place: number, packet: PacketNumbers): boolean {
    const traits = this.traitsOf(place);
    const hasAnswer = (traits & isReplied) !== 0;
    if ((traits & isTcp) !== 0) {
      unpackTcp(traits & tcpMask, this.memory);
      return isPlainAck(this.memory, packet.tcpFlags);
    }
    const becomesStream = packet.protocol === udp && hasAnswer && packet.timeMs <= this.floats[place * rowFloats + beganFloat]! + streamAfterMs;
    return !becomesStream && this.timeoutOf(place) === this.timeout(place, packet);
  }

  protected worth(place: number): Worth {
    if (!this.lives(place, this.worthMs - latenessMs)) return Worth.gone;
    return (this.traitsOf(place) & isReplied) !== 0 && this.lives(place, this.worthMs) ? Worth.dear : Worth.spare;
  }

  protected leaves(place: number): void {
    this.pulses.end(this.rows[place * rowWords + pulseWord]!);
    for (let touch = 0; touch < this.touches; touch++) if (this.touched[touch] === place) this.hasLost = true;
  }

  private living(nowMs: number): number {
    const { key } = this;
    const known = this.find(key.own, key.remote, key.detail, key.kind);
    if (known === none || this.lives(known, nowMs)) return known;
    this.remove(known);
    return none;
  }

  private lives(place: number, nowMs: number): boolean {
    this.pulses.catchUp(this, place);
    const at = place * rowFloats;
    return nowMs < this.floats[at + lastFloat]! + this.floats[at + timeoutFloat]!;
  }

  private begin(packet: PacketNumbers, way: Direction, opened: Direction): Tracked {
    // An answer without its question begins nothing, nor does a fragment without its first.
    if (way !== opened || packet.isLaterFragment) return "new";
    const { begun } = this;
    begun.traits = way === "egress" ? openedByEgress : 0;
    if (packet.protocol === tcp) {
      const memory = beginTcp(packet.tcpFlags, this.settings.picksUpTcp);
      if (memory === undefined) return "new";
      begun.traits |= isTcp | packTcp(memory);
      begun.timeoutMs = tcpTimeout(memory, false, this.settings.tcp);
    } else begun.timeoutMs = this.firstTimeout(packet.protocol);
    begun.timeMs = packet.timeMs;
    begun.isThere = true;
    return "new";
  }

  private refresh(place: number, timeMs: number, timeoutMs: number): void {
    // A packet that comes late does not turn time back.
    const at = place * rowFloats;
    if (timeMs > this.floats[at + lastFloat]!) this.floats[at + lastFloat] = timeMs;
    this.floats[at + timeoutFloat] = timeoutMs;
  }

  private firstTimeout(protocol: number): number {
    const { settings } = this;
    if (protocol === icmp || protocol === icmpv6) return settings.icmp;
    return protocol === udp ? settings.udp : protocol === greProtocol ? settings.gre : settings.other;
  }

  private timeout(place: number, { protocol, timeMs }: PacketNumbers): number {
    const { settings } = this;
    if ((this.traitsOf(place) & isReplied) !== 0) {
      if (protocol === udp && timeMs > this.floats[place * rowFloats + beganFloat]! + streamAfterMs) return settings.udpStream;
      if (protocol === greProtocol) return settings.greStream;
    }
    return this.firstTimeout(protocol);
  }

  /** One key for both directions of a connection at an ENI. Who asks is part of it only where the packets tell. */
  private setKey(eni: number, way: Direction, packet: PacketNumbers, own: number, remote: number, opened: Direction): void {
    const { key } = this;
    const { protocol } = packet;
    const isSender = way === "egress";
    const ownFamily = isSender ? packet.srcFamily : packet.dstFamily;
    const remoteFamily = isSender ? packet.dstFamily : packet.srcFamily;
    key.own = own;
    key.remote = remote;
    key.kind = (eni << eniShift) | protocol | (ownFamily * ownIpv6) | (remoteFamily * remoteIpv6);
    if (protocol === icmp || protocol === icmpv6) {
      if (opened === "egress") key.kind |= askedByEgress;
      key.detail = (packet.icmpId << 16) | (packet.icmpCode << 8) | questionType(packet);
    } else key.detail = isSender ? (packet.srcPort << 16) | packet.dstPort : (packet.dstPort << 16) | packet.srcPort;
  }

  /** Takes up what {@link save} gave, where ENIs and addresses may have had other numbers. */
  restore(saved: SavedTable, numbers: Renumbering): void {
    this.worthMs = Number.NEGATIVE_INFINITY;
    const { rows, floats } = savedRows(saved);
    for (let row = 0; row < saved.count; row++) {
      const at = row * rowWords;
      const [own, remote, detail, kind] = [rows[at]!, rows[at + 1]!, rows[at + 2]!, rows[at + 3]!];
      const eni = numbers.eni(kind >>> eniShift);
      // Those of ENIs that have been gone for long are nobody's.
      if (eni === undefined) continue;
      const newKind = (eni << eniShift) | (kind & ((1 << eniShift) - 1));
      const traits = rows[at + traitsWord]!;
      const place = this.put(numbers.address(own, kind & ownIpv6), numbers.address(remote, kind & remoteIpv6), detail, newKind, traits);
      const from = row * rowFloats;
      this.time(place, floats[from + lastFloat]!, floats[from + beganFloat]!, floats[from + timeoutFloat]!);
    }
  }
}

/** Which way the packet went that would have opened the connection: ICMP's types tell questions from answers, elsewhere any packet may open. */
function openedBy(packet: PacketNumbers, way: Direction): Direction {
  const isIcmp = packet.protocol === icmp || packet.protocol === icmpv6;
  return !isIcmp || questionType(packet) === packet.icmpType ? way : opposite(way);
}

/** The other way across an ENI. */
export function opposite(way: Direction): Direction {
  return way === "egress" ? "ingress" : "egress";
}
