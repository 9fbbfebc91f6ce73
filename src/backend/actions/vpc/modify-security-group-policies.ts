import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { groupToChange, putRules, readPolicySet } from "./security-group-rules.ts";

/**
 * Replaces all rules of a group, both directions. `Version: "0"` and no rules clears them; any other version must be the
 * group's own.
 */
export const modifySecurityGroupPolicies: Handler<"ModifySecurityGroupPolicies"> = (rooms, request) => {
  const set = request.SecurityGroupPolicySet;
  const isClearing = set.Version === "0" && set.Ingress === undefined && set.Egress === undefined;
  if (set.Version === undefined && set.Ingress === undefined && set.Egress === undefined) {
    const words = 'SecurityGroupPolicySet: give Ingress or Egress, or Version "0" to clear all rules';
    throw new ApiError("InvalidParameterValue.Empty", words);
  }
  const group = groupToChange(rooms, request.SecurityGroupId, isClearing ? undefined : set.Version);
  putRules(rooms, group, readPolicySet(rooms, set));
  return {};
};
