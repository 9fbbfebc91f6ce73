import { cidrsOverlap, cidrWithin, parseCidr } from "../../../net/address.ts";
import { ApiError } from "../../../wire/errors.ts";
import { newId } from "../../ids.ts";
import type { Rooms } from "../../rooms.ts";
import type { Subnet, Vpc } from "../../vpc/network.ts";
import { type Handler, found } from "../action.ts";
import { readTags } from "../tags.ts";
import { shownSubnet } from "../vpc-shapes.ts";

// CreateSubnet's page: an IPv4 subnet has a mask of 16 to 28 bits.
const shortestPrefix = 16;
const longestPrefix = 28;

/** Makes a subnet inside its VPC, apart from the VPC's other subnets. */
export const createSubnet: Handler<"CreateSubnet"> = (rooms, request) => {
  const vpc = found(rooms.network.vpcs.get(request.VpcId), "VpcId", request.VpcId);
  if (request.CidrBlock === undefined && request.StackType !== "IPv6Only") {
    throw new ApiError("MissingParameter", "CidrBlock: this parameter is required unless StackType is IPv6Only");
  }
  checkBlock(rooms, vpc, "CidrBlock", request.CidrBlock, "cidr");
  checkBlock(rooms, vpc, "Ipv6CidrBlock", request.Ipv6CidrBlock, "ipv6Cidr");
  const subnet: Subnet = {
    id: newId("subnet", rooms.random),
    vpcId: vpc.id,
    name: request.SubnetName,
    zone: request.Zone,
    cidr: request.CidrBlock ?? "",
    ipv6Cidr: request.Ipv6CidrBlock ?? "",
    networkAclId: "",
    broadcast: false,
    tags: readTags(request.Tags),
    createdMs: rooms.clock.nowMs(),
  };
  rooms.network.subnets.put(subnet.id, subnet);
  return { Subnet: shownSubnet(rooms, subnet) };
};

function checkBlock(rooms: Rooms, vpc: Vpc, field: string, text: string | undefined, key: "cidr" | "ipv6Cidr"): void {
  if (text === undefined) return;
  const block = parseCidr(text)!;
  const given = `${field}: ${JSON.stringify(text)}`;
  const outer = parseCidr(vpc[key]);
  if (outer === undefined || !cidrWithin(block, outer)) {
    const range = vpc[key] === "" ? "it has none of that family" : `its range is ${vpc[key]}`;
    throw new ApiError("InvalidParameterValue.SubnetRange", `${given} is outside VPC ${vpc.id}: ${range}`);
  }
  if (key === "cidr" && (block.prefix < shortestPrefix || block.prefix > longestPrefix)) {
    const allowed = `/${shortestPrefix} to /${longestPrefix}`;
    throw new ApiError("InvalidParameterValue.SubnetRange", `${given} must have a mask of ${allowed}`);
  }
  const other = rooms.network.subnetsOf(vpc.id).find((each) => each[key] !== "" && cidrsOverlap(parseCidr(each[key])!, block));
  if (other !== undefined) {
    throw new ApiError("InvalidParameterValue.SubnetConflict", `${given} overlaps ${other[key]} of ${other.id}`);
  }
}
