import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { groupToChange, isNamed, oneDirection, placeOf, putRules } from "./security-group-rules.ts";

/** Deletes rules of one direction, each named by its PolicyIndex or by what it says. */
export const deleteSecurityGroupPolicies: Handler<"DeleteSecurityGroupPolicies"> = (rooms, request) => {
  const set = request.SecurityGroupPolicySet;
  const group = groupToChange(rooms, request.SecurityGroupId, set.Version);
  const { direction, policies, field } = oneDirection(set);
  const rules = group[direction];
  const gone = new Set<number>();
  for (const [index, policy] of policies.entries()) {
    const at = `${field}.${index}`;
    if (policy.PolicyIndex !== undefined) {
      gone.add(placeOf(rules, policy.PolicyIndex, at));
      continue;
    }
    if (Object.values(policy).every((value) => value === undefined)) {
      throw new ApiError("MissingParameter", `${at}: name the policy by its PolicyIndex, or by what it says`);
    }
    const hits = [...rules.keys()].filter((place) => isNamed(rules[place]!, policy));
    if (hits.length === 0) throw new ApiError("ResourceNotFound", `${at}: no rule of the group is so: ${JSON.stringify(policy)}`);
    for (const hit of hits) gone.add(hit);
  }
  putRules(rooms, group, { [direction]: rules.filter((_, place) => !gone.has(place)) });
  return {};
};
