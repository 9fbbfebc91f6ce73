import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { groupToChange, putRules, readPolicySet } from "./security-group-rules.ts";

/**
 * Replaces all rules of a group, both directions. `Version: "0"` clears them, whatever else is given; any other version
 * must be the group's own (the API's page).
 */
export const modifySecurityGroupPolicies: Handler<"ModifySecurityGroupPolicies"> = (rooms, request) => {
  const { Version, Ingress, Egress } = request.SecurityGroupPolicySet;
  if (Version === "0") {
    putRules(rooms, groupToChange(rooms, request.SecurityGroupId, undefined), { ingress: [], egress: [] });
    return {};
  }
  if (Ingress === undefined && Egress === undefined) {
    const words = 'SecurityGroupPolicySet: give Ingress or Egress, or Version "0" to clear all rules';
    throw new ApiError("InvalidParameterValue.Empty", words);
  }
  const group = groupToChange(rooms, request.SecurityGroupId, Version);
  putRules(rooms, group, readPolicySet(rooms, { Ingress, Egress }));
  return {};
};
