import type { Eip, Network } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { ApiError } from "../../../wire/errors.ts";
import { applyFilters, type FilterRules, page, vpcFilters } from "../listing.ts";
import { eipStatus, shownEip } from "../vpc-shapes.ts";

const rules = (network: Network): FilterRules<Eip> => ({
  "address-id": { read: ({ id }) => [id] },
  "address-name": { read: ({ name }) => [name] },
  "address-ip": { read: ({ address }) => [address] },
  "address-status": { read: (eip) => [eipStatus(network, eip)] },
  "instance-id": { read: (eip) => [shownEip(network, eip).InstanceId] },
  "private-ip-address": { read: ({ privateAddress }) => [privateAddress] },
  "network-interface-id": { read: ({ eniId }) => [eniId] },
  "instance-type": { read: (eip) => [shownEip(network, eip).InstanceType ?? ""] },
  "is-arrears": { read: () => ["FALSE"] },
  "address-type": { read: () => ["EIP"] },
  "address-isp": { read: () => ["BGP"] },
  "dedicated-cluster-id": { read: () => [] },
  "tag-value": { read: ({ tags }) => Object.values(tags) },
});

/** Lists EIPs by ids or filters, in the order they were made. Ids that name nothing are passed over, as on the cloud. */
export const describeAddresses: Handler<"DescribeAddresses"> = ({ network }, request) => {
  if (request.AddressIds !== undefined && request.Filters !== undefined) {
    throw new ApiError("InvalidParameter", "AddressIds and Filters cannot be given together");
  }
  const named = request.AddressIds?.flatMap((id) => network.eips.get(id) ?? []);
  const given = vpcFilters(request.Filters);
  const hits = applyFilters(named ?? network.eips.values(), given, rules(network), "InvalidParameter.InvalidFilter");
  const shown = page(hits, request.Offset, request.Limit).map((eip) => shownEip(network, eip));
  return { TotalCount: hits.length, AddressSet: shown };
};
