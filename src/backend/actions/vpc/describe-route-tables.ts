import type { Vpc } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { applyFilters, byIds, type FilterRules, page, refuseBoth, vpcFilters } from "../listing.ts";
import { mainRouteTableName, shownRouteTable } from "../vpc-shapes.ts";

/** A VPC's main route table: the only one it has here. */
type RouteTable = Pick<Vpc, "id" | "routeTableId" | "tags">;

const rules: FilterRules<RouteTable> = {
  "route-table-id": { read: ({ routeTableId }) => [routeTableId] },
  "route-table-name": { read: () => [mainRouteTableName], fuzzy: true },
  "vpc-id": { read: ({ id }) => [id] },
  "association.main": { read: () => ["true"] },
  "next-hop-type": { read: () => [] },
  visible: { read: () => ["true"] },
};

/** Lists the route tables: each VPC's main one, in the order the VPCs were made. */
export const describeRouteTables: Handler<"DescribeRouteTables"> = ({ network }, request) => {
  refuseBoth("RouteTableIds", request.RouteTableIds, request.Filters);
  const all = [...network.vpcs.values()].map((vpc): RouteTable => ({ ...vpc, tags: vpc.routeTableTags ?? {} }));
  const find = (id: string) => all.find(({ routeTableId }) => routeTableId === id);
  const named = request.RouteTableIds && byIds(find, "RouteTableIds", request.RouteTableIds);
  const hits = applyFilters(named ?? all, vpcFilters(request.Filters), rules);
  const shown = page(hits, request.Offset, request.Limit).map(({ id }) => shownRouteTable(network, network.vpcs.get(id)!));
  return { TotalCount: hits.length, RouteTableSet: shown };
};
