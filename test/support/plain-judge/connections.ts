/**
 * Connection tracking: what ENIs remember of the connections they let pass, so that security groups are stateful.
 *
 * Each ENI tracks for itself. Time is the packets' own. Every step and timeout is that of Linux's connection tracking
 * (`npm run oracle -- nftables` compares them), because the cloud publishes neither; `docs/differences.md` says where
 * we differ. Memory is bounded: see {@link TrackingSettings.maxConnections}.
 */
import { icmp, icmpv6, tcp, udp } from "../../../src/net/protocols.ts";
import { BoundedMap } from "./bounded-map.ts";
import { latenessMs, streamAfterMs, type TrackingSettings } from "../../../src/backend/vpc/tracking-settings.ts";
import type { Direction } from "../../../src/backend/vpc/reason.ts";
import { beginTcp, stepTcp, type TcpMemory, tcpTimeout } from "../../../src/backend/vpc/tcp-connection.ts";

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

const greProtocol = 47;

/** One connection at one ENI. */
export interface Connection {
  lastMs: number;
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

  constructor(settings: TrackingSettings) {
    this.settings = settings;
    this.byKey = new BoundedMap(settings.maxConnections, 16);
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Takes a packet at an ENI; what it begins is remembered only when {@link keep} follows. */
  see(eniId: string, packet: Seen): Tracked {
    this.begun = undefined;
    const opened = openedBy(packet);
    if (opened === undefined) return "new";
    const key = keyOf(eniId, packet, opened);
    const known = this.living(key, packet.timeMs);
    if (known === undefined) return this.begin(key, packet, opened);
    return this.take(key, known, packet);
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
  keep(): void {
    const { begun } = this;
    if (begun === undefined) return;
    const nowMs = begun.lastMs;
    this.byKey.set(this.begunKey, begun, (connection) => {
      if (!this.lives(connection, nowMs - latenessMs)) return "gone";
      return connection.isReplied && this.lives(connection, nowMs) ? "dear" : "spare";
    });
    this.begun = undefined;
  }

  private living(key: string, nowMs: number): Connection | undefined {
    const known = this.byKey.get(key);
    if (known === undefined || this.lives(known, nowMs)) return known;
    this.byKey.delete(key);
    return undefined;
  }

  private lives(connection: Connection, nowMs: number): boolean {
    return nowMs < connection.lastMs + connection.timeoutMs;
  }

  private begin(key: string, packet: Seen, opened: Direction): Tracked {
    // An answer without its question begins nothing, nor does a fragment without its first.
    if (packet.way !== opened || packet.isLaterFragment) return "new";
    const isTcp = packet.protocol === tcp;
    const memory = isTcp ? beginTcp(packet.tcpFlags, this.settings.picksUpTcp) : undefined;
    if (isTcp && memory === undefined) return "new";
    const { way, timeMs } = packet;
    const begun: Connection = { opened: way, beganMs: timeMs, tcp: memory, isReplied: false, lastMs: timeMs, timeoutMs: 0 };
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

  /** Everything remembered, as plain values. */
  save(): SavedConnection[] {
    return [...this.byKey.entries()];
  }

  /** Takes up what {@link save} gave. */
  restore(saved: Iterable<SavedConnection>): void {
    for (const [key, connection] of saved) this.byKey.set(key, connection, () => "dear");
  }
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
