/** Elastic network interfaces (ENIs): requests, answers and codes as the API pages give them. */
import { rowsOf } from "../action.ts";
import { flag, group, integer, list, text } from "../fields.ts";
import * as objects from "../objects.ts";
import {
  clientToken,
  idField,
  idList,
  name60Bytes,
  newName60Bytes,
  paging,
  requiredId,
  requiredIds,
  vpcFilters,
  vpcTags,
} from "../parts.ts";
import { describeCodes, tagCodes } from "./codes.ts";

const action = rowsOf("vpc");

/** The most security groups of one ENI (the product's limits page). */
export const maxGroups = 5;

const qosLevel = text({ oneOf: ["PT", "AU", "AG", "DEFAULT"] });
const groups = list(idField("sg"), { maxItems: maxGroups, codes: { count: "LimitExceeded" } });
const protection = "is a protection that no action could ever lift again";
const bindLater = "is chosen by AssociateAddress, once the network interface stands";

// What Describe shows of an address beside what a create may say; clients that send back what they read mean nothing by it.
const shownOfAddress = { IsWanIpBlocked: flag(), State: text() } as const;

const privateAddress = group({
  PrivateIpAddress: text({ format: "ipv4", blankIsAbsent: true }),
  Primary: flag(),
  Description: text(),
  PublicIpAddress: text({ unsupported: bindLater, blankIsAbsent: true }),
  AddressId: text({ unsupported: bindLater, blankIsAbsent: true }),
  QosLevel: qosLevel,
  ...shownOfAddress,
});

const ipv6Address = group({
  Address: text({ required: true, format: "ipv6" }),
  Primary: flag(),
  Description: text(),
  PublicIpAddress: text({ unsupported: bindLater, blankIsAbsent: true }),
  AddressId: text({ unsupported: bindLater, blankIsAbsent: true }),
  AddressType: text({ oneOf: ["GUA", "ULA"] }),
  ...shownOfAddress,
});

const attachedId = {
  NetworkInterfaceId: requiredId("eni"),
  InstanceId: requiredId("ins"),
} as const;

/** Actions about ENIs. */
export const networkInterfaceActions = {
  CreateNetworkInterface: action({
    request: {
      VpcId: requiredId("vpc"),
      NetworkInterfaceName: name60Bytes,
      SubnetId: requiredId("subnet"),
      NetworkInterfaceDescription: text({ maxChars: 60 }),
      SecurityGroupIds: groups,
      PrivateIpAddresses: list(privateAddress, { maxItems: 10 }),
      SecondaryPrivateIpAddressCount: integer({ min: 0 }),
      Ipv6Addresses: list(ipv6Address, { maxItems: 10 }),
      Ipv6AddressCount: integer({ min: 1, max: 10 }),
      QosLevel: qosLevel,
      TrunkingFlag: text({ oneOf: ["Enable", "Disable"] }),
      IsRdma: flag({ unsupported: "is a kind of network interface that this backend does not have" }),
      ClientToken: clientToken,
      Tags: vpcTags,
      TerminationProtection: flag({ unsupported: protection }),
      TrafficProtection: flag({ unsupported: protection }),
    },
    answer: { NetworkInterface: objects.networkInterface },
    codes: [
      ...tagCodes,
      "FailedOperation.NetDetectTimeOut",
      "InvalidParameter.FilterInvalidKey",
      "InvalidParameter.FilterNotDict",
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.Range",
      "InvalidParameterValue.Reserved",
      "InvalidParameterValue.TooLong",
      "LimitExceeded",
      "LimitExceeded.ActionLimited",
      "LimitExceeded.NetworkInterfaceLimitExceeded",
      "ResourceInUse",
      "ResourceInsufficient",
      "ResourceInsufficient.Subnet",
      "ResourceNotFound",
      "UnsupportedOperation.IdempotentParameterMismatch",
      "UnsupportedOperation.IdempotentProcessing",
      "UnsupportedOperation.ResourceMismatch",
    ],
  }),
  DescribeNetworkInterfaces: action({
    request: { NetworkInterfaceIds: idList("eni"), Filters: vpcFilters, ...paging },
    answer: { TotalCount: "integer", NetworkInterfaceSet: [objects.networkInterface] },
    codes: [...describeCodes, "LimitExceeded.ActionLimited"],
  }),
  ModifyNetworkInterfaceAttribute: action({
    request: {
      NetworkInterfaceId: requiredId("eni"),
      NetworkInterfaceName: newName60Bytes,
      NetworkInterfaceDescription: text({ maxChars: 60 }),
      SecurityGroupIds: groups,
      TrunkingFlag: text({ oneOf: ["Enable", "Disable"] }),
    },
    answer: {},
    codes: [
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.TooLong",
      "LimitExceeded",
      "LimitExceeded.ActionLimited",
      "ResourceNotFound",
      "UnsupportedOperation.SubEniNotSupportTrunking",
    ],
  }),
  AssociateNetworkInterfaceSecurityGroups: action({
    request: { NetworkInterfaceIds: requiredIds("eni"), SecurityGroupIds: requiredIds("sg") },
    answer: {},
    codes: ["InvalidParameterValue.LimitExceeded", "InvalidParameterValue.Malformed", "LimitExceeded", "ResourceNotFound"],
  }),
  DisassociateNetworkInterfaceSecurityGroups: action({
    request: { NetworkInterfaceIds: requiredIds("eni"), SecurityGroupIds: requiredIds("sg") },
    answer: {},
    codes: ["InvalidParameterValue.LimitExceeded", "InvalidParameterValue.Malformed", "ResourceNotFound"],
  }),
  AttachNetworkInterface: action({
    request: { ...attachedId, AttachType: integer({ min: 0, max: 1 }), ClientToken: clientToken },
    answer: {},
    codes: [
      "InternalError.ModuleError",
      "InvalidParameterValue.Malformed",
      "LimitExceeded",
      "LimitExceeded.ActionLimited",
      "ResourceNotFound",
      "UnsupportedOperation.AttachmentAlreadyExists",
      "UnsupportedOperation.IdempotentParameterMismatch",
      "UnsupportedOperation.IdempotentProcessing",
      "UnsupportedOperation.InvalidState",
      "UnsupportedOperation.ResourceIsInvalidState",
      "UnsupportedOperation.UnsupportedInstanceFamily",
      "UnsupportedOperation.VpcMismatch",
      "UnsupportedOperation.ZoneMismatch",
    ],
  }),
  DetachNetworkInterface: action({
    request: { ...attachedId, ClientToken: clientToken },
    answer: {},
    codes: [
      "InternalError.ModuleError",
      "InvalidParameterValue.Malformed",
      "LimitExceeded.ActionLimited",
      "ResourceNotFound",
      "UnsupportedOperation.IdempotentParameterMismatch",
      "UnsupportedOperation.IdempotentProcessing",
      "UnsupportedOperation.InvalidState",
    ],
  }),
  DeleteNetworkInterface: action({
    request: { NetworkInterfaceId: requiredId("eni") },
    answer: {},
    codes: [
      "InvalidParameterValue.Malformed",
      "LimitExceeded.ActionLimited",
      "ResourceInUse",
      "ResourceNotFound",
      "UnsupportedOperation.InvalidState",
    ],
  }),
} as const;
