import { ApiError } from "../../../wire/errors.ts";
import { newId } from "../../ids.ts";
import type { Vpc } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { readTags } from "../tags.ts";
import { shownVpc } from "../vpc-shapes.ts";

/** Makes a VPC. The response repeats what DescribeVpcs will show. */
export const createVpc: Handler<"CreateVpc"> = (rooms, request) => {
  const isIpv6Only = request.StackType === "IPv6Only";
  if (request.CidrBlock === undefined && !isIpv6Only) {
    throw new ApiError("MissingParameter", "CidrBlock: this parameter is required unless StackType is IPv6Only");
  }
  const vpc: Vpc = {
    id: newId("vpc", rooms.random),
    name: request.VpcName,
    cidr: request.CidrBlock ?? "",
    ipv6Cidr: request.Ipv6CidrBlock ?? "",
    dnsServers: request.DnsServers ?? ["183.60.83.19", "183.60.82.98"],
    domainName: request.DomainName ?? "",
    multicast: request.EnableMulticast ?? false,
    routePublish: request.EnableRouteVpcPublish ?? false,
    ipv6RoutePublish: request.EnableRouteVpcPublishIpv6 ?? false,
    routeTableId: newId("rtb", rooms.random),
    tags: readTags(request.Tags),
    createdMs: rooms.clock.nowMs(),
  };
  rooms.network.vpcs.put(vpc.id, vpc);
  return { Vpc: shownVpc(vpc) };
};
