import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";
import { shownPolicySet } from "../vpc-shapes.ts";

type Policies = ReturnType<typeof shownPolicySet>;
type Policy = Policies["Ingress"][number];

/** Whether a policy passes a filter's value, which is in lower case; the API's page says which filters take a part for the whole. */
type Test = (policy: Policy, wanted: string) => boolean;

const tests: Readonly<Record<string, Test>> = {
  "security-group-id": ({ SecurityGroupId }, wanted) => SecurityGroupId === wanted,
  ip: ({ CidrBlock, Ipv6CidrBlock }, wanted) => (CidrBlock + Ipv6CidrBlock).includes(wanted),
  "protocol-type": ({ Protocol }, wanted) => Protocol.toLowerCase() === wanted,
  port: ({ Port }, wanted) => wanted === "all" || Port.toLowerCase().includes(wanted),
  poly: ({ Action }, wanted) => wanted === "all" || Action.toLowerCase() === wanted,
  description: ({ PolicyDescription }, wanted) => PolicyDescription.toLowerCase().includes(wanted),
  // Parameter templates are not kept, so no policy has one.
  "address-module": () => false,
  "service-module": () => false,
};

const directionNames = { Ingress: "inbound", Egress: "outbound" } as const;

/** A group's rules in both directions, or those of them that pass the filters. */
export const describeSecurityGroupPolicies: Handler<"DescribeSecurityGroupPolicies"> = ({ network }, request) => {
  const group = found(network.securityGroups.get(request.SecurityGroupId), "SecurityGroupId", request.SecurityGroupId);
  const set = shownPolicySet(group);
  for (const [index, { Name, Values }] of (request.Filters ?? []).entries()) {
    const wanted = Values.map((value) => value.toLowerCase());
    for (const direction of ["Ingress", "Egress"] as const) {
      const own = directionNames[direction];
      const test: Test = Name === "direction" ? (_policy, value) => value === "all" || value === own : testOf(Name, index);
      set[direction] = set[direction].filter((policy) => wanted.some((value) => test(policy, value)));
    }
  }
  return { SecurityGroupPolicySet: set };
};

function testOf(name: string, index: number): Test {
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
  if (test !== undefined) return test;
  const known = [...Object.keys(tests), "direction"].join(", ");
  throw new ApiError("InvalidParameter.FilterInvalidKey", `Filters.${index}: ${JSON.stringify(name)} must be one of ${known}`);
}
