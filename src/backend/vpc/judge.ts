/**
 * The judge: takes packets in the order they were sent and says, at each ENI they meet, what the rules make of them.
 *
 * It asks two memories: `connections.ts` (security groups are stateful: what belongs to an allowed connection passes)
 * and `arrivals.ts` (an answer to a packet that never arrived is never sent). All three work with numbers in objects that
 * are filled again for each packet; {@link Judge.offer} gives the same as values.
 */
import { tcp } from "../../net/protocols.ts";
import { Addresses, EniNumbers, Renumbering, type SavedNumbers } from "./addresses.ts";
import { Arrivals } from "./arrivals.ts";
import { none } from "./bounded-table.ts";
import { Connections, opposite, type Tracked } from "./connections.ts";
import type { Network } from "./network.ts";
import { type Offered, PacketNumbers } from "./packet-numbers.ts";
import { Pulses } from "./pulses.ts";
import type { Action, Direction, Reason } from "./reason.ts";
import type { SavedTable } from "./saved-table.ts";
import { privateAt, type Seat, Topology } from "./topology.ts";
import { defaultTracking, type TrackingSettings } from "./tracking-settings.ts";
import { askAcl, askGroups, type Verdict } from "./verdict.ts";

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
  readonly form: typeof savedForm;
  readonly numbers: SavedNumbers;
  readonly connections: SavedTable;
  readonly conversations: SavedTable;
}

/** How the memory is written; what was written otherwise is not taken up. */
const savedForm = 2;

/** The verdict on the packet judged last, at one ENI. */
export class Ruling {
  seat!: Seat;
  direction: Direction = "egress";
  action: Action = "ACCEPT";
  /** What each layer said, in the order they were asked; the last one that was asked decided. */
  first!: Reason;
  second: Reason | undefined = undefined;
}

/** Judges packets against the network as it stands when each is offered. */
export class Judge {
  readonly network: Network;
  readonly addresses = new Addresses();
  /** What goes on unchanged from packet to packet; {@link Judge.beginPulse} begins them. */
  readonly pulses = new Pulses();
  /** Of the packet judged last: the ENIs that its addresses lead to. */
  sender: Seat | undefined;
  receiver: Seat | undefined;
  /** Whether it was never sent. */
  isWithheld = false;
  /** Its verdicts, the first {@link Judge.rulingCount} of them. */
  readonly rulings: readonly [Ruling, Ruling] = [new Ruling(), new Ruling()];
  rulingCount = 0;
  private readonly connections: Connections;
  private readonly arrivals: Arrivals;
  private readonly withholdsAnswers: boolean;
  private readonly enis = new EniNumbers();
  private topology: Topology;
  private topologyRevision: number;
  /** Whether a packet like the one judged last would get the same verdicts and change nothing but when the latest came. */
  isRepeating = false;
  /** Whether one that went back would pass as tracked at the same ENIs, and change as little, if the ACLs let it. */
  isRepeatingBack = false;
  /** For how long it would. */
  private repeatsMs = 0;
  private readonly ahead = new Int32Array(4);
  /** The packet with private addresses at both ends, and as one ENI sees it. */
  private readonly plain = new PacketNumbers();
  private readonly view = new PacketNumbers();

  constructor(network: Network, settings: JudgeSettings = { tracking: defaultTracking, withholdsAnswers: true }) {
    this.network = network;
    this.connections = new Connections(settings.tracking, this.pulses);
    this.arrivals = new Arrivals(settings.tracking.maxConnections, this.pulses);
    this.pulses.join(this.arrivals, this.connections);
    this.withholdsAnswers = settings.withholdsAnswers;
    this.topology = new Topology(network, this.addresses, this.enis);
    this.topologyRevision = network.revision;
  }

  /** The network as packets meet it now. */
  current(): Topology {
    const { revision } = this.network;
    if (this.topologyRevision !== revision) {
      this.topology = new Topology(this.network, this.addresses, this.enis);
      this.topologyRevision = revision;
    }
    return this.topology;
  }

  /** Offers a packet to the ENIs its addresses lead to. */
  offer(packet: Offered): Outcome {
    this.makeRoom();
    this.judge(new PacketNumbers().fill(packet, this.addresses));
    const seats = this.seats();
    return { seats, verdicts: this.verdicts(), withheldAt: this.isWithheld ? seats[0] : undefined };
  }

  /** Gives up the numbers of IPv6 addresses that are not needed any more; whoever else keeps numbers forgets them when it does. */
  makeRoom(): boolean {
    if (!this.addresses.isCrowded) return false;
    this.addresses.sweep((needed) => {
      for (const memory of [this.topology, this.connections, this.arrivals]) memory.mark(needed);
    });
    return true;
  }

  /** The same for a packet in numbers; what came of it stands in this object until the next one. */
  judge(packet: PacketNumbers): void {
    this.findEnds(packet);
    this.judgeBetweenEnds(packet);
  }

