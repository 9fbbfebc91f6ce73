/**
 * The verdict on one packet at one ENI: ACCEPT or REJECT, and which rule of which layer said so.
 *
 * Egress: the ENI's security groups, then the subnet's network ACL if the packet leaves the subnet. Ingress: the ACL if
 * it comes from outside the subnet, then the groups. The first rule that matches decides; where none matches, REJECT.
 * Source: the product document, 安全组和网络 ACL 规则. What earlier packets mean for this one, `judge.ts` knows.
 */
import { cidrHolds } from "../../net/address.ts";
import type { Tracked } from "./connections.ts";
import type { Action, Direction, Reason } from "./reason.ts";
import type { Rule, RuleList, Seat, Viewed } from "./topology.ts";

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
  const layers = [
    () => askGroups(seat, direction, packet, track()),
    () => askAcl(seat, direction, packet),
  ];
  if (direction === "ingress") layers.reverse();
  const reasons: Reason[] = [];
  for (const ask of layers) {
    const reason = ask();
    reasons.push(reason);
    if (reason.action === "REJECT") break;
  }
  return { seat, direction, action: reasons.at(-1)!.action, reasons };
}

function askGroups(seat: Seat, direction: Direction, packet: Viewed, tracked: Tracked): Reason {
  const layer = "security-group";
  const accepted = { layer, direction, action: "ACCEPT", id: "", ruleIndex: -1 } as const;
  // Stateful: what belongs to an allowed connection passes, whatever the rules say.
  if (tracked !== "new") return { ...accepted, because: tracked };
  // Source: the cloud's page on security groups of ENIs: without any group, all traffic is allowed.
  if (seat.securityGroups.length === 0) return { ...accepted, because: "nothing-bound" };
  for (const group of seat.securityGroups) {
    const reason = firstMatch(layer, direction, group, packet);
    if (reason !== undefined) return reason;
  }
  const id = seat.securityGroups.length === 1 ? seat.securityGroups[0]!.id : "";
  return { layer, direction, action: "REJECT", id, ruleIndex: -1, because: "no-rule-matched" };
}

function askAcl(seat: Seat, direction: Direction, packet: Viewed): Reason {
  const layer = "network-acl";
  const accepted = { layer, direction, action: "ACCEPT", id: "", ruleIndex: -1 } as const;
  const remote = direction === "egress" ? packet.dst : packet.src;
  if (seat.subnetBlocks.some((block) => cidrHolds(block, remote))) return { ...accepted, because: "same-subnet" };
  const acl = seat.networkAcl;
  if (acl === undefined) return { ...accepted, because: "nothing-bound" };
  return (
    firstMatch(layer, direction, acl, packet) ??
    { layer, direction, action: "REJECT", id: acl.id, ruleIndex: -1, because: "no-rule-matched" }
  );
}

function firstMatch(
  layer: Reason["layer"],
  direction: Direction,
  list: RuleList,
  packet: Viewed,
): Reason | undefined {
  const rules: readonly Rule[] = list[direction];
  const ruleIndex = rules.findIndex((rule) => rule.matches(packet));
  if (ruleIndex === -1) return undefined;
  return { layer, direction, action: rules[ruleIndex]!.action, id: list.id, ruleIndex, because: "rule" };
}
