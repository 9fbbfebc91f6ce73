/**
 * Connection tracking: what ENIs remember of the connections they let pass, so that security groups are stateful.
 *
 * Each ENI tracks for itself. Time is the packets' own. Every step and timeout is that of Linux's connection tracking
 * (`npm run oracle -- nftables` compares them), because the cloud publishes neither; `docs/differences.md` says where
 * we differ. Memory is bounded: see {@link TrackingSettings.maxConnections}.
 */
import { icmp, icmpv6, tcp, udp } from "../../net/protocols.ts";
import { BoundedMap } from "./bounded-map.ts";
import { noPulse, Pulses, type Pulsing } from "./pulses.ts";
import type { Direction } from "./reason.ts";
import { beginTcp, isPlainAck, stepTcp, type TcpMemory, type TcpTimeouts, tcpTimeout } from "./tcp-connection.ts";

/** A packet as one ENI sees it: its own end by the private address. */
export interface Seen {
  readonly way: Direction;
  readonly own: string;
  readonly ownPort: number;
  readonly remote: string;
  readonly remotePort: number;
  readonly protocol: number;
  readonly tcpFlags: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly icmpId: number;
  readonly isLaterFragment: boolean;
  readonly timeMs: number;
}

/** What connection tracking says of a packet: the rules must decide, or it belongs to what they allowed before. */
export type Tracked = "new" | "tracked" | "related";

/** How long connections are remembered (milliseconds after their last packet), and how many of them. */
export interface TrackingSettings {
  readonly tcp: TcpTimeouts;
  readonly udp: number;
  /** UDP with answers that has gone on for {@link streamAfterMs}. */
  readonly udpStream: number;
  readonly icmp: number;
  readonly gre: number;
  readonly greStream: number;
  /** Every other protocol. */
  readonly other: number;
  /** Whether a TCP connection that is already going is taken up at its first ACK. */
  readonly picksUpTcp: boolean;
  /** Of all ENIs together; beyond it the oldest is forgotten, those without answers first. */
  readonly maxConnections: number;
}

/** Assumed: the cloud does not publish its timeouts; these are the defaults of Linux's connection tracking. */
export const defaultTracking: TrackingSettings = {
  tcp: {
    synSent: 120_000,
    synReceived: 60_000,
    established: 432_000_000,
    finWait: 120_000,
    closeWait: 60_000,
    lastAck: 30_000,
    timeWait: 120_000,
    closed: 10_000,
    simultaneous: 120_000,
    unanswered: 300_000,
  },
  udp: 30_000,
  udpStream: 120_000,
  icmp: 30_000,
  gre: 30_000,
  greStream: 180_000,
  other: 600_000,
  picksUpTcp: true,
  maxConnections: 262_144,
};

/** UDP that still has answers this long after its first packet is a stream. */
const streamAfterMs = 2000;
const greProtocol = 47;

/** Packets come out of order: what a packet as late as this could still belong to is not thrown away before. */
export const latenessMs = 3_600_000;

/** One connection at one ENI. */
export interface Connection extends Pulsing {
  /** Which way the packet went that opened it. */
  readonly opened: Direction;
  readonly beganMs: number;
  readonly tcp: TcpMemory | undefined;
  isReplied: boolean;
  /** How long after its last packet it is remembered. */
  timeoutMs: number;
}

/** A connection as it is kept while the backend is stopped. */
export type SavedConnection = readonly [key: string, connection: Connection];

/** The connections of all ENIs. */
export class Connections {
  private readonly settings: TrackingSettings;
  private readonly byKey: BoundedMap<Connection>;
  /** What the packet looked at last would begin, if it passes. */
  private begun: Connection | undefined;
  private begunKey = "";
  private readonly pulses: Pulses;
  /** The connection that the packet looked at last belonged to. */
  touched: Connection | undefined;

