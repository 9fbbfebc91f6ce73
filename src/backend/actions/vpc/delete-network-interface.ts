import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";

/** Deletes an ENI that no flow log watches by itself. */
export const deleteNetworkInterface: Handler<"DeleteNetworkInterface"> = ({ network, flowLogs }, request) => {
  const id = request.NetworkInterfaceId;
  found(network.enis.get(id), "NetworkInterfaceId", id);
  const watcher = [...flowLogs.values()].find(({ resourceId }) => resourceId === id);
  if (watcher !== undefined) {
    throw new ApiError("ResourceInUse", `NetworkInterfaceId: ${JSON.stringify(id)} is watched by flow log ${watcher.id}`);
  }
  network.enis.delete(id);
  return {};
};
