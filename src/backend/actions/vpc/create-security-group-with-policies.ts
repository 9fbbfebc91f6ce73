import type { Handler } from "../action.ts";
import { shownSecurityGroup } from "../vpc-shapes.ts";
import { makeSecurityGroup } from "./make-security-group.ts";
import { readPolicySet } from "./security-group-rules.ts";

/** Makes a security group and its rules in one step. */
export const createSecurityGroupWithPolicies: Handler<"CreateSecurityGroupWithPolicies"> = (rooms, request) => {
  const rules = readPolicySet(rooms, request.SecurityGroupPolicySet ?? {});
  return { SecurityGroup: shownSecurityGroup(makeSecurityGroup(rooms, request, rules)) };
};
