import { ApiError } from "../../../wire/errors.ts";
import type { Network, NetworkAcl, Subnet } from "../../vpc/network.ts";
import { type Handler, found } from "../action.ts";

/** Puts a network ACL at the edge of subnets. Assumed: a subnet that had another one changes over to this one. */
export const associateNetworkAclSubnets: Handler<"AssociateNetworkAclSubnets"> = ({ network }, request) => {
  const acl = found(network.networkAcls.get(request.NetworkAclId), "NetworkAclId", request.NetworkAclId);
  for (const [index, id] of request.SubnetIds.entries()) {
    const subnet = subnetOfAcl(network, acl, `SubnetIds.${index}`, id);
    network.subnets.put(id, { ...subnet, networkAclId: acl.id });
  }
  return {};
};

/** A subnet of the network ACL's own VPC. */
export function subnetOfAcl(network: Network, acl: NetworkAcl, field: string, id: string): Subnet {
  const subnet = found(network.subnets.get(id), field, id);
  if (subnet.vpcId !== acl.vpcId) {
    const words = `${field}: ${JSON.stringify(id)} is in ${subnet.vpcId}, the network ACL in ${acl.vpcId}`;
    throw new ApiError("UnsupportedOperation.VpcMismatch", words);
  }
  return subnet;
}
