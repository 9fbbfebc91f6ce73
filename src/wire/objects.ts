/** The objects that the API answers with, spelled and typed as the cloud does. */

export interface Tag {
  Key: string;
  Value: string;
}

export interface VpcObject {
  VpcId: string;
  VpcName: string;
  CidrBlock: string;
  IsDefault: boolean;
  EnableMulticast: boolean;
  CreatedTime: string;
  DnsServerSet: string[];
  DomainName: string;
  DhcpOptionsId: string;
  EnableDhcp: boolean;
  Ipv6CidrBlock: string;
  TagSet: Tag[];
  AssistantCidrSet: unknown[];
  EnableRouteVpcPublish: boolean;
  Ipv6CidrBlockSet: { IPv6CidrBlock: string; ISPType: string; AddressType: string }[];
  EnableRouteVpcPublishIpv6: boolean;
  StackType: string;
}

export interface SubnetObject {
  VpcId: string;
  SubnetId: string;
  SubnetName: string;
  CidrBlock: string;
  IsDefault: boolean;
  EnableBroadcast: boolean;
  Zone: string;
  RouteTableId: string;
  CreatedTime: string;
  AvailableIpAddressCount: number;
  TotalIpAddressCount: number;
  Ipv6CidrBlock: string;
  NetworkAclId: string;
  IsRemoteVpcSnat: boolean;
  TagSet: Tag[];
  CdcId: string;
  IsCdcSubnet: number;
  StackType: string;
}

export interface PrivateIpAddressObject {
  PrivateIpAddress: string;
  Primary: boolean;
  PublicIpAddress: string;
  AddressId: string;
  Description: string;
  IsWanIpBlocked: boolean;
  State: string;
  QosLevel: string;
}

export interface Ipv6AddressObject {
  Address: string;
  Primary: boolean;
  AddressId: string;
  Description: string;
  IsWanIpBlocked: boolean;
  State: string;
}

export interface NetworkInterfaceObject {
  NetworkInterfaceId: string;
  NetworkInterfaceName: string;
  NetworkInterfaceDescription: string;
  SubnetId: string;
  VpcId: string;
  GroupSet: string[];
  Primary: boolean;
  MacAddress: string;
  State: string;
  NetworkInterfaceState: string;
  PrivateIpAddressSet: PrivateIpAddressObject[];
  Attachment: { InstanceId: string; DeviceIndex: number; InstanceAccountId: string; AttachTime: string } | null;
  Zone: string;
  CreatedTime: string;
  Ipv6AddressSet: Ipv6AddressObject[];
  TagSet: Tag[];
  EniType: number;
  Business: string;
  CdcId: string;
  AttachType: number;
  ResourceId: string;
  QosLevel: string;
}

export interface SecurityGroupObject {
  SecurityGroupId: string;
  SecurityGroupName: string;
  SecurityGroupDesc: string;
  ProjectId: string;
  IsDefault: boolean;
  CreatedTime: string;
  UpdateTime: string;
  TagSet: Tag[];
}

export interface SecurityGroupPolicyObject {
  PolicyIndex: number;
  Protocol: string;
  Port: string;
  CidrBlock: string;
  Ipv6CidrBlock: string;
  SecurityGroupId: string;
  Action: string;
  PolicyDescription: string;
  ModifyTime: string;
  Priority: number;
}

export interface SecurityGroupPolicySetObject {
  Version: string;
  Egress: SecurityGroupPolicyObject[];
  Ingress: SecurityGroupPolicyObject[];
  PolicyStatistics: {
    IngressIPv4TotalCount: number;
    IngressIPv6TotalCount: number;
    EgressIPv4TotalCount: number;
    EgressIPv6TotalCount: number;
  };
}

export interface NetworkAclEntryObject {
  Protocol: string;
  Port: string;
  CidrBlock: string;
  Ipv6CidrBlock: string;
  Action: string;
  Description: string;
  ModifyTime: string;
  Priority: number;
  NetworkAclIpv4EntryId: string;
  NetworkAclIpv6EntryId: string;
}

export interface NetworkAclObject {
  VpcId: string;
  NetworkAclId: string;
  NetworkAclName: string;
  CreatedTime: string;
  SubnetSet: SubnetObject[];
  IngressEntries: NetworkAclEntryObject[];
  EgressEntries: NetworkAclEntryObject[];
  NetworkAclType: string;
  TagSet: Tag[];
}

export interface FlowLogObject {
  VpcId: string;
  FlowLogId: string;
  FlowLogName: string;
  ResourceType: string;
  ResourceId: string;
  TrafficType: string;
  CloudLogId: string;
  CloudLogState: string;
  FlowLogDescription: string;
  CreatedTime: string;
  TagSet: Tag[];
  Enable: boolean;
  StorageType: string;
  FlowLogStorage: { StorageId: string; StorageTopic: string } | null;
  CloudLogRegion: string;
  Period: number | null;
}

export interface LogsetObject {
  LogsetId: string;
  LogsetName: string;
  CreateTime: string;
  AssumerUin: number;
  AssumerName: string;
  Tags: Tag[];
  TopicCount: number;
  RoleName: string;
  MetricTopicCount: number;
}

export interface TopicObject {
  LogsetId: string;
  TopicId: string;
  TopicName: string;
  PartitionCount: number;
  Index: boolean;
  AssumerUin: number;
  AssumerName: string;
  CreateTime: string;
  Status: boolean;
  Tags: Tag[];
  RoleName: string;
  AutoSplit: boolean;
  MaxSplitPartitions: number;
  StorageType: string;
  Period: number;
  SubAssumerName: string;
  Describes: string;
  HotPeriod: number;
  BizType: number;
  IsWebTracking: boolean;
}

export interface IndexValueRule {
  Type: string;
  Tokenizer?: string;
  SqlFlag?: boolean;
  ContainZH?: boolean;
  Alias?: string;
}

export interface IndexRule {
  FullText?: { CaseSensitive: boolean; Tokenizer: string; ContainZH?: boolean };
  KeyValue?: { CaseSensitive: boolean; KeyValues?: { Key: string; Value: IndexValueRule }[] };
  Tag?: { CaseSensitive: boolean; KeyValues: { Key: string; Value: IndexValueRule }[] };
  DynamicIndex?: { Status?: boolean };
}

export interface IndexObject {
  TopicId: string;
  Status: boolean;
  Rule: IndexRule | null;
  ModifyTime: string;
  IncludeInternalFields: boolean;
  MetadataFlag: number;
  CoverageField: string;
}

export interface LogInfo {
  Time: number;
  TopicId: string;
  TopicName: string;
  Source: string;
  FileName: string;
  PkgId: string;
  PkgLogId: string;
  HighLights: { Key: string; Values: string[] }[];
  LogJson: string;
  HostName: string;
  RawLog: string;
  IndexStatus: string;
}

export interface SearchLogAnswer {
  Context: string;
  ListOver: boolean;
  Analysis: boolean;
  Results: LogInfo[] | null;
  ColNames: string[] | null;
  AnalysisResults: { Data: { Key: string; Value: string }[] }[] | null;
  AnalysisRecords: string[] | null;
  Columns: { Name: string; Type: string }[] | null;
  SamplingRate: number;
  Topics: {
    Errors: { TopicId: string; ErrorMsg: string; ErrorCodeStr: string }[];
    Infos: { TopicId: string; Period: number; Context: string }[];
  } | null;
}

export interface LogHistogramAnswer {
  Interval: number;
  TotalCount: number;
  HistogramInfos: { Count: number; BTime: number }[];
}
