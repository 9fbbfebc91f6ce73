import { type Handler, found } from "../action.ts";

/** Changes an ENI's name, description or groups; given groups replace the ones it had. */
export const modifyNetworkInterfaceAttribute: Handler<"ModifyNetworkInterfaceAttribute"> = ({ network }, request) => {
  const eni = found(network.enis.get(request.NetworkInterfaceId), "NetworkInterfaceId", request.NetworkInterfaceId);
  for (const [index, id] of (request.SecurityGroupIds ?? []).entries()) {
    found(network.securityGroups.get(id), `SecurityGroupIds.${index}`, id);
  }
  network.enis.put(eni.id, {
    ...eni,
    name: request.NetworkInterfaceName ?? eni.name,
    description: request.NetworkInterfaceDescription ?? eni.description,
    securityGroupIds: request.SecurityGroupIds ?? eni.securityGroupIds,
  });
  return {};
};
