/**
 * The judge: takes packets in the order they were sent and says, at each ENI they meet, what the rules make of them.
 *
 * It asks two memories: `connections.ts` (security groups are stateful: what belongs to an allowed connection passes)
 * and `arrivals.ts` (an answer to a packet that never arrived is never sent).
 */
import type { JudgeSettings } from "../../../src/backend/vpc/judge.ts";
import type { Offered } from "../../../src/backend/vpc/packet-numbers.ts";
import { defaultTracking } from "../../../src/backend/vpc/tracking-settings.ts";
import { Arrivals, type SavedConversation } from "./arrivals.ts";
import {
  Connections,
  opposite,
  type SavedConnection,
  type Seen,
  type Tracked,
} from "./connections.ts";
import type { Network } from "../../../src/backend/vpc/network.ts";
import type { Direction } from "../../../src/backend/vpc/reason.ts";
import { type Seat, Topology, viewed } from "./topology.ts";
import { decide, type Verdict } from "./verdict.ts";

/** What came of offering a packet. */
export interface Outcome {
  /** The ENIs that the packet's addresses lead to: none, one or two. */
  readonly seats: readonly Seat[];
  /** The verdict of each ENI it met, in the order it met them. */
  readonly verdicts: readonly Verdict[];
  /** Where it would have been offered first, had it been sent at all; undefined when it was sent. */
  readonly withheldAt: Seat | undefined;
}

/** The judge's memory as plain values, to be taken up after a restart. */
export interface SavedJudge {
  readonly connections: readonly SavedConnection[];
  readonly conversations: readonly SavedConversation[];
}

/** Judges packets against the network as it stands when each is offered. */
export class PlainJudge {
  readonly network: Network;
  private readonly connections: Connections;
  private readonly arrivals: Arrivals | undefined;
  private topology: Topology;
  private topologyRevision: number;

  constructor(network: Network, settings: JudgeSettings = { tracking: defaultTracking, withholdsAnswers: true }) {
    this.network = network;
    this.connections = new Connections(settings.tracking);
    this.arrivals = settings.withholdsAnswers ? new Arrivals(settings.tracking.maxConnections) : undefined;
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
    const plain = this.arrivals === undefined ? packet : byPrivateAddresses(packet, sender, receiver);
    const turn = this.arrivals?.turn(plain);
    if (turn !== undefined && this.arrivals!.isAnswerToNothing(plain, turn)) {
      this.arrivals!.note(plain, turn, false);
      return { seats, verdicts: [], withheldAt: seats[0] };
    }
    const track = (seat: Seat, way: Direction) => this.track(packet, seat, way);
    const verdicts = judgeAt(meetings(sender, receiver), packet, track, () => this.connections.keep());
    if (turn !== undefined) this.arrivals!.note(plain, turn, verdicts.every(({ action }) => action === "ACCEPT"));
    return { seats, verdicts, withheldAt: undefined };
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
