/** What both ways of making subnets share. */
import { cidrsOverlap, cidrWithin, parseCidr } from "../../../net/address.ts";
import { ApiError } from "../../../wire/errors.ts";
import { newId } from "../../ids.ts";
import type { Rooms } from "../../rooms.ts";
import type { Subnet, Tags, Vpc } from "../../vpc/network.ts";

// CreateSubnet's page: an IPv4 subnet has a mask of 16 to 28 bits.
const shortestPrefix = 16;
const longestPrefix = 28;

interface SubnetRequest {
  readonly SubnetName: string;
  readonly Zone: string;
  readonly CidrBlock?: string | undefined;
  readonly Ipv6CidrBlock?: string | undefined;
  readonly StackType?: string | undefined;
}

/** Makes a subnet inside its VPC, apart from the VPC's other subnets; `at` says where in the request it stands. */
export function makeSubnet(rooms: Rooms, vpc: Vpc, request: SubnetRequest, { tags, region, at = "" }: { tags: Tags; region: string; at?: string }): Subnet {
  if (request.CidrBlock === undefined && request.StackType !== "IPv6Only") {
    throw new ApiError("MissingParameter", `${at}CidrBlock: this parameter is required unless StackType is IPv6Only`);
  }
  if (!request.Zone.startsWith(`${region}-`)) {
    throw new ApiError("InvalidParameterValue.ZoneConflict", `${at}Zone: ${JSON.stringify(request.Zone)} is not a zone of region ${region}`);
  }
  checkBlock(rooms, vpc, `${at}CidrBlock`, request.CidrBlock, "cidr");
  checkBlock(rooms, vpc, `${at}Ipv6CidrBlock`, request.Ipv6CidrBlock, "ipv6Cidr");
  const subnet: Subnet = {
    id: newId("subnet", rooms.random),
    vpcId: vpc.id,
    name: request.SubnetName,
    zone: request.Zone,
    cidr: request.CidrBlock ?? "",
    ipv6Cidr: request.Ipv6CidrBlock ?? "",
    networkAclId: "",
    broadcast: false,
    tags,
    createdMs: rooms.clock.nowMs(),
  };
  rooms.network.subnets.put(subnet.id, subnet);
  return subnet;
}

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
