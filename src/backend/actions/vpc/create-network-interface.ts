import { canonicalAddress, cidrHolds, formatIpv4, formatIpv6, parseAddress, parseCidr } from "../../../net/address.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { ActionRequest } from "../../../wire/actions.ts";
import { newId } from "../../ids.ts";
import type { Rooms } from "../../rooms.ts";
import type { Eni, PrivateAddress, Subnet } from "../../vpc/network.ts";
import { type Handler, found } from "../action.ts";
import { readTags } from "../tags.ts";
import { shownEni } from "../vpc-shapes.ts";

type Request = ActionRequest<"CreateNetworkInterface">;

/** Makes an ENI with its addresses. The answer says PENDING, as the cloud's does; the next Describe, AVAILABLE. */
export const createNetworkInterface: Handler<"CreateNetworkInterface"> = (rooms, request) => {
  const { network } = rooms;
  const vpc = found(network.vpcs.get(request.VpcId), "VpcId", request.VpcId);
  const subnet = found(network.subnets.get(request.SubnetId), "SubnetId", request.SubnetId);
  if (subnet.vpcId !== vpc.id) {
    const words = `SubnetId: ${JSON.stringify(subnet.id)} is a subnet of ${subnet.vpcId}, not of ${vpc.id}`;
    throw new ApiError("UnsupportedOperation.ResourceMismatch", words);
  }
  const groupIds = request.SecurityGroupIds ?? [];
  for (const [index, id] of groupIds.entries()) {
    found(network.securityGroups.get(id), `SecurityGroupIds.${index}`, id);
  }
  const eni: Eni = {
    id: newId("eni", rooms.random),
    vpcId: vpc.id,
    subnetId: subnet.id,
    name: request.NetworkInterfaceName,
    description: request.NetworkInterfaceDescription ?? "",
    securityGroupIds: groupIds,
    privateAddresses: choosePrivateAddresses(rooms, subnet, request),
    ipv6Addresses: chooseIpv6Addresses(rooms, subnet, request),
    mac: newMac(rooms),
    qosLevel: request.QosLevel ?? "DEFAULT",
    tags: readTags(request.Tags),
    createdMs: rooms.clock.nowMs(),
  };
  network.enis.put(eni.id, eni);
  return { NetworkInterface: shownEni(rooms, eni, "PENDING") };
};

function usedAddresses(rooms: Rooms, subnet: Subnet): Set<string> {
  const enis = rooms.network.enisIn(subnet.id);
  return new Set(enis.flatMap((eni) => [...eni.privateAddresses.map(({ address }) => address), ...eni.ipv6Addresses]));
}

function choosePrivateAddresses(rooms: Rooms, subnet: Subnet, request: Request): PrivateAddress[] {
  const used = usedAddresses(rooms, subnet);
  const given = request.PrivateIpAddresses ?? [];
  const primaries = given.filter(({ Primary }) => Primary === true).length;
  if (primaries > 1) {
    throw new ApiError("InvalidParameterValue", `PrivateIpAddresses: ${primaries} addresses are marked Primary, one may be`);
  }
  const chosen = given.map((each, index): PrivateAddress => {
    const field = `PrivateIpAddresses.${index}.PrivateIpAddress`;
    const address = each.PrivateIpAddress ?? firstFree(subnet, used);
    checkAddress(subnet, used, field, address);
    used.add(address);
    const primary = primaries === 0 ? index === 0 : each.Primary === true;
    return { address, primary, description: each.Description ?? "", publicAddress: "" };
  });
  const atLeast = given.length === 0 ? 1 : 0;
  for (let extra = (request.SecondaryPrivateIpAddressCount ?? 0) + atLeast; extra > 0; extra--) {
    const address = firstFree(subnet, used);
    used.add(address);
    chosen.push({ address, primary: chosen.length === 0, description: "", publicAddress: "" });
  }
  return chosen;
}

function checkAddress(subnet: Subnet, used: ReadonlySet<string>, field: string, text: string): void {
  const given = `${field}: ${JSON.stringify(text)}`;
  const block = parseCidr(subnet.cidr)!;
  const address = parseAddress(text)!;
  if (!cidrHolds(block, address)) {
    throw new ApiError("InvalidParameterValue.Range", `${given} is outside subnet ${subnet.id} (${subnet.cidr})`);
  }
  const { first, last } = usableRange(subnet);
  if (Number(address.bits) < first || Number(address.bits) > last) {
    throw new ApiError("InvalidParameterValue.Reserved", `${given} is reserved in ${subnet.cidr}`);
  }
  if (used.has(text)) throw new ApiError("ResourceInUse", `${given} is taken by another network interface`);
}

/** The addresses that ENIs may have: all but the network's own, the gateway's (the first) and the broadcast address. */
function usableRange(subnet: Subnet): { first: number; last: number } {
  const block = parseCidr(subnet.cidr)!;
  const base = Number(block.first);
  return { first: base + 2, last: base + 2 ** (32 - block.prefix) - 2 };
}

function firstFree(subnet: Subnet, used: ReadonlySet<string>): string {
  const { first, last } = usableRange(subnet);
  for (let value = first; value <= last; value++) {
    const address = formatIpv4(value);
    if (!used.has(address)) return address;
  }
  throw new ApiError("ResourceInsufficient.Subnet", `SubnetId: "${subnet.id}" has no free address left in ${subnet.cidr}`);
}

function chooseIpv6Addresses(rooms: Rooms, subnet: Subnet, request: Request): string[] {
  const used = usedAddresses(rooms, subnet);
  const block = parseCidr(subnet.ipv6Cidr);
  const given = request.Ipv6Addresses ?? [];
  const wanted = request.Ipv6AddressCount ?? 0;
  if (block === undefined && given.length + wanted > 0) {
    const field = given.length > 0 ? `Ipv6Addresses.0.Address: ${JSON.stringify(given[0]!.Address)}` : `Ipv6AddressCount: ${wanted}`;
    throw new ApiError("InvalidParameterValue.Range", `${field}: subnet ${subnet.id} has no IPv6 block`);
  }
  const chosen = given.map(({ Address }, index) => {
    const shown = `Ipv6Addresses.${index}.Address: ${JSON.stringify(Address)}`;
    if (!cidrHolds(block!, parseAddress(Address)!)) {
      throw new ApiError("InvalidParameterValue.Range", `${shown} is outside subnet ${subnet.id} (${subnet.ipv6Cidr})`);
    }
    const address = canonicalAddress(Address)!;
    if (used.has(address)) throw new ApiError("ResourceInUse", `${shown} is taken by another network interface`);
    used.add(address);
    return address;
  });
  for (let next = 2n; chosen.length < given.length + wanted; next++) {
    const address = formatIpv6(block!.first + next);
    if (!used.has(address)) chosen.push(address);
  }
  return chosen;
}

/** A hardware address with the cloud's usual first bytes. */
function newMac(rooms: Rooms): string {
  const tail = rooms.random.next().toString(16).padStart(8, "0").match(/../g)!;
  return ["52", "54", ...tail].join(":");
}
