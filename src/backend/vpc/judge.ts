/**
 * The judge: takes packets in the order they were sent and says, at each ENI they meet, what the rules make of them.
 *
 * It remembers conversations, for two reasons. Security groups are stateful: what belongs to an allowed connection
 * passes. And an answer to a packet that never arrived is never sent: a capture recorded without these rules holds
 * answers that the rules make impossible, and they are withheld (the product document: one REJECT record, because the
 * traffic did not reach the instance).
 */
import { icmp, icmpv6, tcp } from "../../net/protocols.ts";
import type { Network } from "./network.ts";
import type { Direction } from "./reason.ts";
import { type Seat, Topology, viewed } from "./topology.ts";
import { decide, type Tracked, type Verdict } from "./verdict.ts";

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

/** One conversation between two ends: direction 0 is that of the first packet seen. */
interface Conversation {
  readonly firstSrc: string;
  readonly firstSrcPort: number;
  /** Whether the latest packet of each direction reached the other end; undefined before there was one. */
  readonly arrived: [boolean | undefined, boolean | undefined];
  /** By ENI: the direction that its groups allowed by their rules. The other direction is its replies. */
  readonly allowed: Map<string, 0 | 1>;
  closed: boolean;
  lastMs: number;
}

/** Most conversations remembered; the one that began first is forgotten first. */
const maxConversations = 1_000_000;

// Assumed: the cloud does not publish its connection timeouts; these are those of Linux's connection tracking.
const establishedTcpMs = 432_000_000;
const otherTimeoutMs = 180_000;

const tcpFin = 1;
const tcpSyn = 2;
const tcpRst = 4;
const tcpAck = 16;

/** Judges packets against the network as it stands when each is offered. */
export class Judge {
  private readonly network: Network;
  private readonly conversations = new Map<string, Conversation>();
  private topology: Topology;
  private topologyRevision: number;

  constructor(network: Network) {
    this.network = network;
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
    const { sender, receiver } = this.ends(packet);
    const seats = [sender, receiver].filter((seat) => seat !== undefined);
    if (seats.length === 0) return { seats, verdicts: [], withheldAt: undefined };
    const conversation = this.conversationOf(packet, sender, receiver);
    const direction = directionIn(conversation, packet);
    if (this.isAnswerToNothing(packet, conversation, direction, sender, receiver)) {
      conversation.arrived[direction] = false;
      return { seats, verdicts: [], withheldAt: seats[0] };
    }
    const verdicts: Verdict[] = [];
    for (const { seat, way } of meetings(sender, receiver)) {
      const tracked = this.tracked(packet, conversation, direction, seat, sender, receiver);
      const verdict = decide(seat, way, asSeenBy(seat, packet, way === "egress"), tracked);
      verdicts.push(verdict);
      if (verdict.action === "REJECT") break;
      if (!conversation.allowed.has(seat.eni.id)) conversation.allowed.set(seat.eni.id, direction);
    }
    conversation.arrived[direction] = verdicts.every(({ action }) => action === "ACCEPT");
    noteClosing(packet, conversation);
    return { seats, verdicts, withheldAt: undefined };
  }

