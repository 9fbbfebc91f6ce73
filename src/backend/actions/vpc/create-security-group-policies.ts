import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { groupToChange, oneDirection, placeOf, putRules, readPolicy } from "./security-group-rules.ts";

/** Adds rules to one direction of a group: before the rule that PolicyIndex names, or (without it) after all others. */
export const createSecurityGroupPolicies: Handler<"CreateSecurityGroupPolicies"> = (rooms, request) => {
  const set = request.SecurityGroupPolicySet;
  const group = groupToChange(rooms, request.SecurityGroupId, set.Version);
  const { direction, policies, field } = oneDirection(set);
  const indexes = new Set(policies.map(({ PolicyIndex }) => PolicyIndex));
  if (indexes.size > 1) {
    throw new ApiError("InvalidParameterValue", `${field}: all policies of one call have the same PolicyIndex`);
  }
  const rules = group[direction];
  const [index] = indexes;
  const place = index === undefined ? rules.length : placeOf(rules, index, `${field}.0`, 1);
  const added = policies.map((policy, at) => readPolicy(rooms, policy, `${field}.${at}`));
  putRules(rooms, group, { [direction]: rules.toSpliced(place, 0, ...added) });
  return {};
};
