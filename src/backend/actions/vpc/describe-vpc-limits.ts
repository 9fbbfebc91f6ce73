import { maxGroups } from "../../../wire/vpc/network-interfaces.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { maxPrivateAddresses } from "./choose-addresses.ts";
import { maxEntries } from "./network-acl-rules.ts";
import { maxPolicies } from "./security-group-rules.ts";

/** The answer for what has no limit here: a laptop has no account to hold to a quota. */
const unlimited = 2_147_483_647;

/** The limits by the API's names for them. */
const limits: ReadonlyMap<string, number> = new Map([
  ["appid-max-vpcs", unlimited],
  ["vpc-max-subnets", unlimited],
  ["vpc-max-route-tables", 1],
  ["route-table-max-policies", 0],
  ["vpc-max-network-acls", unlimited],
  ["vpc-max-enis", unlimited],
  ["appid-max-security-groups", unlimited],
  ["security-group-max-ingress-policies", maxPolicies],
  ["security-group-max-egress-policies", maxPolicies],
  ["eni-max-security-groups", maxGroups],
  ["eni-max-private-ips", maxPrivateAddresses],
  ["network-acl-max-inbound-policies", maxEntries],
  ["network-acl-max-outbound-policies", maxEntries],
]);

/** How much of each kind there may be. */
export const describeVpcLimits: Handler<"DescribeVpcLimits"> = (_rooms, { LimitTypes }) => ({
  VpcLimitSet: LimitTypes.map((LimitType, index) => {
    const LimitValue = limits.get(LimitType);
    if (LimitValue === undefined) {
      const words = `LimitTypes.${index}: ${JSON.stringify(LimitType)} must be one of ${[...limits.keys()].join(", ")}`;
      throw new ApiError("InvalidParameterValue", words);
    }
    return { LimitType, LimitValue };
  }),
});
