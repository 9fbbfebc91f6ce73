/** Network ACLs, in the triple and the quintuple form: requests, answers and codes as the API pages give them. */
import { rowsOf } from "../action.ts";
import { flag, group, integer, list, text } from "../fields.ts";
import * as objects from "../objects.ts";
import {
  idList,
  name60Bytes,
  orderDirection,
  paging,
  requiredId,
  requiredIds,
  vpcFilters,
  vpcTags,
} from "../parts.ts";
import { tagCodes } from "./codes.ts";

const action = rowsOf("vpc");

const protocol = text({ oneOf: ["TCP", "UDP", "ICMP", "ALL"], anyCase: true });
const ruleAction = text({ oneOf: ["ACCEPT", "DROP"], anyCase: true });
const ports = text({ format: "ports", blankIsAbsent: true });
const cidr = text({ format: "ipv4-cidr", blankIsAbsent: true });
const ipv6Cidr = text({ format: "ipv6-cidr", blankIsAbsent: true });
const description = text({ maxChars: 100 });
const priority = integer({ min: 1 });
const entryId = text({
  pattern: /^acl[a-z0-9]*-[0-9a-z]{8}$/,
  patternWords: "must be an entry's id such as acli43-1a2b3c4d",
  blankIsAbsent: true,
});

const required = <const F extends object>(field: F) => ({ ...field, required: true }) as const;

const entryFields = {
  Protocol: required(protocol),
  Port: ports,
  CidrBlock: cidr,
  Ipv6CidrBlock: ipv6Cidr,
  Action: required(ruleAction),
  Description: description,
  // What Describe answers beside an entry; clients that send back what they read mean nothing by it.
  ModifyTime: text(),
  Priority: priority,
  NetworkAclIpv4EntryId: entryId,
  NetworkAclIpv6EntryId: entryId,
} as const;

const oneBlock = { exactlyOneOf: ["CidrBlock", "Ipv6CidrBlock"] } as const;
const entry = group(entryFields, oneBlock);
const namedEntry = group(entryFields, { ...oneBlock, namedBy: ["NetworkAclIpv4EntryId", "NetworkAclIpv6EntryId"] });

const quintupleFields = {
  Protocol: required(protocol),
  Description: description,
  SourcePort: ports,
  SourceCidr: cidr,
  DestinationPort: ports,
  DestinationCidr: cidr,
  Action: required(ruleAction),
  NetworkAclQuintupleEntryId: entryId,
  Priority: priority,
  CreateTime: text(),
  NetworkAclDirection: text(),
  SourceIPv6Cidr: ipv6Cidr,
  DestinationIPv6Cidr: ipv6Cidr,
} as const;

const quintuple = group(quintupleFields);
const namedQuintuple = group(quintupleFields, { namedBy: ["NetworkAclQuintupleEntryId"] });

const entrySet = group({ Ingress: list(entry), Egress: list(entry) });
const namedSet = group({ Ingress: list(namedEntry), Egress: list(namedEntry) });
const quintupleSet = group({ Ingress: list(quintuple), Egress: list(quintuple) });
const namedQuintupleSet = group({ Ingress: list(namedQuintuple), Egress: list(namedQuintuple) });

const aclId = { NetworkAclId: requiredId("acl") } as const;

/** What a change of entries can answer. */
const entryCodes = [
  "InvalidParameter.AclTypeMismatch",
  "InvalidParameter.Coexist",
  "InvalidParameterValue.Malformed",
  "InvalidParameterValue.TooLong",
  "LimitExceeded",
  "ResourceNotFound",
  "UnsupportedOperation.AppIdMismatch",
] as const;

const describeCodes = [
  "InternalError.ModuleError",
  "InvalidParameter.Coexist",
  "InvalidParameter.FilterInvalidKey",
  "InvalidParameterValue.LimitExceeded",
  "InvalidParameterValue.Malformed",
  "InvalidParameterValue.Range",
  "ResourceNotFound",
  "UnsupportedOperation.ActionNotFound",
] as const;

