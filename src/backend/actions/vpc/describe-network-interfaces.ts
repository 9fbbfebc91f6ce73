import type { Eni } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { applyFilters, byIds, type FilterRules, page, refuseBoth, vpcFilters } from "../listing.ts";
import { shownEni } from "../vpc-shapes.ts";

const addresses = (eni: Eni) => eni.privateAddresses.map(({ address }) => address);
const publicAddresses = (eni: Eni) => eni.privateAddresses.map(({ publicAddress }) => publicAddress);

const rules: FilterRules<Eni> = {
  "network-interface-id": { read: ({ id }) => [id] },
  "vpc-id": { read: ({ vpcId }) => [vpcId] },
  "subnet-id": { read: ({ subnetId }) => [subnetId] },
  "groups.security-group-id": { read: ({ securityGroupIds }) => securityGroupIds },
  "network-interface-name": { read: ({ name }) => [name], fuzzy: true },
  "network-interface-description": { read: ({ description }) => [description], fuzzy: true },
  "address-ip": { read: addresses, fuzzy: true },
  "ip-exact-match": { read: addresses },
  "address-ipv6": { read: ({ ipv6Addresses }) => ipv6Addresses },
  "public-address-ip": { read: publicAddresses },
  "eni-qos": { read: ({ qosLevel }) => [qosLevel] },
  "eni-type": { read: () => ["0"] },
  "is-primary": { read: () => ["false"] },
  "attachment.instance-id": { read: ({ attachment }) => (attachment === undefined ? [] : [attachment.instanceId]) },
};

/** Lists ENIs by ids or filters, in the order they were made. */
export const describeNetworkInterfaces: Handler<"DescribeNetworkInterfaces"> = (rooms, request) => {
  const { enis } = rooms.network;
  refuseBoth("NetworkInterfaceIds", request.NetworkInterfaceIds, request.Filters);
  const ids = request.NetworkInterfaceIds;
  const named = ids && byIds((id) => enis.get(id), "NetworkInterfaceIds", ids);
  const hits = applyFilters(named ?? enis.values(), vpcFilters(request.Filters), rules);
  const shown = page(hits, request.Offset, request.Limit).map((eni) => shownEni(rooms, eni));
  return { TotalCount: hits.length, NetworkInterfaceSet: shown };
};
