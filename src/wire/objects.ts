/** The objects that the API answers with, spelled and typed as the cloud does. */
import { type AnswerOf, orAbsent, orNull } from "./shapes.ts";

export const tag = { Key: "text", Value: "text" } as const;

const tags = [tag] as const;

export const subnet = {
  VpcId: "text",
  SubnetId: "text",
  SubnetName: "text",
  CidrBlock: "text",
  IsDefault: "flag",
  EnableBroadcast: "flag",
  Zone: "text",
  RouteTableId: "text",
  CreatedTime: "text",
  AvailableIpAddressCount: "integer",
  TotalIpAddressCount: "integer",
  Ipv6CidrBlock: "text",
  NetworkAclId: "text",
  IsRemoteVpcSnat: "flag",
  TagSet: tags,
  CdcId: "text",
  IsCdcSubnet: "integer",
  StackType: "text",
} as const;

export const vpc = {
  VpcId: "text",
  VpcName: "text",
  CidrBlock: "text",
  IsDefault: "flag",
  EnableMulticast: "flag",
  CreatedTime: "text",
  DnsServerSet: ["text"],
  DomainName: "text",
  DhcpOptionsId: "text",
  EnableDhcp: "flag",
  Ipv6CidrBlock: "text",
  TagSet: tags,
  AssistantCidrSet: [{ VpcId: "text", CidrBlock: "text", AssistantType: "integer", SubnetSet: [subnet] }],
  EnableRouteVpcPublish: "flag",
  Ipv6CidrBlockSet: [{ IPv6CidrBlock: "text", ISPType: "text", AddressType: "text" }],
  EnableRouteVpcPublishIpv6: "flag",
  StackType: "text",
} as const;

const privateIpAddress = {
  PrivateIpAddress: "text",
  Primary: "flag",
  PublicIpAddress: "text",
  AddressId: "text",
  Description: "text",
  IsWanIpBlocked: "flag",
  State: "text",
  QosLevel: "text",
} as const;

const ipv6Address = {
  Address: "text",
  Primary: "flag",
  AddressId: "text",
  Description: "text",
  IsWanIpBlocked: "flag",
  State: "text",
  PublicIpAddress: "text",
  AddressType: "text",
} as const;

export const networkInterface = {
  NetworkInterfaceId: "text",
  NetworkInterfaceName: "text",
  NetworkInterfaceDescription: "text",
  SubnetId: "text",
  VpcId: "text",
  GroupSet: ["text"],
  Primary: "flag",
  MacAddress: "text",
  State: "text",
  NetworkInterfaceState: "text",
  PrivateIpAddressSet: [privateIpAddress],
  Attachment: orNull({ InstanceId: "text", DeviceIndex: "integer", InstanceAccountId: "text", AttachTime: "text" }),
  Zone: "text",
  CreatedTime: "text",
  Ipv6AddressSet: [ipv6Address],
  TagSet: tags,
  EniType: "integer",
  Business: "text",
  CdcId: "text",
  AttachType: "integer",
  ResourceId: "text",
  QosLevel: "text",
} as const;

export const address = {
  AddressId: "text",
  AddressName: "text",
  AddressStatus: "text",
  AddressIp: "text",
  InstanceId: "text",
  CreatedTime: "text",
  NetworkInterfaceId: "text",
  PrivateAddressIp: "text",
  IsArrears: "flag",
  IsBlocked: "flag",
  IsEipDirectConnection: "flag",
  AddressType: "text",
  CascadeRelease: "flag",
  EipAlgType: { Ftp: "flag", Sip: "flag" },
  InternetServiceProvider: "text",
  LocalBgp: "flag",
  Bandwidth: orNull("integer"),
  InternetChargeType: orNull("text"),
  TagSet: tags,
  DeadlineDate: orNull("text"),
  InstanceType: orNull("text"),
  Egress: orNull("text"),
  AntiDDoSPackageId: "text",
  RenewFlag: "text",
  BandwidthPackageId: orNull("text"),
  UnVpcId: "text",
  DedicatedClusterId: "text",
  EipVisibleOnEni: "flag",
} as const;

const route = {
  DestinationCidrBlock: "text",
  GatewayType: "text",
  GatewayId: "text",
  RouteId: "integer",
  RouteDescription: "text",
  Enabled: "flag",
  RouteType: "text",
  RouteTableId: "text",
  DestinationIpv6CidrBlock: "text",
  RouteItemId: "text",
  PublishedToVbc: "flag",
  CreatedTime: "text",
  CdcId: "text",
} as const;

