import { ApiError } from "../../../wire/errors.ts";
import { newId } from "../../ids.ts";
import type { Rooms } from "../../rooms.ts";
import type { Eni } from "../../vpc/network.ts";
import { type Handler, found } from "../action.ts";
import { checkGroups } from "../eni-changes.ts";
import { once } from "../once.ts";
import { readTags } from "../tags.ts";
import { shownEni } from "../vpc-shapes.ts";
import { chooseIpv6Addresses, choosePrivateAddresses } from "./choose-addresses.ts";

/** Makes an ENI with its addresses. The answer says PENDING, as the cloud's does; the next Describe, AVAILABLE. */
export const createNetworkInterface: Handler<"CreateNetworkInterface"> = (rooms, request, { requestId }) =>
  once(rooms, "CreateNetworkInterface", request, () => {
    const { network } = rooms;
    const vpc = found(network.vpcs.get(request.VpcId), "VpcId", request.VpcId);
    const subnet = found(network.subnets.get(request.SubnetId), "SubnetId", request.SubnetId);
    if (subnet.vpcId !== vpc.id) {
      const words = `SubnetId: ${JSON.stringify(subnet.id)} is a subnet of ${subnet.vpcId}, not of ${vpc.id}`;
      throw new ApiError("UnsupportedOperation.ResourceMismatch", words);
    }
    const securityGroupIds = [...new Set(request.SecurityGroupIds)];
    checkGroups(rooms, securityGroupIds);
    const eni: Eni = {
      id: newId("eni", rooms.random),
      vpcId: vpc.id,
      subnetId: subnet.id,
      name: request.NetworkInterfaceName,
      description: request.NetworkInterfaceDescription ?? "",
      securityGroupIds,
      privateAddresses: choosePrivateAddresses(rooms, subnet, request),
      ipv6Addresses: chooseIpv6Addresses(rooms, subnet, request),
      mac: newMac(rooms),
      qosLevel: request.QosLevel ?? "DEFAULT",
      tags: readTags(request.Tags),
      createdMs: rooms.clock.nowMs(),
    };
    network.enis.put(eni.id, eni);
    rooms.calls.keepTask(requestId, [eni.id]);
    return { NetworkInterface: shownEni(rooms, eni, "PENDING") };
  });

/** A hardware address with the cloud's usual first bytes. */
function newMac(rooms: Rooms): string {
  const tail = rooms.random.next().toString(16).padStart(8, "0").match(/../g)!;
  return ["52", "54", ...tail].join(":");
}
