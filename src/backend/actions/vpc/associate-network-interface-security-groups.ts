import type { Handler } from "../action.ts";
import { checkGroups, putIntoGroups } from "../eni-changes.ts";
import { byIds } from "../listing.ts";

/** Puts ENIs into groups beside the ones they are in. */
export const associateNetworkInterfaceSecurityGroups: Handler<"AssociateNetworkInterfaceSecurityGroups"> = (rooms, request) => {
  const { enis } = rooms.network;
  checkGroups(rooms, request.SecurityGroupIds);
  for (const eni of byIds((id) => enis.get(id), "NetworkInterfaceIds", request.NetworkInterfaceIds)) {
    putIntoGroups(rooms, eni, [...new Set([...eni.securityGroupIds, ...request.SecurityGroupIds])]);
  }
  return {};
};
