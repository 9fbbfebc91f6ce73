import type { NetworkAcl } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { applyFilters, byIds, type FilterRules, ordered, page, refuseBoth, vpcFilters } from "../listing.ts";
import { shownNetworkAcl } from "../vpc-shapes.ts";

const rules: FilterRules<NetworkAcl> = {
  "network-acl-id": { read: ({ id }) => [id] },
  "vpc-id": { read: ({ vpcId }) => [vpcId] },
  "network-acl-name": { read: ({ name }) => [name], fuzzy: true },
};

/** Lists network ACLs with their rules and subnets. */
export const describeNetworkAcls: Handler<"DescribeNetworkAcls"> = (rooms, request) => {
  const { networkAcls } = rooms.network;
  refuseBoth("NetworkAclIds", request.NetworkAclIds, request.Filters);
  const ids = request.NetworkAclIds;
  const named = ids && byIds((id) => networkAcls.get(id), "NetworkAclIds", ids);
  const hits = applyFilters(named ?? networkAcls.values(), vpcFilters(request.Filters), rules);
  const read = (acl: NetworkAcl) => (request.OrderField === "NetworkAclName" ? acl.name : acl.createdMs);
  const acls = request.OrderField === undefined ? hits : ordered(hits, read, request.OrderDirection ?? "DESC");
  const shown = page(acls, request.Offset, request.Limit).map((acl) => shownNetworkAcl(rooms, acl));
  return { TotalCount: hits.length, NetworkAclSet: shown };
};