export const routeTable = {
  VpcId: "text",
  RouteTableId: "text",
  RouteTableName: "text",
  AssociationSet: [{ SubnetId: "text", RouteTableId: "text" }],
  RouteSet: [route],
  Main: "flag",
  CreatedTime: "text",
  TagSet: tags,
  LocalCidrForCcn: [{ Cidr: "text", PublishedToVbc: "flag" }],
} as const;

export const securityGroup = {
  SecurityGroupId: "text",
  SecurityGroupName: "text",
  SecurityGroupDesc: "text",
  ProjectId: "text",
  IsDefault: "flag",
  CreatedTime: "text",
  UpdateTime: "text",
  TagSet: tags,
} as const;

const securityGroupPolicy = {
  PolicyIndex: "integer",
  Protocol: "text",
  Port: "text",
  ServiceTemplate: { ServiceId: "text", ServiceGroupId: "text" },
  CidrBlock: "text",
  Ipv6CidrBlock: "text",
  SecurityGroupId: "text",
  AddressTemplate: { AddressId: "text", AddressGroupId: "text" },
  Action: "text",
  PolicyDescription: "text",
  ModifyTime: "text",
  Priority: "integer",
} as const;

export const securityGroupPolicySet = {
  Version: "text",
  Egress: [securityGroupPolicy],
  Ingress: [securityGroupPolicy],
  PolicyStatistics: {
    IngressIPv4TotalCount: "integer",
    IngressIPv6TotalCount: "integer",
    EgressIPv4TotalCount: "integer",
    EgressIPv6TotalCount: "integer",
  },
} as const;

export const securityGroupAssociationStatistics = {
  SecurityGroupId: "text",
  CVM: "integer",
  CDB: "integer",
  ENI: "integer",
  SG: "integer",
  CLB: "integer",
  InstanceStatistics: [{ InstanceType: "text", InstanceCount: "integer" }],
  TotalCount: "integer",
} as const;

const networkAclEntry = {
  Protocol: "text",
  Port: "text",
  CidrBlock: "text",
  Ipv6CidrBlock: "text",
  Action: "text",
  Description: "text",
  ModifyTime: "text",
  Priority: "integer",
  NetworkAclIpv4EntryId: "text",
  NetworkAclIpv6EntryId: "text",
} as const;

export const networkAclQuintupleEntry = {
  Protocol: "text",
  Description: "text",
  SourcePort: "text",
  SourceCidr: "text",
  DestinationPort: "text",
  DestinationCidr: "text",
  Action: "text",
  NetworkAclQuintupleEntryId: "text",
  Priority: "integer",
  CreateTime: "text",
  NetworkAclDirection: "text",
  SourceIPv6Cidr: "text",
  DestinationIPv6Cidr: "text",
} as const;

export const networkAcl = {
  VpcId: "text",
  NetworkAclId: "text",
  NetworkAclName: "text",
  CreatedTime: "text",
  SubnetSet: [subnet],
  IngressEntries: [networkAclEntry],
  EgressEntries: [networkAclEntry],
  NetworkAclType: "text",
  TagSet: tags,
} as const;

export const flowLog = {
  VpcId: "text",
  FlowLogId: "text",
  FlowLogName: "text",
  ResourceType: "text",
  ResourceId: "text",
  TrafficType: "text",
  CloudLogId: "text",
  CloudLogState: "text",
  FlowLogDescription: "text",
  CreatedTime: "text",
  TagSet: tags,
  Enable: "flag",
  StorageType: "text",
  FlowLogStorage: orNull({ StorageId: "text", StorageTopic: "text" }),
  CloudLogRegion: "text",
  Period: orNull("integer"),
} as const;

export const logset = {
  LogsetId: "text",
  LogsetName: "text",
  CreateTime: "text",
  AssumerUin: "integer",
  AssumerName: "text",
  Tags: tags,
  TopicCount: "integer",
  RoleName: "text",
  MetricTopicCount: "integer",
} as const;

export const topic = {
  LogsetId: "text",
  TopicId: "text",
  TopicName: "text",
  PartitionCount: "integer",
  Index: "flag",
  AssumerUin: "integer",
  AssumerName: "text",
  CreateTime: "text",
  Status: "flag",
  Tags: tags,
  RoleName: "text",
  AutoSplit: "flag",
  MaxSplitPartitions: "integer",
  StorageType: "text",
  Period: "integer",
  SubAssumerName: "text",
  Describes: "text",
  HotPeriod: "integer",
  KeyId: "text",
  BizType: "integer",
  IsWebTracking: "flag",
  TopicAsyncTaskID: "text",
  MigrationStatus: "integer",
  EffectiveDate: "text",
  IsSourceFrom: "flag",
  BillingMode: "integer",
  NewBillingMode: "integer",
} as const;

