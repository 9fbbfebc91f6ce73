/**
 * The judge: takes packets in the order they were sent and says, at each ENI they meet, what the rules make of them.
 *
 * It asks two memories: `connections.ts` (security groups are stateful: what belongs to an allowed connection passes)
 * and `arrivals.ts` (an answer to a packet that never arrived is never sent).
 */
import { Arrivals, type SavedConversation, type Turn } from "./arrivals.ts";
import {
  type Connection,
  Connections,
  defaultTracking,
  opposite,
  type SavedConnection,
  type Seen,
  type Tracked,
  type TrackingSettings,
} from "./connections.ts";
import type { Network } from "./network.ts";
import { noPulse, type Pulsing, Pulses } from "./pulses.ts";
import type { Direction } from "./reason.ts";
import { type Seat, Topology, viewed } from "./topology.ts";
import { decide, type Verdict } from "./verdict.ts";

/** What the judge needs to know of a packet. */
export interface Offered {
  readonly srcAddr: string;
  readonly dstAddr: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  readonly tcpFlags: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly icmpId: number;
  readonly isLaterFragment: boolean;
  readonly timeMs: number;
  readonly quoted: Offered | undefined;
}

/** What came of offering a packet. */
export interface Outcome {
  /** The ENIs that the packet's addresses lead to: none, one or two. */
  readonly seats: readonly Seat[];
  /** The verdict of each ENI it met, in the order it met them. */
  readonly verdicts: readonly Verdict[];
  /** Where it would have been offered first, had it been sent at all; undefined when it was sent. */
  readonly withheldAt: Seat | undefined;
}

/** How the judge judges. */
export interface JudgeSettings {
  readonly tracking: TrackingSettings;
  /** Whether answers to packets that never arrived are withheld. */
  readonly withholdsAnswers: boolean;
}

/** The judge's memory as plain values, to be taken up after a restart. */
export interface SavedJudge {
  readonly connections: readonly SavedConnection[];
  readonly conversations: readonly SavedConversation[];
}

/** Judges packets against the network as it stands when each is offered. */
export class Judge {
  readonly network: Network;
  /** What goes on unchanged from packet to packet; {@link Judge.repetition} begins them. */
  readonly pulses = new Pulses();
  private readonly connections: Connections;
  /** What the packet offered last touched; undefined where one like it would do more than move a time. */
  private repeating: { readonly owners: readonly Pulsing[]; readonly limitMs: number } | undefined;
  private readonly arrivals: Arrivals | undefined;
  private topology: Topology;
  private topologyRevision: number;

  constructor(network: Network, settings: JudgeSettings = { tracking: defaultTracking, withholdsAnswers: true }) {
    this.network = network;
    this.connections = new Connections(settings.tracking, this.pulses);
    this.arrivals = settings.withholdsAnswers ? new Arrivals(this.pulses) : undefined;
    this.topology = new Topology(network);
    this.topologyRevision = network.revision;
  }

  /** The network as packets meet it now. */
  current(): Topology {
    if (this.topologyRevision !== this.network.revision) {
      this.topology = new Topology(this.network);
      this.topologyRevision = this.network.revision;
    }
    return this.topology;
  }

  /** Offers a packet to the ENIs its addresses lead to. */
  offer(packet: Offered): Outcome {
    this.repeating = undefined;
    const { sender, receiver } = this.ends(packet);
    const seats = [sender, receiver].filter((seat) => seat !== undefined);
    if (seats.length === 0) return { seats, verdicts: [], withheldAt: undefined };
    const plain = this.arrivals === undefined ? packet : byPrivateAddresses(packet, sender, receiver);
    const turn = this.arrivals?.turn(plain);
    if (turn !== undefined && this.arrivals!.isAnswerToNothing(plain, turn)) {
      this.arrivals!.note(plain, turn, false);
      return { seats, verdicts: [], withheldAt: seats[0] };
    }
    const touched: Connection[] = [];
    const track = (seat: Seat, way: Direction) => {
      const tracked = this.track(packet, seat, way);
      if (this.connections.touched !== undefined) touched.push(this.connections.touched);
      return tracked;
    };
    const verdicts = judgeAt(meetings(sender, receiver), packet, track, () => {
      const begun = this.connections.keep();
      if (begun === undefined) return;
      touched.push(begun);
      // What was rejected for want of a connection need not be any more.
      if (turn !== undefined) this.pulses.end(turn.conversation.pulse);
    });
    if (turn !== undefined) {
      this.arrivals!.note(plain, turn, verdicts.every(({ action }) => action === "ACCEPT"));
      this.noteRepeating(plain, turn, verdicts, touched);
    }
    return { seats, verdicts, withheldAt: undefined };
  }

  /**
   * The pulse of packets like the one offered last, where such a packet would get the same verdicts and change nothing
   * but when the latest one came; {@link noPulse} where not.
   */
  repetition(): number {
    return this.repeating === undefined ? noPulse : this.pulses.of(this.repeating.owners, this.repeating.limitMs);
  }

  private noteRepeating(packet: Offered, turn: Turn, verdicts: readonly Verdict[], touched: readonly Connection[]): void {
    if (packet.quoted !== undefined || packet.isLaterFragment) return;
    // With a public address the same connection may be part of two conversations.
    const last = verdicts.at(-1)!;
    if (last.action === "REJECT" && last.seat.privateOf.size > 0) return;
    const accepted = verdicts.filter(({ action }) => action === "ACCEPT").length;
    // Every ENI that lets a packet pass remembers its connection, or else something is special about it.
    if (touched.length < accepted || !touched.every((connection) => this.connections.repeats(connection, packet))) return;
    const conversationMs = this.arrivals!.repeatsFor(packet, turn);
    if (conversationMs === undefined) return;
    const limitMs = Math.min(conversationMs, ...touched.map(({ timeoutMs }) => timeoutMs));
    this.repeating = { owners: [turn.conversation, ...touched], limitMs };
  }

