/**
 * The verdict on one packet at one ENI: ACCEPT or REJECT, and which rule of which layer said so.
 *
 * Egress: the ENI's security groups, then the subnet's network ACL if the packet leaves the subnet. Ingress: the ACL if
 * it comes from outside the subnet, then the groups. The first rule that matches decides; where none matches, REJECT.
 * Source: the product document, 安全组和网络 ACL 规则. What earlier packets mean for this one, `judge.ts` knows.
 */
import type { Tracked } from "./connections.ts";
import type { Action, Direction, Reason } from "./reason.ts";
import type { Viewed } from "./rule-rows.ts";
import type { Seat } from "./topology.ts";

/** One ENI's decision about one packet. */
export interface Verdict {
  readonly seat: Seat;
  readonly direction: Direction;
  readonly action: Action;
  /** What each layer said, in the order they were asked; the last one decided. */
  readonly reasons: readonly Reason[];
}

/** What the security groups say of a packet at a seat. */
export function askGroups(seat: Seat, direction: Direction, packet: Viewed, tracked: Tracked): Reason {
  const isEgress = direction === "egress";
  const others = isEgress ? seat.groupReasons.egress : seat.groupReasons.ingress;
  // Stateful: what belongs to an allowed connection passes, whatever the rules say.
  if (tracked === "tracked") return others.tracked;
  if (tracked === "related") return others.related;
  // Source: the cloud's page on security groups of ENIs: without any group, all traffic is allowed.
  if (seat.securityGroups.length === 0) return others["nothing-bound"];
  for (const group of seat.securityGroups) {
    const reason = (isEgress ? group.egress : group.ingress).firstMatch(packet);
    if (reason !== undefined) return reason;
  }
  return others["no-rule-matched"];
}

/** What the subnet's network ACL says of a packet at a seat. */
export function askAcl(seat: Seat, direction: Direction, packet: Viewed): Reason {
  const isEgress = direction === "egress";
  const others = isEgress ? seat.aclReasons.egress : seat.aclReasons.ingress;
  const isLocal = isEgress ? seat.subnetBlocks.hold(packet.dst, packet.dstFamily) : seat.subnetBlocks.hold(packet.src, packet.srcFamily);
  if (isLocal) return others["same-subnet"];
  if (seat.networkAcl === undefined) return others["nothing-bound"];
  return (isEgress ? seat.networkAcl.egress : seat.networkAcl.ingress).firstMatch(packet) ?? others["no-rule-matched"];
}
