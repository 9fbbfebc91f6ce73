import type { Handler } from "../action.ts";
import { aclToChange, addEntries, quintupleForm } from "./network-acl-rules.ts";

/** Adds rules to a network ACL of the quintuple form. */
export const createNetworkAclQuintupleEntries: Handler<"CreateNetworkAclQuintupleEntries"> = (rooms, request) => {
  addEntries(rooms, aclToChange(rooms, request.NetworkAclId, "QUINTUPLE"), request.NetworkAclQuintupleSet, quintupleForm);
  return {};
};
