import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { aclToChange, changeEntries, quintupleForm, replaceEntries, tripleForm } from "./network-acl-rules.ts";

/**
 * Replaces the rules of each direction that is given; the other direction stays as it is. With EnableUpdateAclEntries it
 * changes single rules of the triple form instead, named by their ids.
 */
export const modifyNetworkAclEntries: Handler<"ModifyNetworkAclEntries"> = (rooms, request) => {
  const { NetworkAclId, NetworkAclEntrySet: triple, NetworkAclQuintupleSet: quintuple, EnableUpdateAclEntries } = request;
  if (triple !== undefined && quintuple !== undefined) {
    throw new ApiError("InvalidParameter.Coexist", "NetworkAclEntrySet and NetworkAclQuintupleSet cannot be given together");
  }
  if (quintuple !== undefined) {
    if (EnableUpdateAclEntries === true) {
      const words = "EnableUpdateAclEntries: true is for NetworkAclEntrySet only; use ModifyNetworkAclQuintupleEntries";
      throw new ApiError("InvalidParameter.Coexist", words);
    }
    replaceEntries(rooms, aclToChange(rooms, NetworkAclId, "QUINTUPLE"), quintuple, quintupleForm);
    return {};
  }
  if (triple === undefined) {
    throw new ApiError("MissingParameter", "one of NetworkAclEntrySet, NetworkAclQuintupleSet is required");
  }
  const change = EnableUpdateAclEntries === true ? changeEntries : replaceEntries;
  change(rooms, aclToChange(rooms, NetworkAclId, "TRIPLE"), triple, tripleForm);
  return {};
};