const indexedKeys = [
  {
    Key: "text",
    Value: {
      Type: "text",
      Tokenizer: orAbsent("text"),
      SqlFlag: orAbsent("flag"),
      ContainZH: orAbsent("flag"),
      Alias: orAbsent("text"),
      OpenIndexForChildOnly: orAbsent("flag"),
    },
  },
] as const;

// What a rule does not hold is left out: a client compares what it reads with what it gave.
const indexRule = {
  FullText: orAbsent({ CaseSensitive: "flag", Tokenizer: "text", ContainZH: orAbsent("flag") }),
  KeyValue: orAbsent({ CaseSensitive: "flag", KeyValues: orAbsent(indexedKeys) }),
  Tag: orAbsent({ CaseSensitive: "flag", KeyValues: indexedKeys }),
  DynamicIndex: orAbsent({ Status: orAbsent("flag") }),
} as const;

export const index = {
  TopicId: "text",
  Status: "flag",
  Rule: orNull(indexRule),
  ModifyTime: "text",
  IncludeInternalFields: "flag",
  MetadataFlag: "integer",
  CoverageField: "text",
} as const;

const logInfo = {
  Time: "integer",
  TopicId: "text",
  TopicName: "text",
  Source: "text",
  FileName: "text",
  PkgId: "text",
  PkgLogId: "text",
  HighLights: [{ Key: "text", Values: ["text"] }],
  LogJson: "text",
  HostName: "text",
  RawLog: "text",
  IndexStatus: "text",
} as const;

export const searchLogAnswer = {
  Context: "text",
  ListOver: "flag",
  Analysis: "flag",
  Results: orNull([logInfo]),
  ColNames: orNull(["text"]),
  AnalysisResults: orNull([{ Data: [{ Key: "text", Value: "text" }] }]),
  AnalysisRecords: orNull(["text"]),
  Columns: orNull([{ Name: "text", Type: "text" }]),
  SamplingRate: "number",
  // Beside the cloud's own fields: how the query was read, 1 for CQL and 0 for Lucene. Clients that do not know it pass over it.
  QuerySyntax: "integer",
  Topics: orNull({
    Errors: [{ TopicId: "text", ErrorMsg: "text", ErrorCodeStr: "text" }],
    Infos: [{ TopicId: "text", Period: "integer", Context: "text" }],
  }),
} as const;

const logContextInfo = {
  Source: "text",
  Filename: "text",
  Content: "text",
  PkgId: "text",
  PkgLogId: "integer",
  BTime: "integer",
  HostName: "text",
  RawLog: "text",
  IndexStatus: "text",
  HighLights: [{ Key: "text", Values: ["text"] }],
} as const;

export const logContextAnswer = { LogContextInfos: [logContextInfo], PrevOver: "flag", NextOver: "flag" } as const;

export const logHistogramAnswer = {
  Interval: "integer",
  TotalCount: "integer",
  HistogramInfos: [{ Count: "integer", BTime: "integer" }],
} as const;

export type Tag = AnswerOf<typeof tag>;
export type VpcObject = AnswerOf<typeof vpc>;
export type SubnetObject = AnswerOf<typeof subnet>;
export type NetworkInterfaceObject = AnswerOf<typeof networkInterface>;
export type AddressObject = AnswerOf<typeof address>;
export type RouteTableObject = AnswerOf<typeof routeTable>;
export type SecurityGroupObject = AnswerOf<typeof securityGroup>;
export type SecurityGroupPolicyObject = AnswerOf<typeof securityGroupPolicy>;
export type SecurityGroupPolicySetObject = AnswerOf<typeof securityGroupPolicySet>;
export type NetworkAclEntryObject = AnswerOf<typeof networkAclEntry>;
export type NetworkAclQuintupleEntryObject = AnswerOf<typeof networkAclQuintupleEntry>;
export type NetworkAclObject = AnswerOf<typeof networkAcl>;
export type FlowLogObject = AnswerOf<typeof flowLog>;
export type LogsetObject = AnswerOf<typeof logset>;
export type TopicObject = AnswerOf<typeof topic>;
export type IndexRule = AnswerOf<typeof indexRule>;
export type IndexObject = AnswerOf<typeof index>;
export type LogInfo = AnswerOf<typeof logInfo>;
export type SearchLogAnswer = AnswerOf<typeof searchLogAnswer>;
export type LogContextInfo = AnswerOf<typeof logContextInfo>;
