import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";
import { once } from "../once.ts";

/** Frees an ENI from the instance it is bound to. */
export const detachNetworkInterface: Handler<"DetachNetworkInterface"> = (rooms, request, { requestId }) =>
  once(rooms, "DetachNetworkInterface", request, () => {
    const { NetworkInterfaceId, InstanceId } = request;
    const { enis } = rooms.network;
    const eni = found(enis.get(NetworkInterfaceId), "NetworkInterfaceId", NetworkInterfaceId);
    if (eni.attachment?.instanceId !== InstanceId) {
      const state = eni.attachment === undefined ? "to no instance" : `to ${eni.attachment.instanceId}`;
      const words = `InstanceId: ${JSON.stringify(InstanceId)} does not have ${eni.id}, which is bound ${state}`;
      throw new ApiError("UnsupportedOperation.InvalidState", words);
    }
    enis.put(eni.id, { ...eni, attachment: undefined });
    rooms.calls.keepTask(requestId, [eni.id]);
    return {};
  });
