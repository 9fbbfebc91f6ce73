import type { Vpc } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { applyFilters, byIds, type FilterRules, page, refuseBoth, vpcFilters } from "../listing.ts";
import { shownVpc } from "../vpc-shapes.ts";

const rules: FilterRules<Vpc> = {
  "vpc-id": { read: ({ id }) => [id] },
  "vpc-name": { read: ({ name }) => [name], fuzzy: true },
  "cidr-block": { read: ({ cidr }) => [cidr] },
  "ipv6-cidr-block": { read: ({ ipv6Cidr }) => [ipv6Cidr] },
  "is-default": { read: () => ["false"] },
  "isp-type": { read: ({ ipv6Cidr }) => (ipv6Cidr === "" ? [] : ["BGP"]) },
  "address-type": { read: ({ ipv6Cidr }) => (ipv6Cidr === "" ? [] : ["GUA"]) },
};

/** Lists VPCs by ids or filters, in the order they were made. */
export const describeVpcs: Handler<"DescribeVpcs"> = ({ network }, request) => {
  refuseBoth("VpcIds", request.VpcIds, request.Filters);
  const named = request.VpcIds && byIds((id) => network.vpcs.get(id), "VpcIds", request.VpcIds);
  const vpcs = applyFilters(named ?? network.vpcs.values(), vpcFilters(request.Filters), rules);
  return { TotalCount: vpcs.length, VpcSet: page(vpcs, request.Offset, request.Limit).map(shownVpc) };
};
