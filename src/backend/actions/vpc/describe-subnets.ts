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
  "cdc-id": { read: () => [""] },
};

/** Lists subnets by ids or filters, in the order they were made. */
export const describeSubnets: Handler<"DescribeSubnets"> = (rooms, request) => {
  const { subnets } = rooms.network;
  refuseBoth("SubnetIds", request.SubnetIds, request.Filters);
  const named = request.SubnetIds && byIds((id) => subnets.get(id), "SubnetIds", request.SubnetIds);
  const hits = applyFilters(named ?? subnets.values(), vpcFilters(request.Filters), rules);
  const shown = page(hits, request.Offset, request.Limit).map((subnet) => shownSubnet(rooms, subnet));
  return { TotalCount: hits.length, SubnetSet: shown };
};
