/**
 * The verdict on one packet at one ENI: ACCEPT or REJECT, and which rule of which layer said so.
 *
 * Egress: the ENI's security groups, then the subnet's network ACL if the packet leaves the subnet. Ingress: the ACL if
 * it comes from outside the subnet, then the groups. The first rule that matches decides; where none matches, REJECT.
 * Source: the product document, 安全组和网络 ACL 规则. What earlier packets mean for this one, `judge.ts` knows.
 */
import { cidrHolds } from "../../../src/net/address.ts";
import type { Tracked } from "./connections.ts";
import type { Action, Direction, Reason } from "../../../src/backend/vpc/reason.ts";
import type { Rule, Seat, Viewed } from "./topology.ts";

/** One ENI's decision about one packet. */
export interface Verdict {
  readonly seat: Seat;
  readonly direction: Direction;
  readonly action: Action;
  /** What each layer said, in the order they were asked; the last one decided. */
  readonly reasons: readonly Reason[];
}

/** Judges a packet at a seat; `track` asks connection tracking, which sees only what reaches the security groups. */
export function decide(seat: Seat, direction: Direction, packet: Viewed, track: () => Tracked): Verdict {
  const reasons: Reason[] = [];
  if (direction === "egress") {
    reasons.push(askGroups(seat, direction, packet, track()));
    if (reasons[0]!.action === "ACCEPT") reasons.push(askAcl(seat, direction, packet));
  } else {
    reasons.push(askAcl(seat, direction, packet));
    if (reasons[0]!.action === "ACCEPT") reasons.push(askGroups(seat, direction, packet, track()));
  }
  return { seat, direction, action: reasons.at(-1)!.action, reasons };
}

function askGroups(seat: Seat, direction: Direction, packet: Viewed, tracked: Tracked): Reason {
  const others = seat.groupReasons[direction];
  // Stateful: what belongs to an allowed connection passes, whatever the rules say.
  if (tracked !== "new") return others[tracked];
  // Source: the cloud's page on security groups of ENIs: without any group, all traffic is allowed.
  if (seat.securityGroups.length === 0) return others["nothing-bound"];
  for (const group of seat.securityGroups) {
    const reason = firstMatch(group[direction], packet);
    if (reason !== undefined) return reason;
  }
  return others["no-rule-matched"];
}

function askAcl(seat: Seat, direction: Direction, packet: Viewed): Reason {
  const others = seat.aclReasons[direction];
  const remote = direction === "egress" ? packet.dst : packet.src;
  if (seat.subnetBlocks.some((block) => cidrHolds(block, remote))) return others["same-subnet"];
  if (seat.networkAcl === undefined) return others["nothing-bound"];
  return firstMatch(seat.networkAcl[direction], packet) ?? others["no-rule-matched"];
}

function firstMatch(rules: readonly Rule[], packet: Viewed): Reason | undefined {
  return rules.find((rule) => rule.matches(packet))?.reason;
}