  constructor(settings: TrackingSettings, pulses = new Pulses()) {
    this.settings = settings;
    this.pulses = pulses;
    this.byKey = new BoundedMap(settings.maxConnections, 16, (connection) => this.leave(connection));
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Takes a packet at an ENI; what it begins is remembered only when {@link keep} follows. */
  see(eniId: string, packet: Seen): Tracked {
    this.begun = undefined;
    this.touched = undefined;
    const opened = openedBy(packet);
    if (opened === undefined) return "new";
    const key = keyOf(eniId, packet, opened);
    const known = this.living(key, packet.timeMs);
    if (known === undefined) return this.begin(key, packet, opened);
    this.touched = known;
    const before = standingOf(known);
    const tracked = this.take(key, known, packet);
    if (standingOf(known) !== before) this.pulses.end(known.pulse);
    return tracked;
  }

  /** Takes a packet of a connection that is known. */
  private take(key: string, known: Connection, packet: Seen): Tracked {
    if (packet.isLaterFragment) return standing(known, packet.way);
    if (known.tcp === undefined) this.refresh(known, packet, this.timeout(known, packet));
    else {
      const direction = packet.way === known.opened ? 0 : 1;
      const step = stepTcp(known.tcp, direction, packet.tcpFlags, known.isReplied);
      if (step === "invalid") return "new";
      if (step === "reopens") {
        this.byKey.delete(key);
        return this.begin(key, packet, packet.way);
      }
      if (step === "taken") this.refresh(known, packet, tcpTimeout(known.tcp, known.isReplied, this.settings.tcp));
      if (step === "forgotten") this.byKey.delete(key);
    }
    if (packet.way !== known.opened) known.isReplied = true;
    return standing(known, packet.way);
  }

  /** Whether an ENI tracks the connection that a packet belongs to, which an ICMP error quotes. The error begins nothing. */
  knows(eniId: string, quoted: Seen, atMs: number): boolean {
    this.begun = undefined;
    const opened = openedBy(quoted);
    return opened !== undefined && this.living(keyOf(eniId, quoted, opened), atMs) !== undefined;
  }

  /** The packet seen last has passed: what it began is remembered, and answered. */
  keep(): Connection | undefined {
    const { begun } = this;
    if (begun === undefined) return undefined;
    const nowMs = begun.lastMs;
    this.byKey.set(this.begunKey, begun, (connection) => {
      if (!this.lives(connection, nowMs - latenessMs)) return "gone";
      return connection.isReplied && this.lives(connection, nowMs) ? "dear" : "spare";
    });
    this.begun = undefined;
    return begun;
  }

  /** A connection is remembered no more. */
  private leave(connection: Connection): void {
    this.pulses.end(connection.pulse);
    if (this.touched === connection) this.touched = undefined;
  }

  /** Whether the next packet like this one would change nothing of its connection but the time of the last. */
  repeats(connection: Connection, packet: Pick<Seen, "protocol" | "tcpFlags" | "timeMs">): boolean {
    const { tcp: memory, isReplied, beganMs, timeoutMs } = connection;
    if (memory !== undefined) return isPlainAck(memory, packet.tcpFlags) && timeoutMs === tcpTimeout(memory, isReplied, this.settings.tcp);
    const becomesStream = packet.protocol === udp && isReplied && packet.timeMs <= beganMs + streamAfterMs;
    return !becomesStream && timeoutMs === this.timeout(connection, packet);
  }

  private living(key: string, nowMs: number): Connection | undefined {
    const known = this.byKey.get(key);
    if (known === undefined || this.lives(known, nowMs)) return known;
    this.byKey.delete(key);
    return undefined;
  }

  private lives(connection: Connection, nowMs: number): boolean {
    this.pulses.catchUp(connection);
    return nowMs < connection.lastMs + connection.timeoutMs;
  }

  private begin(key: string, packet: Seen, opened: Direction): Tracked {
    // An answer without its question begins nothing, nor does a fragment without its first.
    if (packet.way !== opened || packet.isLaterFragment) return "new";
    const isTcp = packet.protocol === tcp;
    const memory = isTcp ? beginTcp(packet.tcpFlags, this.settings.picksUpTcp) : undefined;
    if (isTcp && memory === undefined) return "new";
    const { way, timeMs } = packet;
    const begun: Connection = { opened: way, beganMs: timeMs, tcp: memory, isReplied: false, lastMs: timeMs, timeoutMs: 0, pulse: noPulse };
    this.refresh(begun, packet, memory === undefined ? this.timeout(begun, packet) : tcpTimeout(memory, false, this.settings.tcp));
    this.begun = begun;
    this.begunKey = key;
    return "new";
  }

  private refresh(connection: Connection, packet: Seen, timeoutMs: number): void {
    // A packet that comes late does not turn time back.
    connection.lastMs = Math.max(connection.lastMs, packet.timeMs);
    connection.timeoutMs = timeoutMs;
  }

  private timeout(connection: Connection, packet: Pick<Seen, "protocol" | "timeMs">): number {
    const { settings } = this;
    switch (packet.protocol) {
      case icmp:
      case icmpv6:
        return settings.icmp;
      case udp:
        return connection.isReplied && packet.timeMs > connection.beganMs + streamAfterMs ? settings.udpStream : settings.udp;
      case greProtocol:
        return connection.isReplied ? settings.greStream : settings.gre;
      default:
        return settings.other;
    }
  }

  /** Everything remembered, as plain values; only when no pulse goes on. */
  save(): SavedConnection[] {
    return [...this.byKey.entries()];
  }

  /** Takes up what {@link save} gave. */
  restore(saved: Iterable<SavedConnection>): void {
    for (const [key, connection] of saved) this.byKey.set(key, { ...connection, pulse: noPulse }, () => "dear");
  }
}

/** What is remembered of a connection beside its last packet's time, in one value. */
function standingOf({ isReplied, timeoutMs, tcp: memory }: Connection): number {
  const replied = isReplied ? 1 : 0;
  if (memory === undefined) return timeoutMs * 2 + replied;
  const { state, lastKind, isClosing, isSimultaneous, expectsChallenge } = memory;
  const bits = (isClosing ? 1 : 0) | (isSimultaneous ? 2 : 0) | (expectsChallenge ? 4 : 0);
  return ((((timeoutMs * 16 + state) * 8 + lastKind) * 8 + bits) * 2) + replied;
}

/** What a packet is to a connection it belongs to: until an answer has come, the rules are asked about each opening again. */
function standing(connection: Connection, way: Direction): Tracked {
  return way !== connection.opened || connection.isReplied ? "tracked" : "new";
}

/** ICMP questions by the type of their answers, and the answers' types, which are one connection. */
const icmpQuestions: ReadonlyMap<number, number> = new Map([
  [0, 8],
  [14, 13],
  [16, 15],
  [18, 17],
]);
const echoRequestV6 = 128;
const echoReplyV6 = 129;

/** The type of the ICMP question that a packet asks or answers; undefined for what is neither. */
function questionType(packet: Seen): number | undefined {
  const type = packet.icmpType;
  if (packet.protocol === icmpv6) return type === echoRequestV6 || type === echoReplyV6 ? echoRequestV6 : undefined;
  const asked = icmpQuestions.get(type);
  if (asked !== undefined) return asked;
  return [...icmpQuestions.values()].includes(type) ? type : undefined;
}

/**
 * Which way the packet went that would have opened the connection: ICMP's types tell questions from answers, elsewhere
 * any packet may open. Undefined for ICMP that belongs to no connection.
 */
function openedBy(packet: Seen): Direction | undefined {
  if (packet.protocol !== icmp && packet.protocol !== icmpv6) return packet.way;
  const question = questionType(packet);
  if (question === undefined) return undefined;
  return question === packet.icmpType ? packet.way : opposite(packet.way);
}

/** The other way across an ENI. */
export function opposite(way: Direction): Direction {
  return way === "egress" ? "ingress" : "egress";
}

/** One key for both directions of a connection at an ENI. Who asks is part of it only where the packets tell. */
function keyOf(eniId: string, packet: Seen, opened: Direction): string {
  const { own, remote, protocol } = packet;
  if (protocol !== icmp && protocol !== icmpv6) {
    return `${eniId} ${own} ${packet.ownPort} ${remote} ${packet.remotePort} ${protocol}`;
  }
  return `${eniId} ${own} ${remote} ${protocol} ${opened} ${questionType(packet)!} ${packet.icmpCode} ${packet.icmpId}`;
}
