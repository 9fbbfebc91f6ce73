/** VPC's objects as the API answers them. */
import type * as wire from "../../wire/objects.ts";
import { cidrSize, parseCidr } from "../../net/address.ts";
import { cloudTime } from "../clock.ts";
import type { FlowLog } from "../flow/flow-log.ts";
import type { Rooms } from "../rooms.ts";
import type { Eip, Eni, NetworkAcl, NetworkAclRule, Network, SecurityGroup, SecurityGroupRule, Subnet, Vpc } from "../vpc/network.ts";
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

/** What a VPC's main route table is called. */
export const mainRouteTableName = "default";

/** A VPC's main route table: every subnet has it, and no routes of its own stand in it. */
export function shownRouteTable(network: Network, vpc: Vpc): wire.RouteTableObject {
  return {
    VpcId: vpc.id,
    RouteTableId: vpc.routeTableId,
    RouteTableName: mainRouteTableName,
    AssociationSet: network.subnetsOf(vpc.id).map(({ id }) => ({ SubnetId: id, RouteTableId: vpc.routeTableId })),
    RouteSet: [],
    Main: true,
    CreatedTime: cloudTime(vpc.createdMs),
    TagSet: shownTags(vpc.routeTableTags ?? {}),
    LocalCidrForCcn: [],
  };
}

export function shownEni(rooms: Rooms, eni: Eni, state = "AVAILABLE"): wire.NetworkInterfaceObject {
  const { attachment } = eni;
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
    NetworkInterfaceState: attachment === undefined ? state : "INUSE",
    PrivateIpAddressSet: eni.privateAddresses.map((each) => ({
      PrivateIpAddress: each.address,
      Primary: each.primary,
      PublicIpAddress: each.publicAddress,
      AddressId: each.publicAddress === "" ? "" : eipIdAt(rooms.network, each.publicAddress),
      Description: each.description,
      IsWanIpBlocked: false,
      State: state,
      QosLevel: eni.qosLevel,
    })),
    Attachment: attachment === undefined ? null : {
      InstanceId: attachment.instanceId,
      DeviceIndex: attachment.deviceIndex,
      InstanceAccountId: rooms.setting.appId,
      AttachTime: cloudTime(attachment.attachedMs),
    },
    Zone: rooms.network.subnets.get(eni.subnetId)!.zone,
    CreatedTime: cloudTime(eni.createdMs),
    Ipv6AddressSet: eni.ipv6Addresses.map((Address, index) => ({
      Address,
      Primary: index === 0,
      AddressId: "",
      Description: "",
      IsWanIpBlocked: false,
      State: state,
      PublicIpAddress: "",
      AddressType: "GUA",
    })),
    TagSet: shownTags(eni.tags),
    EniType: 0,
    Business: "cvm",
    CdcId: "",
    AttachType: attachment?.attachType ?? 0,
    ResourceId: "",
    QosLevel: eni.qosLevel,
  };
}

function eipIdAt(network: Network, publicAddress: string): string {
  return [...network.eips.values()].find(({ address }) => address === publicAddress)?.id ?? "";
}

/** Where an EIP stands in its life: BIND on an instance, BIND_ENI on an ENI without one, else UNBIND. */
export function eipStatus(network: Network, eip: Eip): string {
  if (eip.eniId === "") return "UNBIND";
  return network.enis.get(eip.eniId)?.attachment === undefined ? "BIND_ENI" : "BIND";
}

export function shownEip(network: Network, eip: Eip): wire.AddressObject {
  const eni = network.enis.get(eip.eniId);
  return {
    AddressId: eip.id,
    AddressName: eip.name,
    AddressStatus: eipStatus(network, eip),
    AddressIp: eip.address,
    InstanceId: eni?.attachment?.instanceId ?? "",
    CreatedTime: cloudTime(eip.createdMs),
    NetworkInterfaceId: eip.eniId,
    PrivateAddressIp: eip.privateAddress,
    IsArrears: false,
    IsBlocked: false,
    IsEipDirectConnection: false,
    AddressType: "EIP",
    CascadeRelease: false,
    EipAlgType: { Ftp: true, Sip: true },
    InternetServiceProvider: "BGP",
    LocalBgp: false,
    Bandwidth: eip.bandwidthMbps,
    InternetChargeType: eip.chargeType,
    TagSet: shownTags(eip.tags),
    DeadlineDate: null,
    InstanceType: eni === undefined ? null : eni.attachment === undefined ? "ENI" : "CVM",
    Egress: null,
    AntiDDoSPackageId: "",
    RenewFlag: "",
    BandwidthPackageId: null,
    UnVpcId: eni?.vpcId ?? "",
    DedicatedClusterId: "",
    EipVisibleOnEni: false,
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
    ServiceTemplate: { ServiceId: "", ServiceGroupId: "" },
    CidrBlock: rule.cidr,
    Ipv6CidrBlock: rule.ipv6Cidr,
    SecurityGroupId: rule.remoteGroupId,
    AddressTemplate: { AddressId: "", AddressGroupId: "" },
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
    // Rules of the quintuple form have an action of their own to list them.
    IngressEntries: acl.form === "TRIPLE" ? acl.ingress.map((rule, index) => shownAclEntry(rule, index, "source")) : [],
    EgressEntries: acl.form === "TRIPLE" ? acl.egress.map((rule, index) => shownAclEntry(rule, index, "destination")) : [],
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

/** The rules of a network ACL of the quintuple form, inwards first. */
export function shownQuintuples(acl: NetworkAcl): wire.NetworkAclQuintupleEntryObject[] {
  return [
    ...acl.ingress.map((rule, index) => shownQuintuple(rule, index, "INGRESS")),
    ...acl.egress.map((rule, index) => shownQuintuple(rule, index, "EGRESS")),
  ];
}

function shownQuintuple(rule: NetworkAclRule, index: number, direction: string): wire.NetworkAclQuintupleEntryObject {
  const [source4, source6] = byFamily(rule.sourceCidr);
  const [destination4, destination6] = byFamily(rule.destinationCidr);
  return {
    Protocol: rule.protocol,
    Description: rule.description,
    SourcePort: rule.sourcePort,
    SourceCidr: source4,
    DestinationPort: rule.destinationPort,
    DestinationCidr: destination4,
    Action: rule.action,
    NetworkAclQuintupleEntryId: rule.id,
    Priority: index + 1,
    CreateTime: cloudTime(rule.modifiedMs),
    NetworkAclDirection: direction,
    SourceIPv6Cidr: source6,
    DestinationIPv6Cidr: destination6,
  };
}

/** A block as the fields for IPv4 and IPv6 hold it: one of the two is empty. */
function byFamily(cidr: string): [ipv4: string, ipv6: string] {
  return cidr.includes(":") ? ["", cidr] : [cidr, ""];
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
