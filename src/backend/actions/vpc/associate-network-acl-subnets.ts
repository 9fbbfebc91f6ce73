import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";

/** Puts a network ACL at the edge of subnets. Assumed: a subnet that had another one changes over to this one. */
export const associateNetworkAclSubnets: Handler<"AssociateNetworkAclSubnets"> = ({ network }, request) => {
  const acl = found(network.networkAcls.get(request.NetworkAclId), "NetworkAclId", request.NetworkAclId);
  for (const [index, id] of request.SubnetIds.entries()) {
    const subnet = found(network.subnets.get(id), `SubnetIds.${index}`, id);
    if (subnet.vpcId !== acl.vpcId) {
      const words = `SubnetIds.${index}: ${JSON.stringify(id)} is in ${subnet.vpcId}, the network ACL in ${acl.vpcId}`;
      throw new ApiError("UnsupportedOperation.VpcMismatch", words);
    }
    network.subnets.put(id, { ...subnet, networkAclId: acl.id });
  }
  return {};
};
