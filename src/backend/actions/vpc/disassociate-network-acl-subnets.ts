import { type Handler, found } from "../action.ts";
import { subnetOfAcl } from "./associate-network-acl-subnets.ts";

/** Takes a network ACL away from subnets of its VPC; a subnet that does not have it stays as it is. */
export const disassociateNetworkAclSubnets: Handler<"DisassociateNetworkAclSubnets"> = ({ network }, request) => {
  const acl = found(network.networkAcls.get(request.NetworkAclId), "NetworkAclId", request.NetworkAclId);
  for (const [index, id] of request.SubnetIds.entries()) {
    const subnet = subnetOfAcl(network, acl, `SubnetIds.${index}`, id);
    if (subnet.networkAclId === acl.id) network.subnets.put(id, { ...subnet, networkAclId: "" });
  }
  return {};
};
