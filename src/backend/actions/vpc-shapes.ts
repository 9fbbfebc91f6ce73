/** VPC's objects as the API answers them. */
import type * as wire from "../../wire/objects.ts";
import { cidrSize, parseCidr } from "../../net/address.ts";
import { cloudTime } from "../clock.ts";
import type { FlowLog } from "../flow/flow-log.ts";
import type { Rooms } from "../rooms.ts";
import type { Eni, NetworkAcl, NetworkAclRule, SecurityGroup, SecurityGroupRule, Subnet, Vpc } from "../vpc/network.ts";
import { shownTags } from "./tags.ts";

/** Addresses of a subnet that no ENI gets: the network's, the gateway's, the broadcast address. */
export const reservedAddresses = 3;

export function shownVpc(vpc: Vpc): wire.VpcObject {
  return {
    VpcId: vpc.id,
    VpcName: vpc.name,
    CidrBlock: vpc.cidr,
    IsDefault: false,
    EnableMulticast: vpc.multicast,
    CreatedTime: cloudTime(vpc.createdMs),
    DnsServerSet: [...vpc.dnsServers],
    DomainName: vpc.domainName,
    DhcpOptionsId: "",
    EnableDhcp: true,
    Ipv6CidrBlock: vpc.ipv6Cidr,
    TagSet: shownTags(vpc.tags),
    AssistantCidrSet: [],
    EnableRouteVpcPublish: vpc.routePublish,
    Ipv6CidrBlockSet:
      vpc.ipv6Cidr === "" ? [] : [{ IPv6CidrBlock: vpc.ipv6Cidr, ISPType: "BGP", AddressType: "GUA" }],
    EnableRouteVpcPublishIpv6: vpc.ipv6RoutePublish,
    StackType: vpc.ipv6Cidr === "" ? "IPv4Only" : "DualStack",
  };
}

export function shownSubnet(rooms: Rooms, subnet: Subnet): wire.SubnetObject {
  const total = subnet.cidr === "" ? 0 : Number(cidrSize(parseCidr(subnet.cidr)!)) - reservedAddresses;
  const used = rooms.network.enisIn(subnet.id).reduce((sum, eni) => sum + eni.privateAddresses.length, 0);
  return {
    VpcId: subnet.vpcId,
    SubnetId: subnet.id,
    SubnetName: subnet.name,
    CidrBlock: subnet.cidr,
    IsDefault: false,
    EnableBroadcast: subnet.broadcast,
    Zone: subnet.zone,
    RouteTableId: rooms.network.vpcs.get(subnet.vpcId)!.routeTableId,
    CreatedTime: cloudTime(subnet.createdMs),
    AvailableIpAddressCount: total - used,
    TotalIpAddressCount: total,
    Ipv6CidrBlock: subnet.ipv6Cidr,
    NetworkAclId: subnet.networkAclId,
    IsRemoteVpcSnat: false,
    TagSet: shownTags(subnet.tags),
    CdcId: "",
    IsCdcSubnet: 0,
    StackType: subnet.ipv6Cidr === "" ? "IPv4Only" : "DualStack",
  };
}

export function shownEni(rooms: Rooms, eni: Eni, state = "AVAILABLE"): wire.NetworkInterfaceObject {
  return {
    NetworkInterfaceId: eni.id,
    NetworkInterfaceName: eni.name,
    NetworkInterfaceDescription: eni.description,
    SubnetId: eni.subnetId,
    VpcId: eni.vpcId,
    GroupSet: [...eni.securityGroupIds],
    Primary: false,
    MacAddress: eni.mac,
    State: state,
    NetworkInterfaceState: state,
    PrivateIpAddressSet: eni.privateAddresses.map((each) => ({
      PrivateIpAddress: each.address,
      Primary: each.primary,
      PublicIpAddress: each.publicAddress,
      AddressId: "",
      Description: each.description,
      IsWanIpBlocked: false,
      State: state,
      QosLevel: eni.qosLevel,
    })),
    Attachment: null,
    Zone: rooms.network.subnets.get(eni.subnetId)!.zone,
    CreatedTime: cloudTime(eni.createdMs),
    Ipv6AddressSet: eni.ipv6Addresses.map((Address, index) => ({
      Address,
      Primary: index === 0,
      AddressId: "",
      Description: "",
      IsWanIpBlocked: false,
      State: state,
    })),
    TagSet: shownTags(eni.tags),
    EniType: 0,
    Business: "cvm",
    CdcId: "",
    AttachType: 0,
    ResourceId: "",
    QosLevel: eni.qosLevel,
  };
}

