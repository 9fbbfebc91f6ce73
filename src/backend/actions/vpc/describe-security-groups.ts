import type { SecurityGroup } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { applyFilters, byIds, type FilterRules, ordered, page, refuseBoth, vpcFilters } from "../listing.ts";
import { shownSecurityGroup } from "../vpc-shapes.ts";

const rules: FilterRules<SecurityGroup> = {
  "security-group-id": { read: ({ id }) => [id] },
  "security-group-name": { read: ({ name }) => [name], fuzzy: true },
  "project-id": { read: ({ projectId }) => [projectId] },
};

/** Lists security groups by ids or filters. */
export const describeSecurityGroups: Handler<"DescribeSecurityGroups"> = ({ network }, request) => {
  const { securityGroups } = network;
  refuseBoth("SecurityGroupIds", request.SecurityGroupIds, request.Filters);
  const ids = request.SecurityGroupIds;
  const named = ids && byIds((id) => securityGroups.get(id), "SecurityGroupIds", ids);
  const hits = applyFilters(named ?? securityGroups.values(), vpcFilters(request.Filters), rules);
  const time = request.OrderField === "UpdateTime" ? "updatedMs" : "createdMs";
  const groups = request.OrderField === undefined ? hits : ordered(hits, (group) => group[time], request.OrderDirection ?? "DESC");
  const shown = page(groups, request.Offset, request.Limit).map(shownSecurityGroup);
  return { TotalCount: hits.length, SecurityGroupSet: shown };
};
