/** Tencent Cloud VPC flow logs as Pulumi resources, and what a stack needs around them. */
export { FlowLog, type FlowLogArgs } from "./pulumi/flow-log.ts";
export { Index, type IndexArgs } from "./pulumi/index-resource.ts";
export { Logset, type LogsetArgs } from "./pulumi/logset.ts";
export { NetworkAcl, type NetworkAclArgs, type NetworkAclRuleArgs } from "./pulumi/network-acl.ts";
export {
  type Ipv6AddressArgs,
  NetworkInterface,
  type NetworkInterfaceArgs,
  type PrivateIpAddressArgs,
} from "./pulumi/network-interface.ts";
export { SecurityGroup, type SecurityGroupArgs, type SecurityGroupRuleArgs } from "./pulumi/security-group.ts";
export { Subnet, type SubnetArgs } from "./pulumi/subnet.ts";
export { Topic, type TopicArgs } from "./pulumi/topic.ts";
export { Vpc, type VpcArgs } from "./pulumi/vpc.ts";
