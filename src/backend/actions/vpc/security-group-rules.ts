/** Security group rules between the wire and the rooms, and what a list of them may hold. */
import type { ActionRequest } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import { parseCidr, formatCidr } from "../../../net/address.ts";
import type { Rooms } from "../../rooms.ts";
import type { SecurityGroup, SecurityGroupRule } from "../../vpc/network.ts";
import { found } from "../action.ts";

type PolicySet = ActionRequest<"ModifySecurityGroupPolicies">["SecurityGroupPolicySet"];
type Policy = NonNullable<PolicySet["Ingress"]>[number];

/** A policy as it is named to be deleted: whatever it says must be so. */
type NamedPolicy = NonNullable<ActionRequest<"DeleteSecurityGroupPolicies">["SecurityGroupPolicySet"]["Ingress"]>[number];

/** The most rules of one direction (the cloud's default quota). */
export const maxPolicies = 100;

/** The rules of a group, each direction's first to last. */
export interface RuleSet {
  readonly ingress: readonly SecurityGroupRule[];
  readonly egress: readonly SecurityGroupRule[];
}

/** A direction as a policy set spells it, and as the rooms do. */
export const directions = [
  ["Ingress", "ingress"],
  ["Egress", "egress"],
] as const;

/** Both directions of a policy set as rules. */
export function readPolicySet(rooms: Rooms, set: PolicySet): RuleSet {
  const read = (name: "Ingress" | "Egress") => {
    const field = `SecurityGroupPolicySet.${name}`;
    return (set[name] ?? []).map((policy, index) => readPolicy(rooms, policy, `${field}.${index}`));
  };
  const rules = { ingress: read("Ingress"), egress: read("Egress") };
  checkRules(rules);
  return rules;
}

/** Refuses more rules than a group may have, and the same rule twice. */
export function checkRules(rules: RuleSet): void {
  for (const [name, direction] of directions) {
    const field = `SecurityGroupPolicySet.${name}`;
    const list = rules[direction];
    if (list.length > maxPolicies) {
      const words = `${field}: ${list.length} rules are more than the ${maxPolicies} a direction may have`;
      throw new ApiError("LimitExceeded.SecurityGroupPolicySet", words);
    }
    const seen = new Map<string, number>();
    for (const [index, rule] of list.entries()) {
      const earlier = seen.get(identityOf(rule));
      if (earlier !== undefined) {
        throw new ApiError("UnsupportedOperation.DuplicatePolicy", `${field}: rules ${earlier} and ${index} would be the same`);
      }
      seen.set(identityOf(rule), index);
    }
  }
}

/** What makes a rule this rule: all that it says, not when and why it was said. */
function identityOf({ protocol, port, cidr, ipv6Cidr, remoteGroupId, action }: SecurityGroupRule): string {
  return JSON.stringify([protocol, port, cidr, ipv6Cidr, remoteGroupId, action]);
}

/** The group that policies are changed of; a version that is given must be its own, or somebody changed it meanwhile. */
export function groupToChange(rooms: Rooms, id: string, version: string | undefined): SecurityGroup {
  const group = found(rooms.network.securityGroups.get(id), "SecurityGroupId", id);
  if (version !== undefined && version !== "" && version !== String(group.version)) {
    const words = `SecurityGroupPolicySet.Version: ${JSON.stringify(version)} is not the group's version ${group.version}`;
    throw new ApiError("UnsupportedOperation.VersionMismatch", words);
  }
  return group;
}

/** Gives a group other rules: its version grows by one. */
export function putRules(rooms: Rooms, group: SecurityGroup, rules: Partial<RuleSet>): void {
  const changed = { ...group, ...rules, version: group.version + 1, updatedMs: rooms.clock.nowMs() };
  checkRules(changed);
  rooms.network.securityGroups.put(group.id, changed);
}