  /**
   * Looks ahead into what is remembered of a packet's conversation and connections, once its ends are found: what is given
   * back is for {@link Judge.glanceAt}, when others have looked ahead too.
   */
  lookAhead(packet: PacketNumbers): void {
    const { sender, receiver, connections, ahead } = this;
    ahead[0] = this.arrivals.lookAhead(packet);
    ahead[1] = sender === undefined ? 0 : connections.lookAhead(sender.number, "egress", packet, packet.src, packet.dst);
    ahead[2] = receiver === undefined ? 0 : connections.lookAhead(receiver.number, "ingress", packet, packet.dst, packet.src);
  }

  /** Looks at what {@link Judge.lookAhead} found. */
  glanceAt(): void {
    const { ahead, connections } = this;
    ahead[3] = this.arrivals.glanceAt(ahead[0]!) + connections.glanceAt(ahead[1]!) + connections.glanceAt(ahead[2]!);
  }

  /** Judges a packet whose ends were found. */
  judgeBetweenEnds(packet: PacketNumbers): void {
    this.isRepeating = false;
    this.isRepeatingBack = false;
    this.isWithheld = false;
    this.rulingCount = 0;
    const { sender, receiver, arrivals, connections } = this;
    if (sender === undefined && receiver === undefined) return;
    connections.beginPacket();
    if (!this.withholdsAnswers) {
      this.rule(packet, true);
      return;
    }
    const plain = byPrivateAddresses(packet, sender, receiver, this.plain);
    arrivals.turn(plain);
    if (arrivals.isAnswerToNothing(plain)) {
      arrivals.note(plain, false);
      this.isWithheld = true;
      return;
    }
    this.rule(packet, true);
    arrivals.note(plain, this.rulings[this.rulingCount - 1]!.action === "ACCEPT");
    this.noteRepeating(plain);
  }

  /** The verdicts of the ENIs met, up to the first that rejects; what passes may be remembered. */
  private rule(packet: PacketNumbers, remembers: boolean): void {
    const { sender, receiver } = this;
    if (sender !== undefined && !this.ruleAt(sender, "egress", packet, remembers)) return;
    if (receiver !== undefined) this.ruleAt(receiver, "ingress", packet, remembers);
  }

  private ruleAt(seat: Seat, way: Direction, packet: PacketNumbers, remembers: boolean): boolean {
    const view = this.viewAt(seat, way, packet);
    const ruling = this.rulings[this.rulingCount++]!;
    ruling.seat = seat;
    ruling.direction = way;
    // Connection tracking sees only what reaches the security groups.
    if (way === "egress") {
      ruling.first = askGroups(seat, way, view, remembers ? this.track(seat, way, packet, view) : "new");
      ruling.second = ruling.first.action === "ACCEPT" ? askAcl(seat, way, view) : undefined;
    } else {
      ruling.first = askAcl(seat, way, view);
      const passes = ruling.first.action === "ACCEPT";
      ruling.second = passes ? askGroups(seat, way, view, remembers ? this.track(seat, way, packet, view) : "new") : undefined;
    }
    ruling.action = (ruling.second ?? ruling.first).action;
    if (ruling.action === "REJECT") return false;
    // What was rejected for want of a connection need not be any more.
    if (remembers && this.connections.keep() && this.withholdsAnswers) this.arrivals.endPulse();
    return true;
  }

  /** The packet as an ENI sees it: its own end by the private address, also when the capture shows the public one. */
  private viewAt(seat: Seat, way: Direction, packet: PacketNumbers): PacketNumbers {
    if (seat.privateOf.size === 0) return packet;
    const view = this.view.copy(packet);
    if (way === "egress") view.src = privateAt(seat, packet.src, packet.srcFamily);
    else view.dst = privateAt(seat, packet.dst, packet.dstFamily);
    return view;
  }

  private track(seat: Seat, way: Direction, packet: PacketNumbers, view: PacketNumbers): Tracked {
    const { quoted } = packet;
    const { connections } = this;
    if (quoted === undefined) {
      return way === "egress" ? connections.see(seat.number, way, view, view.src, view.dst) : connections.see(seat.number, way, view, view.dst, view.src);
    }
    // What an ICMP error reports on went the other way; the error must go back to its sender.
    const isSender = way === "egress";
    const own = isSender ? privateAt(seat, quoted.dst, quoted.dstFamily) : privateAt(seat, quoted.src, quoted.srcFamily);
    const isKnown = connections.knows(seat.number, opposite(way), quoted, own, isSender ? quoted.src : quoted.dst, packet.timeMs);
    return isKnown && isBackAtItsSender(seat, packet, quoted) ? "related" : "new";
  }

  /** Begins the pulse at a place, or goes on with it, for packets like the one judged last; only where {@link Judge.isRepeating}. */
  beginPulse(pulse: number): void {
    const { touched, touches } = this.connections;
    this.pulses.share(pulse, this.arrivals.place, touches > 0 ? touched[0]! : none, touches > 1 ? touched[1]! : none, this.repeatsMs);
  }

