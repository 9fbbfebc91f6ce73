import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";
import { shownPolicySet } from "../vpc-shapes.ts";

type Policies = ReturnType<typeof shownPolicySet>;
type Policy = Policies["Ingress"][number];

const readers: Readonly<Record<string, (policy: Policy) => string>> = {
  "security-group-id": (policy) => policy.SecurityGroupId,
  ip: (policy) => policy.CidrBlock + policy.Ipv6CidrBlock,
  "protocol-type": (policy) => policy.Protocol.toLowerCase(),
  port: (policy) => policy.Port,
  description: (policy) => policy.PolicyDescription,
};

/** A group's rules in both directions, or those of them that pass the filters. */
export const describeSecurityGroupPolicies: Handler<"DescribeSecurityGroupPolicies"> = ({ network }, request) => {
  const group = found(network.securityGroups.get(request.SecurityGroupId), "SecurityGroupId", request.SecurityGroupId);
  const set = shownPolicySet(group);
  for (const [index, { Name, Values }] of (request.Filters ?? []).entries()) {
    const wanted = Values.map((value) => value.toLowerCase());
    if (Name === "direction") {
      if (wanted.every((value) => value === "inbound")) set.Egress = [];
      if (wanted.every((value) => value === "outbound")) set.Ingress = [];
    } else keepMatching(set, policyTest(Name, wanted, index));
  }
  return { SecurityGroupPolicySet: set };
};

function policyTest(name: string, wanted: readonly string[], index: number): (policy: Policy) => boolean {
  if (name === "poly") {
    return ({ Action }) => wanted.some((value) => value === "all" || value === Action.toLowerCase());
  }
  const read = readers[name];
  if (read === undefined) {
    const known = [...Object.keys(readers), "poly", "direction"].join(", ");
    const words = `Filters.${index}: ${JSON.stringify(name)} must be one of ${known}`;
    throw new ApiError("InvalidParameter.FilterInvalidKey", words);
  }
  return (policy) => wanted.some((value) => read(policy).toLowerCase().includes(value));
}

function keepMatching(set: Policies, test: (policy: Policy) => boolean): void {
  set.Ingress = set.Ingress.filter(test);
  set.Egress = set.Egress.filter(test);
}