  /** The verdicts on a packet as if it were the first of its conversation; nothing is remembered. */
  whatIf(packet: Offered): Verdict[] {
    const { sender, receiver } = this.ends(packet);
    const verdicts: Verdict[] = [];
    for (const { seat, way } of meetings(sender, receiver)) {
      const verdict = decide(seat, way, asSeenBy(seat, packet, way === "egress"), "new");
      verdicts.push(verdict);
      if (verdict.action === "REJECT") break;
    }
    return verdicts;
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

  private conversationOf(packet: Offered, sender: Seat | undefined, receiver: Seat | undefined): Conversation {
    const key = conversationKey(packet, sender, receiver);
    const known = this.conversations.get(key);
    if (known !== undefined && !hasExpired(known, packet)) {
      known.lastMs = Math.max(known.lastMs, packet.timeMs);
      return known;
    }
    const begun: Conversation = {
      firstSrc: packet.srcAddr,
      firstSrcPort: packet.srcPort,
      arrived: [undefined, undefined],
      allowed: new Map(),
      closed: false,
      lastMs: packet.timeMs,
    };
    this.conversations.delete(key);
    this.conversations.set(key, begun);
    if (this.conversations.size > maxConversations) {
      this.conversations.delete(this.conversations.keys().next().value!);
    }
    return begun;
  }

  private isAnswerToNothing(
    packet: Offered,
    conversation: Conversation,
    direction: 0 | 1,
    sender: Seat | undefined,
    receiver: Seat | undefined,
  ): boolean {
    if (packet.quoted !== undefined) {
      // The quoted packet went the other way, so its sender is this packet's receiver.
      const about = this.conversations.get(conversationKey(packet.quoted, receiver, sender));
      return about !== undefined && about.arrived[directionIn(about, packet.quoted)] === false;
    }
    if (conversation.arrived[direction === 0 ? 1 : 0] !== false) return false;
    if (packet.protocol === tcp) return (packet.tcpFlags & (tcpAck | tcpRst)) !== 0;
    if (packet.protocol === icmp) return packet.icmpType !== 8;
    if (packet.protocol === icmpv6) return packet.icmpType !== 128;
    return direction === 1;
  }

  private tracked(
    packet: Offered,
    conversation: Conversation,
    direction: 0 | 1,
    seat: Seat,
    sender: Seat | undefined,
    receiver: Seat | undefined,
  ): Tracked {
    if (packet.quoted !== undefined) {
      const about = this.conversations.get(conversationKey(packet.quoted, receiver, sender));
      return about?.allowed.has(seat.eni.id) ? "related" : "new";
    }
    const allowed = conversation.allowed.get(seat.eni.id);
    if (allowed === undefined) return "new";
    // Until a reply has come, further packets of the same direction are judged by the rules again.
    const hasReply = conversation.arrived[allowed === 0 ? 1 : 0] !== undefined;
    return direction !== allowed || hasReply ? "tracked" : "new";
  }
}

/** The ENIs that a packet meets, in its order, and which way it crosses each. */
function meetings(sender: Seat | undefined, receiver: Seat | undefined): { seat: Seat; way: Direction }[] {
  const met: { seat: Seat; way: Direction }[] = [];
  if (sender !== undefined) met.push({ seat: sender, way: "egress" });
  if (receiver !== undefined) met.push({ seat: receiver, way: "ingress" });
  return met;
}

/** The packet as an ENI sees it: its own end by the private address, also when the capture shows the public one. */
function asSeenBy(seat: Seat, packet: Offered, isSender: boolean) {
  const own = (address: string) => seat.privateOf.get(address) ?? address;
  return viewed({
    srcText: isSender ? own(packet.srcAddr) : packet.srcAddr,
    dstText: isSender ? packet.dstAddr : own(packet.dstAddr),
    srcPort: packet.srcPort,
    dstPort: packet.dstPort,
    protocol: packet.protocol,
  });
}

/** One key for both directions: the two ends in a fixed order. ICMP queries are told apart by their identifier. */
function conversationKey(packet: Offered, sender: Seat | undefined, receiver: Seat | undefined): string {
  const from = `${packet.srcAddr} ${packet.srcPort} ${sender?.eni.id ?? ""}`;
  const to = `${packet.dstAddr} ${packet.dstPort} ${receiver?.eni.id ?? ""}`;
  const ends = from < to ? `${from} ${to}` : `${to} ${from}`;
  return `${packet.protocol} ${packet.icmpId} ${ends}`;
}

function directionIn(conversation: Conversation, packet: Offered): 0 | 1 {
  return conversation.firstSrc === packet.srcAddr && conversation.firstSrcPort === packet.srcPort ? 0 : 1;
}

function hasExpired(conversation: Conversation, packet: Offered): boolean {
  const isOpening = packet.protocol === tcp && (packet.tcpFlags & (tcpSyn | tcpAck)) === tcpSyn;
  if (conversation.closed && isOpening) return true;
  const isEstablished = packet.protocol === tcp && conversation.arrived.every((arrived) => arrived === true);
  const timeoutMs = isEstablished && !conversation.closed ? establishedTcpMs : otherTimeoutMs;
  return packet.timeMs - conversation.lastMs > timeoutMs;
}

function noteClosing(packet: Offered, conversation: Conversation): void {
  if (packet.protocol === tcp && (packet.tcpFlags & (tcpFin | tcpRst)) !== 0) conversation.closed = true;
}
