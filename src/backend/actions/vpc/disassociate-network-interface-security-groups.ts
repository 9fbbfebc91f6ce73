import type { Handler } from "../action.ts";
import { checkGroups, putIntoGroups } from "../eni-changes.ts";
import { byIds } from "../listing.ts";

/** Takes ENIs out of groups; an ENI that is not in one of them stays as it is. */
export const disassociateNetworkInterfaceSecurityGroups: Handler<"DisassociateNetworkInterfaceSecurityGroups"> = (rooms, request) => {
  const { enis } = rooms.network;
  checkGroups(rooms, request.SecurityGroupIds);
  for (const eni of byIds((id) => enis.get(id), "NetworkInterfaceIds", request.NetworkInterfaceIds)) {
    const kept = eni.securityGroupIds.filter((id) => !request.SecurityGroupIds.includes(id));
    putIntoGroups(rooms, eni, kept);
  }
  return {};
};
