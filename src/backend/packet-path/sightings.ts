/** What the flow logs of an ENI see of a packet: the ENI's own end by its private address, and what decided. */
import { type Aggregation, type Captured } from "../flow/aggregate.ts";
import type { FlowPacket } from "../flow/flow-table.ts";
import type { Addresses } from "../vpc/addresses.ts";
import type { Ruling } from "../vpc/judge.ts";
import type { PacketNumbers } from "../vpc/packet-numbers.ts";
import type { Direction, Reason } from "../vpc/reason.ts";
import { privateAt, type Seat } from "../vpc/topology.ts";

/** Shows packets to flow logs. */
export class Sightings {
  private readonly aggregation: Aggregation;
  private readonly addresses: Addresses;
  private readonly flow: FlowPacket = {
    ...{ src: 0, dst: 0, srcText: "", dstText: "", ports: 0, protocol: 0, isEgress: false, isRejected: false, bytes: 0, seconds: 0 },
    reason: { layer: "security-group", direction: "ingress", action: "ACCEPT", id: "", ruleIndex: -1, because: "tracked" },
  };

  private readonly ahead = new Uint32Array(3);

  constructor(aggregation: Aggregation, addresses: Addresses) {
    this.aggregation = aggregation;
    this.addresses = addresses;
  }

  /** Counts a packet at an ENI; where it was counted, {@link Aggregation.countedFlow} tells. */
  count(packet: PacketNumbers, seat: Seat, direction: Direction, isRejected: boolean, reason: Reason): Captured {
    this.fill(packet, seat, direction === "egress");
    this.flow.isRejected = isRejected;
    this.flow.reason = reason;
    return this.aggregation.countPacket(seat.eni, this.flow, packet.timeMs);
  }

  /** Looks ahead for the flows of a packet between two ends, which is judged next. */
  lookAhead(packet: PacketNumbers, sender: Seat | undefined, receiver: Seat | undefined): void {
    if (packet.srcFamily === 1) return;
    this.flow.isRejected = false;
    this.ahead[0] = this.lookAheadAt(packet, sender, true);
    this.ahead[1] = this.lookAheadAt(packet, receiver, false);
  }

  private lookAheadAt(packet: PacketNumbers, seat: Seat | undefined, isEgress: boolean): number {
    if (seat === undefined) return 0;
    this.fill(packet, seat, isEgress);
    return this.aggregation.lookAhead(seat.eni, this.flow);
  }

  /** Looks at what {@link Sightings.lookAhead} found. */
  glanceAt(): void {
    const { ahead, aggregation } = this;
    ahead[2] = aggregation.glanceAt(ahead[0]!) + aggregation.glanceAt(ahead[1]!);
    ahead[0] = ahead[1] = 0;
  }

  private fill(packet: PacketNumbers, seat: Seat, isEgress: boolean): void {
    const { flow } = this;
    const src = isEgress ? privateAt(seat, packet.src, packet.srcFamily) : packet.src;
    const dst = isEgress ? packet.dst : privateAt(seat, packet.dst, packet.dstFamily);
    const isIpv6 = packet.srcFamily === 1;
    flow.src = isIpv6 ? 0 : src;
    flow.dst = isIpv6 ? 0 : dst;
    flow.srcText = isIpv6 ? this.addresses.text(src, 1) : "";
    flow.dstText = isIpv6 ? this.addresses.text(dst, 1) : "";
    flow.ports = (packet.srcPort << 16) | packet.dstPort;
    flow.protocol = packet.protocol;
    flow.isEgress = isEgress;
    flow.bytes = packet.bytes;
    flow.seconds = Math.floor(packet.timeMs / 1000);
  }
}

/** The reason worth keeping: what rejected, or else what the security group layer said. */
export function decisive({ action, first, second }: Ruling): Reason {
  if (action === "REJECT") return second ?? first;
  return first.layer === "security-group" ? first : second!;
}
