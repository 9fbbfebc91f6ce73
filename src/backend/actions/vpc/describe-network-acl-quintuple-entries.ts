import type { NetworkAclQuintupleEntryObject } from "../../../wire/objects.ts";
import type { Handler } from "../action.ts";
import { applyFilters, type FilterRules, page, vpcFilters } from "../listing.ts";
import { shownQuintuples } from "../vpc-shapes.ts";
import { aclToChange } from "./network-acl-rules.ts";

type Entry = NetworkAclQuintupleEntryObject & { readonly tags: Readonly<Record<string, string>> };

const rules: FilterRules<Entry> = {
  protocol: { read: ({ Protocol }) => [Protocol] },
  description: { read: ({ Description }) => [Description], fuzzy: true },
  "destination-cidr": { read: ({ DestinationCidr, DestinationIPv6Cidr }) => [DestinationCidr, DestinationIPv6Cidr] },
  "source-cidr": { read: ({ SourceCidr, SourceIPv6Cidr }) => [SourceCidr, SourceIPv6Cidr] },
  action: { read: ({ Action }) => [Action] },
  "network-acl-quintuple-entry-id": { read: ({ NetworkAclQuintupleEntryId }) => [NetworkAclQuintupleEntryId] },
  "network-acl-direction": { read: ({ NetworkAclDirection }) => [NetworkAclDirection] },
};

/** Lists the rules of a network ACL of the quintuple form, inwards first. */
export const describeNetworkAclQuintupleEntries: Handler<"DescribeNetworkAclQuintupleEntries"> = (rooms, request) => {
  const acl = aclToChange(rooms, request.NetworkAclId, "QUINTUPLE");
  const entries = shownQuintuples(acl).map((entry): Entry => ({ ...entry, tags: {} }));
  const hits = applyFilters(entries, vpcFilters(request.Filters), rules);
  const shown = page(hits, request.Offset, request.Limit).map(({ tags: _, ...entry }) => entry);
  return { NetworkAclQuintupleSet: shown, TotalCount: hits.length };
};
