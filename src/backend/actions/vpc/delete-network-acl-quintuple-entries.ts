import type { Handler } from "../action.ts";
import { aclToChange, removeEntries, quintupleForm } from "./network-acl-rules.ts";

/** Deletes rules of a network ACL of the quintuple form, named by their ids. */
export const deleteNetworkAclQuintupleEntries: Handler<"DeleteNetworkAclQuintupleEntries"> = (rooms, request) => {
  removeEntries(rooms, aclToChange(rooms, request.NetworkAclId, "QUINTUPLE"), request.NetworkAclQuintupleSet, quintupleForm);
  return {};
};
