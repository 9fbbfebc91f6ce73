/** The VPC service, version 2017-03-12: requests, limits and codes as the cloud's API pages give them. */
import { row } from "./action.ts";
import type { ErrorCode } from "./errors.ts";
import { flag, group, integer, list, text } from "./fields.ts";
import type * as objects from "./objects.ts";
import { idField, idList, orderDirection, paging, requiredId, spelledFlag, vpcFilters, vpcTags } from "./parts.ts";

const tagCodes: readonly ErrorCode[] = [
  "InvalidParameterValue.TagDuplicateKey",
  "InvalidParameterValue.TagInvalidKey",
  "InvalidParameterValue.TagInvalidKeyLen",
  "InvalidParameterValue.TagInvalidVal",
  "LimitExceeded.TagKeyExceeded",
];

const describeCodes: readonly ErrorCode[] = [
  "InvalidParameter.Coexist",
  "InvalidParameter.FilterInvalidKey",
  "InvalidParameter.FilterNotDict",
  "InvalidParameter.FilterValuesNotList",
  "InvalidParameterValue.LimitExceeded",
  "InvalidParameterValue.Malformed",
  "InvalidParameterValue.Range",
];

const malformed: readonly ErrorCode[] = ["InvalidParameterValue.Malformed"];

const cidr = text({ format: "ipv4-cidr" });
const ipv6Cidr = text({ format: "ipv6-cidr" });
const name60Bytes = text({ required: true, maxBytes: 60 });

const noTemplates = "is a parameter template, which this backend does not keep: spell the addresses or ports out";
const ports = text({ format: "ports" });
const ruleAction = text({ required: true, oneOf: ["ACCEPT", "DROP"], anyCase: true });

const policy = group(
  {
    PolicyIndex: integer({ min: 0 }),
    Protocol: text({ oneOf: ["TCP", "UDP", "ICMP", "ICMPv6", "GRE", "ALL"], anyCase: true }),
    Port: ports,
    ServiceTemplate: group({ ServiceId: text(), ServiceGroupId: text() }, { unsupported: noTemplates }),
    CidrBlock: cidr,
    Ipv6CidrBlock: ipv6Cidr,
    SecurityGroupId: idField("sg"),
    AddressTemplate: group({ AddressId: text(), AddressGroupId: text() }, { unsupported: noTemplates }),
    Action: ruleAction,
    PolicyDescription: text({ maxChars: 100 }),
    ModifyTime: text(),
    Priority: integer(),
  },
  { exactlyOneOf: ["CidrBlock", "Ipv6CidrBlock", "SecurityGroupId"] },
);

const policySet = group(
  { Version: text(), Egress: list(policy), Ingress: list(policy) },
  { required: true },
);

const aclProtocol = text({ required: true, oneOf: ["TCP", "UDP", "ICMP", "ALL"], anyCase: true });

const aclEntry = group(
  {
    Protocol: aclProtocol,
    Port: ports,
    CidrBlock: cidr,
    Ipv6CidrBlock: ipv6Cidr,
    Action: ruleAction,
    Description: text({ maxChars: 100 }),
    ModifyTime: text(),
    Priority: integer({ min: 1 }),
    NetworkAclIpv4EntryId: text(),
    NetworkAclIpv6EntryId: text(),
  },
  { exactlyOneOf: ["CidrBlock", "Ipv6CidrBlock"] },
);

const aclQuintuple = group({
  Protocol: aclProtocol,
  Description: text({ maxChars: 100 }),
  SourcePort: ports,
  SourceCidr: cidr,
  SourceIPv6Cidr: ipv6Cidr,
  DestinationPort: ports,
  DestinationCidr: cidr,
  DestinationIPv6Cidr: ipv6Cidr,
  Action: ruleAction,
  NetworkAclQuintupleEntryId: text(),
  Priority: integer({ min: 1 }),
  CreateTime: text(),
  NetworkAclDirection: text(),
});

const privateAddress = group({
  PrivateIpAddress: text({ format: "ipv4" }),
  Primary: flag(),
  Description: text(),
});

const ipv6Address = group({
  Address: text({ required: true, format: "ipv6" }),
  Primary: flag(),
  Description: text(),
});

/** What a flow log can watch, and what the product document names as not supported. */
const resourceType = text({
  required: true,
  oneOf: ["VPC", "SUBNET", "NETWORKINTERFACE"],
  refused: {
    CCN: "is a Cloud Connect Network: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    NAT: "is a NAT gateway: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    DCG: "is a Direct Connect gateway: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    VPNGW: "is a VPN gateway: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    PEERING: "is a peering connection: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    CDB: "is a database: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    CLASSIC: "is an instance in the classic network: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
  },
});

const optionalResourceType = text({ oneOf: resourceType.oneOf });

