import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";
import { unmapEip } from "../eni-changes.ts";

/** Deletes an ENI that is bound to no instance and that no flow log watches by itself; its EIPs are freed. */
export const deleteNetworkInterface: Handler<"DeleteNetworkInterface"> = (rooms, request, { requestId }) => {
  const { network, flowLogs } = rooms;
  const id = request.NetworkInterfaceId;
  const eni = found(network.enis.get(id), "NetworkInterfaceId", id);
  if (eni.attachment !== undefined) {
    const words = `NetworkInterfaceId: ${JSON.stringify(id)} is bound to ${eni.attachment.instanceId}, detach it first`;
    throw new ApiError("UnsupportedOperation.InvalidState", words);
  }
  const watcher = [...flowLogs.values()].find(({ resourceId }) => resourceId === id);
  if (watcher !== undefined) {
    throw new ApiError("ResourceInUse", `NetworkInterfaceId: ${JSON.stringify(id)} is watched by flow log ${watcher.id}`);
  }
  for (const eip of [...network.eips.values()].filter(({ eniId }) => eniId === id)) unmapEip(rooms, eip);
  network.enis.delete(id);
  rooms.calls.keepTask(requestId, [id]);
  return {};
};
