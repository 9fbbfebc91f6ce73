/**
 * Connection tracking: what ENIs remember of the connections they let pass, so that security groups are stateful.
 *
 * Each ENI tracks for itself. Time is the packets' own. Every step and timeout is that of Linux's connection tracking
 * (`npm run oracle -- nftables` compares them), because the cloud publishes neither; `docs/differences.md` says where
 * we differ. Memory is flat, and bounded: see {@link TrackingSettings.maxConnections}.
 */
import { icmp, icmpv6, tcp, udp } from "../../net/protocols.ts";
import type { Addresses, EniNumbers, Family } from "./addresses.ts";
import { BoundedTable, firstCapacity, longer, none, Worth } from "./bounded-table.ts";
import { isQuery, questionType } from "./icmp-queries.ts";
import type { PacketNumbers } from "./packet-numbers.ts";
import { noPulse, type Pulsing, Pulses } from "./pulses.ts";
import type { Direction } from "./reason.ts";
import { beginTcp, directionBit, isPlainAck, packTcp, stepTcp, tcpBits, type TcpMemory, tcpTimeout, unpackTcp } from "./tcp-connection.ts";
import { latenessMs, streamAfterMs, type TrackingSettings } from "./tracking-settings.ts";

/** What connection tracking says of a packet: the rules must decide, or it belongs to what they allowed before. */
export type Tracked = "new" | "tracked" | "related";

/** A connection as it is kept while the backend is stopped. */
export interface SavedConnection {
  readonly eni: string;
  readonly own: string;
  readonly remote: string;
  /** The key's other words. */
  readonly detail: number;
  readonly kind: number;
  readonly lastMs: number;
  readonly beganMs: number;
  readonly timeoutMs: number;
  readonly traits: number;
}

const greProtocol = 47;

/** Bits of a connection's traits above the TCP memory: which way the packet went that opened it, whether it is answered. */
const openedByEgress = 1 << tcpBits;
const isReplied = 2 << tcpBits;
const isTcp = 4 << tcpBits;
const tcpMask = openedByEgress - 1;

/** Bits of a key's kind above the protocol: the families of both ends, and who asks where ICMP's types tell. */
const [ownIpv6, remoteIpv6, askedByEgress] = [256, 512, 1024];

/** The connections of all ENIs. */
export class Connections extends BoundedTable implements Pulsing {
  lastMs = new Float64Array(firstCapacity);
  pulse = new Int32Array(firstCapacity);
  /** The connections that the packet belongs to which is being judged, and whether one of them has left. */
  readonly touched = [none, none];
  touches = 0;
  hasLost = false;
  private readonly settings: TrackingSettings;
  private readonly pulses: Pulses;
  private beganMs = new Float64Array(firstCapacity);
  private timeoutMs = new Float64Array(firstCapacity);
  private traits = new Int32Array(firstCapacity);
  /** The key of the packet looked at last, and what it would begin, if it passes. */
  private readonly key = { eni: 0, own: 0, remote: 0, detail: 0, kind: 0 };
  private readonly begun = { isThere: false, traits: 0, timeoutMs: 0, timeMs: 0 };
  private readonly memory: TcpMemory = { state: 0, isClosing: false, isSimultaneous: false, expectsChallenge: false, lastKind: 0, lastDirection: 0 };
  /** The moment by which the worth of others is judged. */
  private worthMs = Number.NEGATIVE_INFINITY;

  constructor(settings: TrackingSettings, pulses = new Pulses()) {
    super(settings.maxConnections);
    this.settings = settings;
    this.pulses = pulses;
  }

  /** The next packet is being judged. */
  beginPacket(): void {
    this.touches = 0;
    this.hasLost = false;
    this.begun.isThere = false;
  }