/** The one direction that a set speaks of; none and both are refused. */
export function oneDirection<P>(set: { Ingress?: P[] | undefined; Egress?: P[] | undefined }) {
  const given = directions.filter(([name]) => (set[name] ?? []).length > 0);
  if (given.length > 1) {
    throw new ApiError("InvalidParameter.Coexist", "SecurityGroupPolicySet: Ingress and Egress cannot be changed in one call");
  }
  const [only] = given;
  if (only === undefined) {
    throw new ApiError("InvalidParameterValue.Empty", "SecurityGroupPolicySet: one of Ingress, Egress must hold a policy");
  }
  const [name, direction] = only;
  return { direction, policies: set[name]!, field: `SecurityGroupPolicySet.${name}` };
}

/** The place that a PolicyIndex names in a list; one beyond its end is refused. */
export function placeOf(rules: readonly SecurityGroupRule[], index: number, field: string, beyond = 0): number {
  if (index >= rules.length + beyond) {
    const words = `${field}.PolicyIndex: ${index} must be below ${rules.length + beyond}: the direction has ${rules.length} rules`;
    throw new ApiError("InvalidParameterValue.Range", words);
  }
  return index;
}

/** One policy as a rule. */
export function readPolicy(rooms: Rooms, policy: Policy, field: string): SecurityGroupRule {
  const protocol = policy.Protocol === undefined ? "ALL" : spelledProtocol(policy.Protocol);
  const port = (policy.Port ?? "ALL").toUpperCase();
  if (protocol !== "TCP" && protocol !== "UDP" && port !== "ALL") {
    throw new ApiError("InvalidParameterValue", `${field}.Port: ${JSON.stringify(policy.Port)} needs Protocol TCP or UDP`);
  }
  if (protocol === "ICMP" && policy.Ipv6CidrBlock !== undefined) {
    throw new ApiError("InvalidParameterValue", `${field}.Protocol: "ICMP" with an Ipv6CidrBlock: use ICMPv6`);
  }
  if (policy.SecurityGroupId !== undefined) {
    found(rooms.network.securityGroups.get(policy.SecurityGroupId), `${field}.SecurityGroupId`, policy.SecurityGroupId);
  }
  return {
    protocol,
    port,
    cidr: canonicalBlock(policy.CidrBlock),
    ipv6Cidr: canonicalBlock(policy.Ipv6CidrBlock),
    remoteGroupId: policy.SecurityGroupId ?? "",
    action: policy.Action.toUpperCase() === "ACCEPT" ? "ACCEPT" : "DROP",
    description: policy.PolicyDescription ?? "",
    modifiedMs: rooms.clock.nowMs(),
  };
}

function spelledProtocol(protocol: string): string {
  return protocol.toUpperCase() === "ICMPV6" ? "ICMPv6" : protocol.toUpperCase();
}

/** The block as the cloud keeps it: any 0.0.0.0/n is all of IPv4; an address stands alone, a block by its first. */
function canonicalBlock(text: string | undefined): string {
  if (text === undefined) return "";
  if (text.startsWith("0.0.0.0/")) return "0.0.0.0/0";
  return text.includes("/") ? formatCidr(parseCidr(text)!) : text;
}

/** Whether a rule is the one that a policy without an index names: all that the policy gives must be equal. */
export function isNamed(rule: SecurityGroupRule, policy: NamedPolicy): boolean {
  const wanted: [string | undefined, string][] = [
    [policy.Protocol && spelledProtocol(policy.Protocol), rule.protocol],
    [policy.Port?.toUpperCase(), rule.port],
    [policy.CidrBlock && canonicalBlock(policy.CidrBlock), rule.cidr],
    [policy.Ipv6CidrBlock && canonicalBlock(policy.Ipv6CidrBlock), rule.ipv6Cidr],
    [policy.SecurityGroupId, rule.remoteGroupId],
    [policy.Action?.toUpperCase(), rule.action],
  ];
  return wanted.every(([value, own]) => value === undefined || value === own);
}