export function shownSecurityGroup(group: SecurityGroup): wire.SecurityGroupObject {
  return {
    SecurityGroupId: group.id,
    SecurityGroupName: group.name,
    SecurityGroupDesc: group.description,
    ProjectId: group.projectId,
    IsDefault: false,
    CreatedTime: cloudTime(group.createdMs),
    UpdateTime: cloudTime(group.updatedMs),
    TagSet: shownTags(group.tags),
  };
}

function shownPolicy(rule: SecurityGroupRule, index: number): wire.SecurityGroupPolicyObject {
  return {
    PolicyIndex: index,
    Protocol: rule.protocol,
    Port: rule.port,
    CidrBlock: rule.cidr,
    Ipv6CidrBlock: rule.ipv6Cidr,
    SecurityGroupId: rule.remoteGroupId,
    Action: rule.action,
    PolicyDescription: rule.description,
    ModifyTime: cloudTime(rule.modifiedMs),
    Priority: index + 1,
  };
}

export function shownPolicySet(group: SecurityGroup): wire.SecurityGroupPolicySetObject {
  const isIpv6 = (rule: SecurityGroupRule) => rule.ipv6Cidr !== "";
  const ipv6Of = (rules: readonly SecurityGroupRule[]) => rules.filter(isIpv6).length;
  return {
    Version: String(group.version),
    Egress: group.egress.map(shownPolicy),
    Ingress: group.ingress.map(shownPolicy),
    PolicyStatistics: {
      IngressIPv4TotalCount: group.ingress.length - ipv6Of(group.ingress),
      IngressIPv6TotalCount: ipv6Of(group.ingress),
      EgressIPv4TotalCount: group.egress.length - ipv6Of(group.egress),
      EgressIPv6TotalCount: ipv6Of(group.egress),
    },
  };
}

export function shownNetworkAcl(rooms: Rooms, acl: NetworkAcl): wire.NetworkAclObject {
  const subnets = [...rooms.network.subnets.values()].filter(({ networkAclId }) => networkAclId === acl.id);
  return {
    VpcId: acl.vpcId,
    NetworkAclId: acl.id,
    NetworkAclName: acl.name,
    CreatedTime: cloudTime(acl.createdMs),
    SubnetSet: subnets.map((subnet) => shownSubnet(rooms, subnet)),
    IngressEntries: acl.ingress.map((rule, index) => shownAclEntry(rule, index, "source")),
    EgressEntries: acl.egress.map((rule, index) => shownAclEntry(rule, index, "destination")),
    NetworkAclType: acl.form,
    TagSet: shownTags(acl.tags),
  };
}

function shownAclEntry(rule: NetworkAclRule, index: number, remote: "source" | "destination"): wire.NetworkAclEntryObject {
  const cidr = remote === "source" ? rule.sourceCidr : rule.destinationCidr;
  const isIpv6 = cidr.includes(":");
  return {
    Protocol: rule.protocol,
    Port: rule.destinationPort,
    CidrBlock: isIpv6 ? "" : cidr,
    Ipv6CidrBlock: isIpv6 ? cidr : "",
    Action: rule.action,
    Description: rule.description,
    ModifyTime: cloudTime(rule.modifiedMs),
    Priority: index + 1,
    NetworkAclIpv4EntryId: isIpv6 ? "" : rule.id,
    NetworkAclIpv6EntryId: isIpv6 ? rule.id : "",
  };
}

export function shownFlowLog(rooms: Rooms, flowLog: FlowLog): wire.FlowLogObject {
  return {
    VpcId: flowLog.vpcId,
    FlowLogId: flowLog.id,
    FlowLogName: flowLog.name,
    ResourceType: flowLog.resourceType,
    ResourceId: flowLog.resourceId,
    TrafficType: flowLog.trafficType,
    CloudLogId: flowLog.topicId,
    CloudLogState: rooms.logs.topics.has(flowLog.topicId) ? "SUCCESS" : "DELETED",
    FlowLogDescription: flowLog.description,
    CreatedTime: cloudTime(flowLog.createdMs),
    TagSet: shownTags(flowLog.tags),
    Enable: flowLog.enabled,
    StorageType: "cls",
    FlowLogStorage: null,
    CloudLogRegion: flowLog.topicRegion,
    Period: null,
  };
}