  /** Takes a packet at an ENI; what it begins is remembered only when {@link keep} follows. */
  see(eni: number, way: Direction, packet: PacketNumbers, own: number, remote: number): Tracked {
    this.begun.isThere = false;
    if (!isQuery(packet)) return "new";
    const opened = openedBy(packet, way);
    this.setKey(eni, way, packet, own, remote, opened);
    const known = this.living(packet.timeMs);
    if (known === none) return this.begin(packet, way, opened);
    const [traits, timeoutMs, pulse] = [this.traits[known]!, this.timeoutMs[known]!, this.pulse[known]!];
    const tracked = this.take(known, packet, way);
    if (!this.has(known)) return tracked;
    // Packets both ways are one pulse.
    const hasChanged = ((this.traits[known]! ^ traits) & ~directionBit) !== 0 || this.timeoutMs[known] !== timeoutMs;
    if (hasChanged) this.pulses.end(pulse);
    this.touched[this.touches++] = known;
    return tracked;
  }

  /** Takes a packet of a connection that is known. */
  private take(known: number, packet: PacketNumbers, way: Direction): Tracked {
    const traits = this.traits[known]!;
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
      this.traits[known] = (traits & ~tcpMask) | packTcp(memory);
      if (step === "taken") this.refresh(known, packet.timeMs, tcpTimeout(memory, (traits & isReplied) !== 0, this.settings.tcp));
    }
    if (!isOpener) this.traits[known]! |= isReplied;
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
    const place = this.put(key.eni, key.own, key.remote, key.detail, key.kind);
    this.lastMs[place] = begun.timeMs;
    this.beganMs[place] = begun.timeMs;
    this.timeoutMs[place] = begun.timeoutMs;
    this.traits[place] = begun.traits;
    this.pulse[place] = noPulse;
    this.touched[this.touches++] = place;
    return true;
  }

  /** How long a connection is remembered after its last packet (milliseconds). */
  timeoutOf(place: number): number {
    return this.timeoutMs[place]!;
  }

  /** Whether the next packet like this one would change nothing of its connection but the time of the last. */
  repeats(place: number, packet: PacketNumbers): boolean {
    const traits = this.traits[place]!;
    const hasAnswer = (traits & isReplied) !== 0;
    if ((traits & isTcp) !== 0) {
      unpackTcp(traits & tcpMask, this.memory);
      return isPlainAck(this.memory, packet.tcpFlags) && this.timeoutMs[place] === tcpTimeout(this.memory, hasAnswer, this.settings.tcp);
    }
    const becomesStream = packet.protocol === udp && hasAnswer && packet.timeMs <= this.beganMs[place]! + streamAfterMs;
    return !becomesStream && this.timeoutMs[place] === this.timeout(place, packet);
  }

  protected worth(place: number): Worth {
    if (!this.lives(place, this.worthMs - latenessMs)) return Worth.gone;
    return (this.traits[place]! & isReplied) !== 0 && this.lives(place, this.worthMs) ? Worth.dear : Worth.spare;
  }

  protected leaves(place: number): void {
    this.pulses.end(this.pulse[place]!);
    for (let touch = 0; touch < this.touches; touch++) if (this.touched[touch] === place) this.hasLost = true;
  }

  protected grown(capacity: number): void {
    this.lastMs = longer(this.lastMs, capacity);
    this.beganMs = longer(this.beganMs, capacity);
    this.timeoutMs = longer(this.timeoutMs, capacity);
    this.traits = longer(this.traits, capacity);
    this.pulse = longer(this.pulse, capacity);
  }

  private living(nowMs: number): number {
    const { key } = this;
    const known = this.find(key.eni, key.own, key.remote, key.detail, key.kind);
    if (known === none || this.lives(known, nowMs)) return known;
    this.remove(known);
    return none;
  }

  private lives(place: number, nowMs: number): boolean {
    this.pulses.catchUp(this, place);
    return nowMs < this.lastMs[place]! + this.timeoutMs[place]!;
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
    if (timeMs > this.lastMs[place]!) this.lastMs[place] = timeMs;
    this.timeoutMs[place] = timeoutMs;
  }

  private firstTimeout(protocol: number): number {
    const { settings } = this;
    if (protocol === icmp || protocol === icmpv6) return settings.icmp;
    return protocol === udp ? settings.udp : protocol === greProtocol ? settings.gre : settings.other;
  }

  private timeout(place: number, { protocol, timeMs }: PacketNumbers): number {
    const { settings } = this;
    if ((this.traits[place]! & isReplied) !== 0) {
      if (protocol === udp && timeMs > this.beganMs[place]! + streamAfterMs) return settings.udpStream;
      if (protocol === greProtocol) return settings.greStream;
    }
    return this.firstTimeout(protocol);
  }

  /** One key for both directions of a connection at an ENI. Who asks is part of it only where the packets tell. */
  private setKey(eni: number, way: Direction, packet: PacketNumbers, own: number, remote: number, opened: Direction): void {
    const { key } = this;
    const { protocol } = packet;
    const isSender = way === "egress";
    const [ownFamily, remoteFamily] = isSender ? [packet.srcFamily, packet.dstFamily] : [packet.dstFamily, packet.srcFamily];
    key.eni = eni;
    key.own = own;
    key.remote = remote;
    key.kind = protocol | (ownFamily * ownIpv6) | (remoteFamily * remoteIpv6);
    if (protocol === icmp || protocol === icmpv6) {
      if (opened === "egress") key.kind |= askedByEgress;
      key.detail = (packet.icmpId << 16) | (packet.icmpCode << 8) | questionType(packet);
    } else key.detail = isSender ? (packet.srcPort << 16) | packet.dstPort : (packet.dstPort << 16) | packet.srcPort;
  }

  /** Marks the IPv6 addresses that are remembered. */
  mark(needed: Uint8Array): void {
    for (let place = 0; place < this.places; place++) {
      if (!this.has(place)) continue;
      const at = place * 5;
      const kind = this.keys[at + 4]!;
      if ((kind & ownIpv6) !== 0) needed[this.keys[at + 1]!] = 1;
      if ((kind & remoteIpv6) !== 0) needed[this.keys[at + 2]!] = 1;
    }
  }

  /** Everything remembered, as plain values; only when no pulse goes on. */
  save(addresses: Addresses, enis: EniNumbers): SavedConnection[] {
    const saved: SavedConnection[] = [];
    for (let place = 0; place < this.places; place++) {
      const [number, ownWord, remoteWord, detail, kind] = this.keys.subarray(place * 5, place * 5 + 5) as unknown as [number, number, number, number, number];
      const eni = this.has(place) ? enis.id(number) : undefined;
      if (eni === undefined) continue;
      const family = (bit: number): Family => ((kind & bit) === 0 ? 0 : 1);
      const [own, remote] = [addresses.text(ownWord, family(ownIpv6)), addresses.text(remoteWord, family(remoteIpv6))];
      const [lastMs, beganMs, timeoutMs, traits] = [this.lastMs[place]!, this.beganMs[place]!, this.timeoutMs[place]!, this.traits[place]!];
      saved.push({ eni, own, remote, detail, kind, lastMs, beganMs, timeoutMs, traits });
    }
    return saved;
  }

  /** Takes up what {@link save} gave. */
  restore(saved: Iterable<SavedConnection>, addresses: Addresses, enis: EniNumbers): void {
    this.worthMs = Number.NEGATIVE_INFINITY;
    for (const { eni, own, remote, detail, kind, lastMs, beganMs, timeoutMs, traits } of saved) {
      const place = this.put(enis.of(eni), addresses.ofText(own), addresses.ofText(remote), detail, kind);
      this.lastMs[place] = lastMs;
      this.beganMs[place] = beganMs;
      this.timeoutMs[place] = timeoutMs;
      this.traits[place] = traits;
      this.pulse[place] = noPulse;
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
