import type { Handler } from "../action.ts";
import { aclToChange, addEntries, tripleForm } from "./network-acl-rules.ts";

/** Adds rules to a network ACL of the triple form. */
export const createNetworkAclEntries: Handler<"CreateNetworkAclEntries"> = (rooms, request) => {
  addEntries(rooms, aclToChange(rooms, request.NetworkAclId, "TRIPLE"), request.NetworkAclEntrySet, tripleForm);
  return {};
};