/** ACCEPT, REJECT, or ALL traffic (the product document's 采集类型). */
const trafficTypes = ["ACCEPT", "REJECT", "ALL"] as const;

/** Every VPC action that the backend answers. */
export const vpcActions = {
  CreateVpc: row<{ Vpc: objects.VpcObject }>()(
    "vpc",
    {
      VpcName: name60Bytes,
      CidrBlock: text({ format: "vpc-network" }),
      Ipv6CidrBlock: text({ format: "ipv6-network" }),
      StackType: text({ oneOf: ["DualStack", "IPv6Only"] }),
      AddressType: text({ oneOf: ["GUA", "ULA"] }),
      EnableMulticast: spelledFlag,
      DnsServers: list(text({ format: "ipv4" }), { maxItems: 4 }),
      DomainName: text({ maxBytes: 60 }),
      Tags: vpcTags,
      EnableRouteVpcPublish: flag(),
      EnableRouteVpcPublishIpv6: flag(),
    },
    [
      ...tagCodes,
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.SubnetOverlap",
      "InvalidParameterValue.TooLong",
    ],
  ),
  DescribeVpcs: row<{ TotalCount: number; VpcSet: objects.VpcObject[] }>()(
    "vpc",
    { VpcIds: idList("vpc"), Filters: vpcFilters, ...paging },
    describeCodes,
  ),
  ModifyVpcAttribute: row<object>()(
    "vpc",
    {
      VpcId: requiredId("vpc"),
      VpcName: text({ maxBytes: 60 }),
      EnableMulticast: spelledFlag,
      DnsServers: list(text({ format: "ipv4" }), { maxItems: 4 }),
      DomainName: text({ maxBytes: 60 }),
      EnableRouteVpcPublish: flag(),
      EnableRouteVpcPublishIpv6: flag(),
      EnableCdcPublish: flag(),
    },
    [...malformed, "InvalidParameterValue.LimitExceeded", "InvalidParameterValue.TooLong"],
  ),
  DeleteVpc: row<object>()("vpc", { VpcId: requiredId("vpc") }, malformed),

  CreateSubnet: row<{ Subnet: objects.SubnetObject }>()(
    "vpc",
    {
      VpcId: requiredId("vpc"),
      SubnetName: name60Bytes,
      Zone: text({
        required: true,
        pattern: /^[a-z]{2}-[a-z-]+-\d+$/,
        patternWords: "must be a zone such as ap-guangzhou-3",
      }),
      CidrBlock: text({ format: "ipv4-network" }),
      Ipv6CidrBlock: text({ format: "ipv6-network" }),
      StackType: text({ oneOf: ["DualStack", "IPv6Only"] }),
      Tags: vpcTags,
      CdcId: text(),
    },
    [
      ...tagCodes,
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.SubnetConflict",
      "InvalidParameterValue.SubnetRange",
      "InvalidParameterValue.TooLong",
      "InvalidParameterValue.ZoneConflict",
    ],
  ),
  DescribeSubnets: row<{ TotalCount: number; SubnetSet: objects.SubnetObject[] }>()(
    "vpc",
    { SubnetIds: idList("subnet"), Filters: vpcFilters, ...paging },
    describeCodes,
  ),
  ModifySubnetAttribute: row<object>()(
    "vpc",
    { SubnetId: requiredId("subnet"), SubnetName: text({ maxBytes: 60 }), EnableBroadcast: spelledFlag },
    [...malformed, "InvalidParameterValue.TooLong"],
  ),
  DeleteSubnet: row<object>()("vpc", { SubnetId: requiredId("subnet") }, malformed),

  CreateNetworkInterface: row<{ NetworkInterface: objects.NetworkInterfaceObject }>()(
    "vpc",
    {
      VpcId: requiredId("vpc"),
      NetworkInterfaceName: name60Bytes,
      SubnetId: requiredId("subnet"),
      NetworkInterfaceDescription: text({ maxChars: 60 }),
      SecurityGroupIds: list(idField("sg"), { maxItems: 5 }),
      PrivateIpAddresses: list(privateAddress, { maxItems: 10 }),
      SecondaryPrivateIpAddressCount: integer({ min: 0, max: 9 }),
      Ipv6Addresses: list(ipv6Address, { maxItems: 10 }),
      Ipv6AddressCount: integer({ min: 1, max: 10 }),
      QosLevel: text({ oneOf: ["PT", "AU", "AG", "DEFAULT"] }),
      TrunkingFlag: text({ oneOf: ["Enable", "Disable"] }),
      IsRdma: flag(),
      ClientToken: text({ maxChars: 64, format: "ascii" }),
      Tags: vpcTags,
      TerminationProtection: flag(),
      TrafficProtection: flag(),
    },
    [
      ...tagCodes,
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.Range",
      "InvalidParameterValue.Reserved",
      "InvalidParameterValue.TooLong",
      "ResourceInsufficient.Subnet",
      "UnsupportedOperation.ResourceMismatch",
    ],
  ),
  DescribeNetworkInterfaces: row<{ TotalCount: number; NetworkInterfaceSet: objects.NetworkInterfaceObject[] }>()(
    "vpc",
    { NetworkInterfaceIds: idList("eni"), Filters: vpcFilters, ...paging },
    describeCodes,
  ),
  ModifyNetworkInterfaceAttribute: row<object>()(
    "vpc",
    {
      NetworkInterfaceId: requiredId("eni"),
      NetworkInterfaceName: text({ maxBytes: 60 }),
      NetworkInterfaceDescription: text({ maxChars: 60 }),
      SecurityGroupIds: list(idField("sg"), { maxItems: 5 }),
      TrunkingFlag: text({ oneOf: ["Enable", "Disable"] }),
    },
    [...malformed, "InvalidParameterValue.TooLong"],
  ),
  DeleteNetworkInterface: row<object>()("vpc", { NetworkInterfaceId: requiredId("eni") }, malformed),

  CreateSecurityGroupWithPolicies: row<{ SecurityGroup: objects.SecurityGroupObject }>()(
    "vpc",
    {
      GroupName: text({ required: true, maxChars: 60, notEmpty: true }),
      GroupDescription: text({ required: true, maxChars: 100 }),
      ProjectId: text(),
      SecurityGroupPolicySet: group(policySet.fields),
      Tags: vpcTags,
    },
    [
      ...tagCodes,
      "InvalidParameter.Coexist",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.TooLong",
      "LimitExceeded.SecurityGroupPolicySet",
      "UnsupportedOperation.DuplicatePolicy",
    ],
  ),
  CreateSecurityGroup: row<{ SecurityGroup: objects.SecurityGroupObject }>()(
    "vpc",
    {
      GroupName: text({ required: true, maxChars: 60, notEmpty: true }),
      GroupDescription: text({ required: true, maxChars: 100 }),
      ProjectId: text(),
      Tags: vpcTags,
    },
    [...tagCodes, "InvalidParameterValue.TooLong"],
  ),
  DescribeSecurityGroups: row<{ TotalCount: number; SecurityGroupSet: objects.SecurityGroupObject[] }>()(
    "vpc",
    {
      SecurityGroupIds: idList("sg"),
      Filters: vpcFilters,
      ...paging,
      OrderField: text({ oneOf: ["CreatedTime", "UpdateTime"] }),
      OrderDirection: orderDirection,
    },
    describeCodes,
  ),
  DescribeSecurityGroupPolicies: row<{ SecurityGroupPolicySet: objects.SecurityGroupPolicySetObject }>()(
    "vpc",
    { SecurityGroupId: requiredId("sg"), Filters: vpcFilters },
    describeCodes,
  ),
  ModifySecurityGroupAttribute: row<object>()(
    "vpc",
    { SecurityGroupId: requiredId("sg"), GroupName: text({ maxChars: 60 }), GroupDescription: text({ maxChars: 100 }) },
    [...malformed, "InvalidParameterValue.TooLong"],
  ),
  ModifySecurityGroupPolicies: row<object>()(
    "vpc",
    { SecurityGroupId: requiredId("sg"), SecurityGroupPolicySet: policySet, SortPolicys: flag() },
    [
      ...malformed,
      "InvalidParameter.Coexist",
      "InvalidParameterValue.Range",
      "InvalidParameterValue.TooLong",
      "LimitExceeded.SecurityGroupPolicySet",
      "UnsupportedOperation.DuplicatePolicy",
      "UnsupportedOperation.VersionMismatch",
    ],
  ),
  DeleteSecurityGroup: row<object>()("vpc", { SecurityGroupId: requiredId("sg") }, [
    ...malformed,
    "InvalidSecurityGroupID.Malformed",
    "InvalidSecurityGroupID.NotFound",
  ]),

  CreateNetworkAcl: row<{ NetworkAcl: objects.NetworkAclObject }>()(
    "vpc",
    {
      VpcId: requiredId("vpc"),
      NetworkAclName: name60Bytes,
      NetworkAclType: text({ oneOf: ["TRIPLE", "QUINTUPLE"] }),
      Tags: vpcTags,
    },
    [...tagCodes, ...malformed, "InvalidParameterValue.TooLong"],
  ),
  DescribeNetworkAcls: row<{ TotalCount: number; NetworkAclSet: objects.NetworkAclObject[] }>()(
    "vpc",
    {
      NetworkAclIds: idList("acl"),
      Filters: vpcFilters,
      ...paging,
      OrderField: text({ oneOf: ["NetworkAclName", "CreatedTime"] }),
      OrderDirection: orderDirection,
    },
    describeCodes,
  ),
  ModifyNetworkAclAttribute: row<object>()(
    "vpc",
    { NetworkAclId: requiredId("acl"), NetworkAclName: name60Bytes },
    [...malformed, "InvalidParameterValue.TooLong"],
  ),
  ModifyNetworkAclEntries: row<object>()(
    "vpc",
    {
      NetworkAclId: requiredId("acl"),
      NetworkAclEntrySet: group({ Ingress: list(aclEntry), Egress: list(aclEntry) }),
      NetworkAclQuintupleSet: group({ Ingress: list(aclQuintuple), Egress: list(aclQuintuple) }),
      EnableUpdateAclEntries: flag(),
    },
    [...malformed, "InvalidParameter.AclTypeMismatch", "InvalidParameter.Coexist", "InvalidParameterValue.TooLong"],
  ),
  AssociateNetworkAclSubnets: row<object>()(
    "vpc",
    { NetworkAclId: requiredId("acl"), SubnetIds: { ...idList("subnet"), required: true } as const },
    [...malformed, "InvalidParameterValue.LimitExceeded", "UnsupportedOperation.VpcMismatch"],
  ),
  DisassociateNetworkAclSubnets: row<object>()(
    "vpc",
    { NetworkAclId: requiredId("acl"), SubnetIds: { ...idList("subnet"), required: true } as const },
    [...malformed, "InvalidParameterValue.LimitExceeded", "UnsupportedOperation.VpcMismatch"],
  ),
  DeleteNetworkAcl: row<object>()("vpc", { NetworkAclId: requiredId("acl") }, malformed),

  CreateFlowLog: row<{ FlowLog: objects.FlowLogObject[] }>()(
    "vpc",
    {
      FlowLogName: text({ required: true, notEmpty: true, maxChars: 60 }),
      ResourceType: resourceType,
      ResourceId: text({ required: true, notEmpty: true }),
      TrafficType: text({ required: true, oneOf: trafficTypes }),
      VpcId: requiredId("vpc"),
      FlowLogDescription: text({ maxChars: 512 }),
      CloudLogId: text({ required: true, notEmpty: true }),
      Tags: vpcTags,
      StorageType: text({ oneOf: ["cls"], refused: { ckafka: "is not offered by this backend: use cls" } }),
      FlowLogStorage: group({ StorageId: text({ required: true }), StorageTopic: text() }),
      CloudLogRegion: text(),
      Period: integer({ min: 60, max: 600 }),
    },
    [
      ...tagCodes,
      "InvalidParameterValue.Duplicate",
      "InvalidParameterValue.Empty",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.Range",
      "UnsupportedOperation.FlowLogInstanceExisted",
    ],
  ),
  DescribeFlowLogs: row<{ FlowLog: objects.FlowLogObject[]; TotalNum: number }>()(
    "vpc",
    {
      VpcId: idField("vpc"),
      FlowLogId: idField("fl"),
      FlowLogName: text(),
      ResourceType: optionalResourceType,
      ResourceId: text(),
      TrafficType: text({ oneOf: trafficTypes }),
      CloudLogId: text(),
      CloudLogState: text({ oneOf: ["SUCCESS", "DELETED"] }),
      OrderField: text({ oneOf: ["flowLogName", "createTime"] }),
      OrderDirection: orderDirection,
      ...paging,
      Filters: vpcFilters,
      CloudLogRegion: text(),
    },
    ["InvalidParameterValue.Malformed", "InvalidParameterValue.Range", "InvalidParameterValue.TooLong"],
  ),
  ModifyFlowLogAttribute: row<object>()(
    "vpc",
    {
      FlowLogId: requiredId("fl"),
      VpcId: idField("vpc"),
      FlowLogName: text({ notEmpty: true, maxChars: 60 }),
      FlowLogDescription: text({ maxChars: 512 }),
      Period: integer({ min: 60, max: 600 }),
    },
    ["InvalidParameterValue.Malformed", "InvalidParameterValue.Range"],
  ),
  DeleteFlowLog: row<object>()("vpc", { FlowLogId: requiredId("fl"), VpcId: idField("vpc") }, [
    "InvalidParameterValue.Malformed",
    "InvalidParameterValue.Range",
  ]),
  EnableFlowLogs: row<object>()("vpc", { FlowLogIds: { ...idList("fl"), required: true } as const }, [
    "InvalidParameterValue.LimitExceeded",
    "InvalidParameterValue.Malformed",
  ]),
  DisableFlowLogs: row<object>()("vpc", { FlowLogIds: { ...idList("fl"), required: true } as const }, [
    "InvalidParameterValue.LimitExceeded",
    "InvalidParameterValue.Malformed",
  ]),
} as const;
