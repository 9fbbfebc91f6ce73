import type { ActionRequest } from "../../../wire/actions.ts";
import type { Eni } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { applyFilters, byIds, type FilterRules, page, refuseBoth, vpcFilters } from "../listing.ts";
import { shownEni } from "../vpc-shapes.ts";

const addresses = (eni: Eni) => eni.privateAddresses.map(({ address }) => address);
const publicAddresses = (eni: Eni) => eni.privateAddresses.map(({ publicAddress }) => publicAddress);

type Filters = NonNullable<ActionRequest<"DescribeNetworkInterfaces">["Filters"]>;

/**
 * The filter on private addresses: a single one may be cut off at its end, unless `ip-exact-match` says true; several
 * must be whole (the API's page).
 */
function addressRules(filters: Filters): FilterRules<Eni> {
  const isExact = filters.some(({ Name, Values }) => Name === "ip-exact-match" && Values[0]?.toLowerCase() === "true");
  const isWhole = isExact || filters.some(({ Name, Values }) => Name === "address-ip" && Values.length > 1);
  return {
    "address-ip": { read: addresses, ...(isWhole ? {} : { cutOff: true }) },
    // How addresses are compared: it leaves out nothing by itself.
    "ip-exact-match": { read: () => ["true", "false", "TRUE", "FALSE", "True", "False"] },
  };
}

const rules: FilterRules<Eni> = {
  "network-interface-id": { read: ({ id }) => [id] },
  "vpc-id": { read: ({ vpcId }) => [vpcId] },
  "subnet-id": { read: ({ subnetId }) => [subnetId] },
  "groups.security-group-id": { read: ({ securityGroupIds }) => securityGroupIds },
  "network-interface-name": { read: ({ name }) => [name], fuzzy: true },
  "network-interface-description": { read: ({ description }) => [description], fuzzy: true },
  "address-ipv6": { read: ({ ipv6Addresses }) => ipv6Addresses },
  "public-address-ip": { read: publicAddresses },
  "eni-qos": { read: ({ qosLevel }) => [qosLevel] },
  "eni-type": { read: () => ["0"] },
  "is-primary": { read: () => ["false"] },
  "address-type": { read: ({ ipv6Addresses }) => (ipv6Addresses.length === 0 ? [] : ["GUA"]) },
  "termination-protection": { read: () => ["false"] },
  "traffic-protection": { read: () => ["false"] },
  "attachment.instance-id": { read: ({ attachment }) => (attachment === undefined ? [] : [attachment.instanceId]) },
};

/** Lists ENIs by ids or filters, in the order they were made. */
export const describeNetworkInterfaces: Handler<"DescribeNetworkInterfaces"> = (rooms, request) => {
  const { enis } = rooms.network;
  refuseBoth("NetworkInterfaceIds", request.NetworkInterfaceIds, request.Filters);
  const ids = request.NetworkInterfaceIds;
  const named = ids && byIds((id) => enis.get(id), "NetworkInterfaceIds", ids);
  const hits = applyFilters(named ?? enis.values(), vpcFilters(request.Filters), { ...rules, ...addressRules(request.Filters ?? []) });
  const shown = page(hits, request.Offset, request.Limit).map((eni) => shownEni(rooms, eni));
  return { TotalCount: hits.length, NetworkInterfaceSet: shown };
};
