import type { Handler } from "../action.ts";
import { shownSecurityGroup } from "../vpc-shapes.ts";
import { makeSecurityGroup } from "./make-security-group.ts";

/** Makes a security group without rules. */
export const createSecurityGroup: Handler<"CreateSecurityGroup"> = (rooms, request) => {
  return { SecurityGroup: shownSecurityGroup(makeSecurityGroup(rooms, request, { ingress: [], egress: [] })) };
};