  /** The verdicts on a packet as if it were the first of its conversation; nothing is remembered. */
  whatIf(packet: Offered): Verdict[] {
    const { sender, receiver } = this.ends(packet);
    return judgeAt(meetings(sender, receiver), packet, () => "new");
  }

  /** The ENIs that a packet's addresses lead to, the sender first. */
  seatsOf(packet: Offered): Seat[] {
    const { sender, receiver } = this.ends(packet);
    return [sender, receiver].filter((seat) => seat !== undefined);
  }

  /** The seats of both ends. Where VPCs share addresses, both ends must lie in one VPC, or no ENI is meant. */
  private ends(packet: Offered): { sender: Seat | undefined; receiver: Seat | undefined } {
    const topology = this.current();
    const senders = topology.seatsAt(packet.srcAddr);
    const receivers = topology.seatsAt(packet.dstAddr);
    for (const sender of senders) {
      const receiver = receivers.find(({ eni }) => eni.vpcId === sender.eni.vpcId);
      if (receiver !== undefined) return { sender, receiver };
    }
    return {
      sender: senders.length === 1 ? senders[0] : undefined,
      receiver: receivers.length === 1 ? receivers[0] : undefined,
    };
  }

  private track(packet: Offered, seat: Seat, way: Direction): Tracked {
    const { quoted } = packet;
    if (quoted === undefined) return this.connections.see(seat.eni.id, seenAt(seat, packet, way));
    // What an ICMP error reports on went the other way; the error must go back to its sender.
    const isKnown = this.connections.knows(seat.eni.id, seenAt(seat, quoted, opposite(way)), packet.timeMs);
    return isKnown && privateAt(seat, packet.dstAddr) === privateAt(seat, quoted.srcAddr) ? "related" : "new";
  }

  /** Everything remembered of earlier packets, as plain values. */
  save(): SavedJudge {
    this.pulses.endAll();
    return { connections: this.connections.save(), conversations: this.arrivals?.save() ?? [] };
  }

  /** Takes up what {@link save} gave. */
  restore(saved: SavedJudge): void {
    this.connections.restore(saved.connections);
    this.arrivals?.restore(saved.conversations);
  }
}

interface Meeting {
  readonly seat: Seat;
  readonly way: Direction;
}

/** The verdicts of the ENIs met, up to the first that rejects; `passed` is called after each that accepts. */
function judgeAt(
  met: readonly Meeting[],
  packet: Offered,
  track: (seat: Seat, way: Direction) => Tracked,
  passed: () => void = () => {},
): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const { seat, way } of met) {
    const verdict = decide(seat, way, asSeenBy(seat, packet, way), () => track(seat, way));
    verdicts.push(verdict);
    if (verdict.action === "REJECT") break;
    passed();
  }
  return verdicts;
}

/** The ENIs that a packet meets, in its order, and which way it crosses each. */
function meetings(sender: Seat | undefined, receiver: Seat | undefined): Meeting[] {
  const met: Meeting[] = [];
  if (sender !== undefined) met.push({ seat: sender, way: "egress" });
  if (receiver !== undefined) met.push({ seat: receiver, way: "ingress" });
  return met;
}

/** The private address behind an address: an ENI's own public one (EIP) stands for the private one it is mapped to. */
function privateAt(seat: Seat, address: string): string {
  return seat.privateOf.get(address) ?? address;
}

/** The packet with both ends by their private addresses, so that it is of one conversation wherever it was captured. */
function byPrivateAddresses(packet: Offered, sender: Seat | undefined, receiver: Seat | undefined): Offered {
  const hasEip = (seat: Seat | undefined) => seat !== undefined && seat.privateOf.size > 0;
  if (!hasEip(sender) && !hasEip(receiver)) return packet;
  const own = (seat: Seat | undefined, address: string) => (seat === undefined ? address : privateAt(seat, address));
  const { srcAddr, dstAddr, quoted } = packet;
  return {
    ...packet,
    srcAddr: own(sender, srcAddr),
    dstAddr: own(receiver, dstAddr),
    quoted: quoted && byPrivateAddresses(quoted, receiver, sender),
  };
}

/** The packet as rules look at it: the ENI's own end by the private address, also when the capture shows the public one. */
function asSeenBy(seat: Seat, packet: Offered, way: Direction) {
  const isSender = way === "egress";
  return viewed({
    srcText: isSender ? privateAt(seat, packet.srcAddr) : packet.srcAddr,
    dstText: isSender ? packet.dstAddr : privateAt(seat, packet.dstAddr),
    srcPort: packet.srcPort,
    dstPort: packet.dstPort,
    protocol: packet.protocol,
  });
}

/** The packet as connection tracking looks at it. */
function seenAt(seat: Seat, packet: Offered, way: Direction): Seen {
  const { srcAddr, dstAddr, srcPort, dstPort, protocol, tcpFlags, icmpType, icmpCode, icmpId, isLaterFragment, timeMs } = packet;
  const isSender = way === "egress";
  return {
    way,
    own: privateAt(seat, isSender ? srcAddr : dstAddr),
    ownPort: isSender ? srcPort : dstPort,
    remote: isSender ? dstAddr : srcAddr,
    remotePort: isSender ? dstPort : srcPort,
    protocol,
    tcpFlags,
    icmpType,
    icmpCode,
    icmpId,
    isLaterFragment,
    timeMs,
  };
}
