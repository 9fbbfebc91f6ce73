import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";

/** Deletes a subnet that no ENI stands in and no flow log watches. */
export const deleteSubnet: Handler<"DeleteSubnet"> = ({ network, flowLogs }, { SubnetId }) => {
  found(network.subnets.get(SubnetId), "SubnetId", SubnetId);
  const users = [
    ...network.enisIn(SubnetId),
    ...[...flowLogs.values()].filter(({ resourceId }) => resourceId === SubnetId),
  ].map(({ id }) => id);
  if (users.length > 0) {
    throw new ApiError("ResourceInUse", `SubnetId: ${JSON.stringify(SubnetId)} is used by ${users.slice(0, 5).join(", ")}`);
  }
  network.subnets.delete(SubnetId);
  return {};
};
