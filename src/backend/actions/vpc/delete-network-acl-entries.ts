import type { Handler } from "../action.ts";
import { aclToChange, removeEntries, tripleForm } from "./network-acl-rules.ts";

/** Deletes rules of a network ACL of the triple form, named by their ids. */
export const deleteNetworkAclEntries: Handler<"DeleteNetworkAclEntries"> = (rooms, request) => {
  removeEntries(rooms, aclToChange(rooms, request.NetworkAclId, "TRIPLE"), request.NetworkAclEntrySet ?? {}, tripleForm);
  return {};
};
