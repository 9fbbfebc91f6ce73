import { ApiError } from "../../../wire/errors.ts";
import type { Rooms } from "../../rooms.ts";
import type { Eni } from "../../vpc/network.ts";
import { type Handler, found } from "../action.ts";
import { once } from "../once.ts";

/**
 * Binds an ENI to an instance. Instances belong to another service, so any instance id is taken; where an instance
 * stands is known by the ENIs it has.
 */
export const attachNetworkInterface: Handler<"AttachNetworkInterface"> = (rooms, request, { requestId }) =>
  once(rooms, "AttachNetworkInterface", request, () => {
    const { NetworkInterfaceId, InstanceId } = request;
    const { enis } = rooms.network;
    const eni = found(enis.get(NetworkInterfaceId), "NetworkInterfaceId", NetworkInterfaceId);
    if (eni.attachment?.instanceId === InstanceId) {
      const words = `NetworkInterfaceId: ${JSON.stringify(eni.id)} is bound to ${InstanceId} already`;
      throw new ApiError("UnsupportedOperation.AttachmentAlreadyExists", words);
    }
    if (eni.attachment !== undefined) {
      const words = `NetworkInterfaceId: ${JSON.stringify(eni.id)} is bound to ${eni.attachment.instanceId}, detach it first`;
      throw new ApiError("UnsupportedOperation.InvalidState", words);
    }
    const deviceIndex = nextDeviceIndex(rooms, eni, InstanceId);
    const attachment = { instanceId: InstanceId, deviceIndex, attachType: request.AttachType ?? 0, attachedMs: rooms.clock.nowMs() };
    enis.put(eni.id, { ...eni, attachment });
    rooms.calls.keepTask(requestId, [eni.id]);
    return {};
  });

/** The first free place at an instance that stands in the ENI's VPC and zone. */
function nextDeviceIndex({ network }: Rooms, eni: Eni, instanceId: string): number {
  const others = network.enisOf(instanceId);
  const zoneOf = ({ subnetId }: Eni) => network.subnets.get(subnetId)!.zone;
  const [first] = others;
  if (first !== undefined && first.vpcId !== eni.vpcId) {
    const words = `InstanceId: ${JSON.stringify(instanceId)} is in ${first.vpcId}, the network interface in ${eni.vpcId}`;
    throw new ApiError("UnsupportedOperation.VpcMismatch", words);
  }
  if (first !== undefined && zoneOf(first) !== zoneOf(eni)) {
    const words = `InstanceId: ${JSON.stringify(instanceId)} is in ${zoneOf(first)}, the network interface in ${zoneOf(eni)}`;
    throw new ApiError("UnsupportedOperation.ZoneMismatch", words);
  }
  const taken = new Set(others.map(({ attachment }) => attachment!.deviceIndex));
  let index = 0;
  while (taken.has(index)) index++;
  return index;
}
