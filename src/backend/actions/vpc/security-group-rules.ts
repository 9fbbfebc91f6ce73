/** Security group rules between the wire and the rooms, and what a list of them may hold. */
import type { ActionRequest } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import { parseCidr, formatCidr } from "../../../net/address.ts";
import type { Rooms } from "../../rooms.ts";
import type { SecurityGroupRule } from "../../vpc/network.ts";
import { found } from "../action.ts";

type PolicySet = ActionRequest<"ModifySecurityGroupPolicies">["SecurityGroupPolicySet"];
type Policy = NonNullable<PolicySet["Ingress"]>[number];

/** Most rules of one direction (the cloud's default quota). */
const maxRules = 100;

/** Both directions of a policy set as rules. */
export function readPolicySet(rooms: Rooms, set: PolicySet) {
  return {
    ingress: readPolicies(rooms, set.Ingress ?? [], "Ingress"),
    egress: readPolicies(rooms, set.Egress ?? [], "Egress"),
  };
}

function readPolicies(rooms: Rooms, policies: readonly Policy[], direction: "Ingress" | "Egress"): SecurityGroupRule[] {
  const field = `SecurityGroupPolicySet.${direction}`;
  if (policies.length > maxRules) {
    const words = `${field}: ${policies.length} rules are more than the ${maxRules} a direction may have`;
    throw new ApiError("LimitExceeded.SecurityGroupPolicySet", words);
  }
  const rules = policies.map((policy, index) => readPolicy(rooms, policy, `${field}.${index}`));
  const seen = new Map<string, number>();
  for (const [index, rule] of rules.entries()) {
    const { modifiedMs: _, description: __, ...identity } = rule;
    const earlier = seen.get(JSON.stringify(identity));
    if (earlier !== undefined) {
      throw new ApiError("UnsupportedOperation.DuplicatePolicy", `${field}.${index}: the same rule as ${field}.${earlier}`);
    }
    seen.set(JSON.stringify(identity), index);
  }
  return rules;
}

function readPolicy(rooms: Rooms, policy: Policy, field: string): SecurityGroupRule {
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
