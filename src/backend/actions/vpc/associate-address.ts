import { ApiError } from "../../../wire/errors.ts";
import type { ActionRequest } from "../../../wire/actions.ts";
import type { Rooms } from "../../rooms.ts";
import type { Eni } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { mapPublicAddress } from "../eni-changes.ts";
import { findEip } from "./find-eip.ts";

type Request = ActionRequest<"AssociateAddress">;

interface Place {
  readonly eni: Eni;
  readonly privateAddress: string;
}

/** Maps an EIP to a private address: one of an ENI, or the first of an instance. */
export const associateAddress: Handler<"AssociateAddress"> = (rooms, request) => {
  const eip = findEip(rooms, "AddressId", request.AddressId);
  const { eni, privateAddress } = wantedPlace(rooms, request);
  if (eip.eniId !== "") {
    const words = `AddressId: ${JSON.stringify(eip.id)} is bound to ${eip.eniId} (${eip.privateAddress}), disassociate it first`;
    throw new ApiError("UnsupportedOperation.AddressStatusNotPermit", words);
  }
  const current = eni.privateAddresses.find(({ address }) => address === privateAddress)!;
  if (current.publicAddress !== "") {
    const code = request.InstanceId === undefined ? "InvalidPrivateIpAddress.AlreadyBindEip" : "InvalidInstanceId.AlreadyBindEip";
    throw new ApiError(code, `PrivateIpAddress: ${JSON.stringify(privateAddress)} of ${eni.id} has ${current.publicAddress} already`);
  }
  mapPublicAddress(rooms, eni, privateAddress, eip.address);
  rooms.network.eips.put(eip.id, { ...eip, eniId: eni.id, privateAddress });
  return { TaskId: rooms.calls.keepNumberedTask([eip.id]) };
};

function wantedPlace(rooms: Rooms, { InstanceId, NetworkInterfaceId, PrivateIpAddress }: Request): Place {
  if (InstanceId !== undefined) {
    if (NetworkInterfaceId !== undefined || PrivateIpAddress !== undefined) {
      const words = "InstanceId cannot be given together with NetworkInterfaceId and PrivateIpAddress";
      throw new ApiError("InvalidParameterValue.Combination", words);
    }
    const [eni] = rooms.network.enisOf(InstanceId);
    if (eni === undefined) {
      throw new ApiError("InvalidInstanceId.NotFound", `InstanceId: ${JSON.stringify(InstanceId)} has no network interface here`);
    }
    const main = eni.privateAddresses.find(({ primary }) => primary);
    if (main === undefined) {
      const words = `InstanceId: ${JSON.stringify(InstanceId)} has ${eni.id} first, which has no IPv4 address`;
      throw new ApiError("FailedOperation.AddressEniInfoNotFound", words);
    }
    return { eni, privateAddress: main.address };
  }
  if (NetworkInterfaceId === undefined) {
    const words = "one of InstanceId, NetworkInterfaceId is required";
    throw new ApiError("InvalidParameterValue.MissingAssociateEntity", words);
  }
  if (PrivateIpAddress === undefined) {
    const words = "NetworkInterfaceId and PrivateIpAddress are given together";
    throw new ApiError("InvalidParameterValue.Combination", words);
  }
  const eni = rooms.network.enis.get(NetworkInterfaceId);
  if (eni === undefined) {
    const words = `NetworkInterfaceId: ${JSON.stringify(NetworkInterfaceId)} does not exist`;
    throw new ApiError("InvalidNetworkInterfaceId.NotFound", words);
  }
  if (!eni.privateAddresses.some(({ address }) => address === PrivateIpAddress)) {
    const words = `PrivateIpAddress: ${JSON.stringify(PrivateIpAddress)} is no address of ${eni.id}`;
    throw new ApiError("FailedOperation.AddressEniInfoNotFound", words);
  }
  return { eni, privateAddress: PrivateIpAddress };
}