  private noteRepeating(packet: PacketNumbers): void {
    if (packet.quoted !== undefined || packet.isLaterFragment) return;
    const { rulings, rulingCount, connections } = this;
    // With a public address the same connection may be part of two conversations.
    const last = rulings[rulingCount - 1]!;
    const isRejected = last.action === "REJECT";
    if (isRejected && last.seat.privateOf.size > 0) return;
    const { touched, touches } = connections;
    // Every ENI that lets a packet pass remembers its connection, or else something is special about it.
    if (connections.hasLost || touches < (isRejected ? rulingCount - 1 : rulingCount)) return;
    let limitMs = this.arrivals.repeatsFor(packet);
    if (limitMs === undefined) return;
    for (let touch = 0; touch < touches; touch++) {
      if (!connections.repeats(touched[touch]!, packet)) return;
      limitMs = Math.min(limitMs, connections.timeoutOf(touched[touch]!));
    }
    this.isRepeating = true;
    this.repeatsMs = limitMs;
    this.isRepeatingBack = packet.protocol === tcp && !isRejected && this.arrivals.hasArrivedBack() && this.isTrackedEverywhere();
  }

  /** Whether every ENI that the packet met tracks its connection, which is answered; none has a public address. */
  private isTrackedEverywhere(): boolean {
    const { rulings, rulingCount, connections } = this;
    const { touched, touches } = connections;
    if (touches !== rulingCount) return false;
    for (let place = 0; place < rulingCount; place++) {
      if (rulings[place]!.seat.privateOf.size > 0 || !connections.isAnswered(touched[place]!)) return false;
    }
    return true;
  }

  private verdicts(): Verdict[] {
    return this.rulings.slice(0, this.rulingCount).map(({ seat, direction, action, first, second }) => {
      return { seat, direction, action, reasons: second === undefined ? [first] : [first, second] };
    });
  }

  private seats(): Seat[] {
    return [this.sender, this.receiver].filter((seat) => seat !== undefined);
  }

  /** The verdicts on a packet as if it were the first of its conversation; nothing is remembered. */
  whatIf(packet: Offered): Verdict[] {
    const numbers = new PacketNumbers().fill(packet, this.addresses);
    this.findEnds(numbers);
    this.rulingCount = 0;
    this.isRepeating = false;
    this.isRepeatingBack = false;
    this.rule(numbers, false);
    return this.verdicts();
  }

  /** The ENIs that a packet's addresses lead to, the sender first. */
  seatsOf(packet: Offered): Seat[] {
    this.findEnds(new PacketNumbers().fill(packet, this.addresses));
    return this.seats();
  }

  /** Finds the seats of both ends. Where VPCs share addresses, both ends must lie in one VPC, or no ENI is meant. */
  findEnds({ src, dst, srcFamily, dstFamily }: PacketNumbers): void {
    const topology = this.current();
    const senders = topology.seatsAt(src, srcFamily);
    const receivers = topology.seatsAt(dst, dstFamily);
    this.sender = senders?.length === 1 ? senders[0] : undefined;
    this.receiver = receivers?.length === 1 ? receivers[0] : undefined;
    if (senders === undefined || receivers === undefined) return;
    for (const sender of senders) {
      const receiver = receivers.find(({ eni }) => eni.vpcId === sender.eni.vpcId);
      if (receiver === undefined) continue;
      this.sender = sender;
      this.receiver = receiver;
      return;
    }
  }

  /** Everything remembered of earlier packets, as plain values. */
  save(): SavedJudge {
    this.pulses.endAll();
    const { connections, arrivals } = this;
    const ipv6 = this.addresses.named((needed) => {
      connections.mark(needed);
      arrivals.mark(needed);
    });
    return { form: savedForm, numbers: { ipv6, enis: this.enis.named() }, connections: connections.save(), conversations: arrivals.save() };
  }

  /** Takes up what {@link save} gave. */
  restore(saved: SavedJudge): void {
    if (saved.form !== savedForm) return;
    const numbers = new Renumbering(saved.numbers, this.addresses, this.enis);
    this.connections.restore(saved.connections, numbers);
    this.arrivals.restore(saved.conversations, numbers);
  }
}

function isBackAtItsSender(seat: Seat, packet: PacketNumbers, quoted: PacketNumbers): boolean {
  if (packet.dstFamily !== quoted.srcFamily) return false;
  return privateAt(seat, packet.dst, packet.dstFamily) === privateAt(seat, quoted.src, quoted.srcFamily);
}

/** The packet with the private addresses of both ends, so that a conversation is one whichever address a capture shows. */
function byPrivateAddresses(packet: PacketNumbers, sender: Seat | undefined, receiver: Seat | undefined, into: PacketNumbers): PacketNumbers {
  const hasEip = (seat: Seat | undefined) => seat !== undefined && seat.privateOf.size > 0;
  if (!hasEip(sender) && !hasEip(receiver)) return packet;
  const plain = into.copy(packet);
  if (sender !== undefined) plain.src = privateAt(sender, packet.src, packet.srcFamily);
  if (receiver !== undefined) plain.dst = privateAt(receiver, packet.dst, packet.dstFamily);
  if (packet.quoted !== undefined) plain.quoted = byPrivateAddresses(packet.quoted, receiver, sender, new PacketNumbers());
  return plain;
}
