import type { Handler } from "../action.ts";
import { aclToChange, changeEntries, quintupleForm } from "./network-acl-rules.ts";

/** Changes rules of a network ACL of the quintuple form, named by their ids; what is left out stays. */
export const modifyNetworkAclQuintupleEntries: Handler<"ModifyNetworkAclQuintupleEntries"> = (rooms, request) => {
  changeEntries(rooms, aclToChange(rooms, request.NetworkAclId, "QUINTUPLE"), request.NetworkAclQuintupleSet, quintupleForm);
  return {};
};