/** Actions about network ACLs. */
export const networkAclActions = {
  CreateNetworkAcl: action({
    request: {
      VpcId: requiredId("vpc"),
      NetworkAclName: name60Bytes,
      NetworkAclType: text({ oneOf: ["TRIPLE", "QUINTUPLE"] }),
      Tags: vpcTags,
    },
    answer: { NetworkAcl: objects.networkAcl },
    codes: [
      ...tagCodes,
      "InvalidParameterValue.Duplicate",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.TooLong",
      "LimitExceeded",
      "ResourceNotFound",
      "UnknownParameter.WithGuess",
      "UnsupportedOperation.AppIdMismatch",
    ],
  }),
  DescribeNetworkAcls: action({
    request: {
      NetworkAclIds: idList("acl"),
      Filters: vpcFilters,
      ...paging,
      OrderField: text({ oneOf: ["NetworkAclId", "NetworkAclName", "CreatedTime", "ModifyTime"] }),
      OrderDirection: orderDirection,
    },
    answer: { TotalCount: "integer", NetworkAclSet: [objects.networkAcl] },
    codes: describeCodes,
  }),
  ModifyNetworkAclAttribute: action({
    request: { ...aclId, NetworkAclName: name60Bytes },
    answer: {},
    codes: ["InvalidParameterValue.Malformed", "InvalidParameterValue.TooLong", "ResourceNotFound"],
  }),
  DeleteNetworkAcl: action({
    request: aclId,
    answer: {},
    codes: [
      "InvalidParameterValue.Malformed",
      "ResourceInUse",
      "ResourceNotFound",
      "UnsupportedOperation.AppIdMismatch",
      "UnsupportedOperation.RecordNotExists",
    ],
  }),
  AssociateNetworkAclSubnets: action({
    request: { ...aclId, SubnetIds: requiredIds("subnet") },
    answer: {},
    codes: [
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "LimitExceeded",
      "ResourceNotFound",
      "UnsupportedOperation.VpcMismatch",
    ],
  }),
  DisassociateNetworkAclSubnets: action({
    request: { ...aclId, SubnetIds: requiredIds("subnet") },
    answer: {},
    codes: [
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "ResourceNotFound",
      "UnsupportedOperation.VpcMismatch",
    ],
  }),

  // The triple form's entries are whole new lists, or (EnableUpdateAclEntries) changes of the ones they name.
  ModifyNetworkAclEntries: action({
    request: {
      ...aclId,
      NetworkAclEntrySet: namedSet,
      NetworkAclQuintupleSet: quintupleSet,
      EnableUpdateAclEntries: flag(),
    },
    answer: {},
    codes: entryCodes,
  }),
  CreateNetworkAclEntries: action({
    request: { ...aclId, NetworkAclEntrySet: required(entrySet) },
    answer: {},
    codes: entryCodes,
  }),
  DeleteNetworkAclEntries: action({
    request: { ...aclId, NetworkAclEntrySet: namedSet },
    answer: {},
    codes: entryCodes,
  }),

  DescribeNetworkAclQuintupleEntries: action({
    request: { ...aclId, ...paging, Filters: vpcFilters },
    answer: { NetworkAclQuintupleSet: [objects.networkAclQuintupleEntry], TotalCount: "integer" },
    codes: ["InvalidParameter.AclTypeMismatch", ...describeCodes],
  }),
  ModifyNetworkAclQuintupleEntries: action({
    request: { ...aclId, NetworkAclQuintupleSet: required(namedQuintupleSet) },
    answer: {},
    codes: entryCodes,
  }),
  CreateNetworkAclQuintupleEntries: action({
    request: { ...aclId, NetworkAclQuintupleSet: required(quintupleSet) },
    answer: {},
    codes: entryCodes,
  }),
  DeleteNetworkAclQuintupleEntries: action({
    request: { ...aclId, NetworkAclQuintupleSet: required(namedQuintupleSet) },
    answer: {},
    codes: entryCodes,
  }),
} as const;
