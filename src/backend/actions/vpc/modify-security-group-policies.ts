import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";
import { readPolicySet } from "./security-group-rules.ts";

/**
 * Replaces all rules of a group, both directions. `Version: "0"` clears them; any other version must be the group's
 * own, or somebody else changed it meanwhile.
 */
export const modifySecurityGroupPolicies: Handler<"ModifySecurityGroupPolicies"> = (rooms, request) => {
  const { securityGroups } = rooms.network;
  const group = found(securityGroups.get(request.SecurityGroupId), "SecurityGroupId", request.SecurityGroupId);
  const set = request.SecurityGroupPolicySet;
  const isClearing = set.Version === "0" && set.Ingress === undefined && set.Egress === undefined;
  if (set.Version !== undefined && !isClearing && set.Version !== String(group.version)) {
    const words = `SecurityGroupPolicySet.Version: ${JSON.stringify(set.Version)} is not the group's version ${group.version}`;
    throw new ApiError("UnsupportedOperation.VersionMismatch", words);
  }
  const rules = readPolicySet(rooms, set);
  securityGroups.put(group.id, { ...group, ...rules, version: group.version + 1, updatedMs: rooms.clock.nowMs() });
  return {};
};
