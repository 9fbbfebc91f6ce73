import { type Handler, found } from "../action.ts";
import { checkGroups } from "../eni-changes.ts";

/** Changes an ENI's name, description or groups; given groups replace the ones it had. */
export const modifyNetworkInterfaceAttribute: Handler<"ModifyNetworkInterfaceAttribute"> = (rooms, request) => {
  const { network } = rooms;
  const eni = found(network.enis.get(request.NetworkInterfaceId), "NetworkInterfaceId", request.NetworkInterfaceId);
  checkGroups(rooms, request.SecurityGroupIds ?? []);
  network.enis.put(eni.id, {
    ...eni,
    name: request.NetworkInterfaceName ?? eni.name,
    description: request.NetworkInterfaceDescription ?? eni.description,
    securityGroupIds: request.SecurityGroupIds === undefined ? eni.securityGroupIds : [...new Set(request.SecurityGroupIds)],
  });
  return {};
};
