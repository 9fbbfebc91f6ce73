import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";

/** Deletes a VPC that has nothing in it any more. */
export const deleteVpc: Handler<"DeleteVpc"> = ({ network, flowLogs }, { VpcId }) => {
  found(network.vpcs.get(VpcId), "VpcId", VpcId);
  const users = [
    ...network.subnetsOf(VpcId),
    ...[...network.networkAcls.values()].filter(({ vpcId }) => vpcId === VpcId),
    ...[...flowLogs.values()].filter(({ vpcId }) => vpcId === VpcId),
  ].map(({ id }) => id);
  if (users.length > 0) {
    throw new ApiError("ResourceInUse", `VpcId: ${JSON.stringify(VpcId)} still holds ${users.slice(0, 5).join(", ")}`);
  }
  network.vpcs.delete(VpcId);
  return {};
};
