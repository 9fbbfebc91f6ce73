/** A network for tests, made through the API: one VPC, its subnets, ENIs, rules and flow logs. */
import type { Cloud } from "../../src/backend/cloud.ts";
import type { ActionRequest } from "../../src/wire/actions.ts";

type Policies = NonNullable<ActionRequest<"CreateSecurityGroupWithPolicies">["SecurityGroupPolicySet"]>;
type Policy = NonNullable<Policies["Ingress"]>[number];
type Entries = NonNullable<ActionRequest<"ModifyNetworkAclEntries">["NetworkAclEntrySet"]>;
type Entry = NonNullable<Entries["Ingress"]>[number];

/** A rule that accepts (or drops) a protocol from or to everywhere. */
export function rule(protocol: "TCP" | "UDP" | "ICMP" | "ALL", action: "ACCEPT" | "DROP" = "ACCEPT", port?: string) {
  return { Protocol: protocol, CidrBlock: "0.0.0.0/0", Action: action, ...(port === undefined ? {} : { Port: port }) };
}

/** The usual tokenizer of flow log topics: an IPv4 address or an ENI's id is one token. */
export const tokenizer = "@&?|#()='\",;:<>[]{}/ \\n\\t\\r\\\\";

const numbers = ["srcport", "dstport", "protocol", "packets", "bytes", "start", "end"];
const words = ["version", "account-id", "interface-id", "srcaddr", "dstaddr", "action", "log-status"];

/** An index on everything in a record. */
export const wholeIndex = {
  FullText: { CaseSensitive: false, Tokenizer: tokenizer },
  KeyValue: {
    CaseSensitive: false,
    KeyValues: [
      ...numbers.map((Key) => ({ Key, Value: { Type: "long" as const, SqlFlag: true } })),
      ...words.map((Key) => ({ Key, Value: { Type: "text" as const, Tokenizer: tokenizer, SqlFlag: true } })),
    ],
  },
};

/** Makes a VPC with one block for everything. */
export async function makeVpc(cloud: Cloud, cidr = "172.31.0.0/16", ipv6 = "2001:db8:31::/56"): Promise<string> {
  const { Vpc } = await cloud.call("CreateVpc", { VpcName: "test", CidrBlock: cidr, Ipv6CidrBlock: ipv6 });
  return Vpc.VpcId;
}

export async function makeSubnet(cloud: Cloud, vpcId: string, cidr: string, ipv6?: string): Promise<string> {
  const request = { VpcId: vpcId, SubnetName: cidr, Zone: "ap-guangzhou-3", CidrBlock: cidr };
  const { Subnet } = await cloud.call("CreateSubnet", ipv6 === undefined ? request : { ...request, Ipv6CidrBlock: ipv6 });
  return Subnet.SubnetId;
}

export async function makeGroup(cloud: Cloud, ingress: readonly Policy[], egress: readonly Policy[]): Promise<string> {
  const SecurityGroupPolicySet = { Ingress: [...ingress], Egress: [...egress] };
  const request = { GroupName: "test", GroupDescription: "", SecurityGroupPolicySet };
  return (await cloud.call("CreateSecurityGroupWithPolicies", request)).SecurityGroup.SecurityGroupId;
}

export async function makeAcl(
  cloud: Cloud,
  vpcId: string,
  subnetIds: readonly string[],
  ingress: readonly Entry[],
  egress: readonly Entry[],
): Promise<string> {
  const { NetworkAcl } = await cloud.call("CreateNetworkAcl", { VpcId: vpcId, NetworkAclName: "test" });
  const NetworkAclEntrySet = { Ingress: [...ingress], Egress: [...egress] };
  await cloud.call("ModifyNetworkAclEntries", { NetworkAclId: NetworkAcl.NetworkAclId, NetworkAclEntrySet });
  const SubnetIds = [...subnetIds];
  if (SubnetIds.length > 0) {
    await cloud.call("AssociateNetworkAclSubnets", { NetworkAclId: NetworkAcl.NetworkAclId, SubnetIds });
  }
  return NetworkAcl.NetworkAclId;
}

export async function makeEni(
  cloud: Cloud,
  vpcId: string,
  subnetId: string,
  address: string,
  groupIds: readonly string[] = [],
  ipv6?: string,
): Promise<string> {
  const { NetworkInterface } = await cloud.call("CreateNetworkInterface", {
    VpcId: vpcId,
    SubnetId: subnetId,
    NetworkInterfaceName: address,
    SecurityGroupIds: [...groupIds],
    PrivateIpAddresses: [{ PrivateIpAddress: address, Primary: true }],
    ...(ipv6 === undefined ? {} : { Ipv6Addresses: [{ Address: ipv6 }] }),
  });
  return NetworkInterface.NetworkInterfaceId;
}

/** Makes a logset and a topic with an index on everything. */
export async function makeTopic(cloud: Cloud, name = "flow-logs"): Promise<string> {
  const { LogsetId } = await cloud.call("CreateLogset", { LogsetName: name });
  const { TopicId } = await cloud.call("CreateTopic", { LogsetId, TopicName: name });
  await cloud.call("CreateIndex", { TopicId, Rule: wholeIndex });
  return TopicId;
}

export async function makeFlowLog(
  cloud: Cloud,
  vpcId: string,
  topicId: string,
  watched: { type: "VPC" | "SUBNET" | "NETWORKINTERFACE"; id: string } = { type: "VPC", id: vpcId },
  trafficType: "ACCEPT" | "REJECT" | "ALL" = "ALL",
): Promise<string> {
  const { FlowLog } = await cloud.call("CreateFlowLog", {
    FlowLogName: "test",
    VpcId: vpcId,
    ResourceType: watched.type,
    ResourceId: watched.id,
    TrafficType: trafficType,
    CloudLogId: topicId,
  });
  return FlowLog[0]!.FlowLogId;
}
