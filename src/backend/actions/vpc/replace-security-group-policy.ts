import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { groupToChange, oneDirection, placeOf, putRules, readPolicy } from "./security-group-rules.ts";

/** Puts one rule in the place of another, which PolicyIndex names. */
export const replaceSecurityGroupPolicy: Handler<"ReplaceSecurityGroupPolicy"> = (rooms, request) => {
  const set = request.SecurityGroupPolicySet;
  const group = groupToChange(rooms, request.SecurityGroupId, set.Version);
  const { direction, policies, field } = oneDirection(set);
  const [policy, ...more] = policies;
  if (more.length > 0) {
    throw new ApiError("InvalidParameterValue.LimitExceeded", `${field}: ${policies.length} policies, one is replaced at a time`);
  }
  if (policy!.PolicyIndex === undefined) {
    throw new ApiError("MissingParameter", `${field}.0.PolicyIndex: this parameter is required: it names the policy to replace`);
  }
  const rules = group[direction];
  const place = placeOf(rules, policy!.PolicyIndex, `${field}.0`);
  putRules(rooms, group, { [direction]: rules.toSpliced(place, 1, readPolicy(rooms, policy!, `${field}.0`)) });
  return {};
};
