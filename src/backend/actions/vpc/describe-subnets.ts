import { ApiError } from "../../../wire/errors.ts";
import type { Rooms } from "../../rooms.ts";
import type { Subnet } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { applyFilters, byIds, type FilterRules, page, refuseBoth, vpcFilters } from "../listing.ts";
import { shownSubnet } from "../vpc-shapes.ts";

const rules: FilterRules<Subnet> = {
  "subnet-id": { read: ({ id }) => [id] },
  "vpc-id": { read: ({ vpcId }) => [vpcId] },
  "cidr-block": { read: ({ cidr }) => [cidr] },
  "subnet-name": { read: ({ name }) => [name], fuzzy: true },
  zone: { read: ({ zone }) => [zone] },
  "is-default": { read: () => ["false"] },
  "is-remote-vpc-snat": { read: () => ["false"] },
  "is-cdc-subnet": { read: () => ["0"] },
  "cdc-id": { read: () => [] },
  "ipv6-cidr-block": { read: ({ ipv6Cidr }) => [ipv6Cidr] },
  "isp-type": { read: ({ ipv6Cidr }) => (ipv6Cidr === "" ? [] : ["BGP"]) },
  "address-type": { read: ({ ipv6Cidr }) => (ipv6Cidr === "" ? [] : ["GUA"]) },
};

/** How long a NextToken holds. */
const tokenMs = 24 * 3600 * 1000;

/**
 * Lists subnets by ids or filters, in the order they were made. Pages are asked for by Offset and Limit, or by MaxResults
 * and then the NextToken of the page before.
 */
export const describeSubnets: Handler<"DescribeSubnets"> = (rooms, request) => {
  const { subnets } = rooms.network;
  refuseBoth("SubnetIds", request.SubnetIds, request.Filters);
  const named = request.SubnetIds && byIds((id) => subnets.get(id), "SubnetIds", request.SubnetIds);
  const hits = applyFilters(named ?? subnets.values(), vpcFilters(request.Filters), rules);
  const start = request.NextToken === undefined ? request.Offset : tokenOffset(rooms, request.NextToken);
  const shown = page(hits, start, request.MaxResults ?? request.Limit).map((subnet) => shownSubnet(rooms, subnet));
  const end = (start ?? 0) + shown.length;
  const isMore = end < hits.length && (request.MaxResults ?? request.NextToken) !== undefined;
  const NextToken = isMore ? Buffer.from(`${rooms.clock.nowMs() + tokenMs} ${end}`).toString("base64url") : "";
  return { TotalCount: hits.length, SubnetSet: shown, NextToken };
};

/** Where the page after a token begins. */
function tokenOffset({ clock }: Rooms, token: string): number {
  const match = /^(\d{1,15}) (\d{1,9})$/.exec(Buffer.from(token, "base64url").toString());
  if (match === null || Number(match[1]) < clock.nowMs()) {
    const words = `NextToken: ${JSON.stringify(token)} is no token of the last 24 hours`;
    throw new ApiError("InvalidParameterValue.Malformed", words);
  }
  return Number(match[2]);
}
