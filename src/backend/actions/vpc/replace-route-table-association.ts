import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";

/** Gives a subnet a route table of its VPC. A VPC has its main one only, so a subnet keeps what it has. */
export const replaceRouteTableAssociation: Handler<"ReplaceRouteTableAssociation"> = ({ network }, request) => {
  const { SubnetId, RouteTableId } = request;
  const subnet = found(network.subnets.get(SubnetId), "SubnetId", SubnetId);
  const owner = [...network.vpcs.values()].find(({ routeTableId }) => routeTableId === RouteTableId);
  const { id } = found(owner, "RouteTableId", RouteTableId);
  if (id !== subnet.vpcId) {
    const words = `RouteTableId: ${JSON.stringify(RouteTableId)} is a route table of ${id}, subnet ${SubnetId} is in ${subnet.vpcId}`;
    throw new ApiError("UnsupportedOperation.VpcMismatch", words);
  }
  return {};
};
