/** The world that the verdict benchmarks' packets meet. */
import type { VirtualClock } from "../../src/backend/clock.ts";
import type { Cloud, createCloud } from "../../src/backend/cloud.ts";
import type { DataPlane, DataPlaneHere } from "../../src/backend/data-plane/data-plane.ts";
import type { PacketPath } from "../../src/backend/packet-path.ts";
import type { SeededRandom } from "../../src/backend/ids.ts";
import type { Call } from "../../src/wire/actions.ts";

/** What makes a cloud: from the sources, or as it was built. */
export interface CloudParts {
  readonly createCloud: typeof createCloud;
  readonly VirtualClock: typeof VirtualClock;
  readonly SeededRandom: typeof SeededRandom;
}

export const enis = 100;
export const groups = 5;
export const rulesPerGroup = 20;

/** The world that the packets meet: a VPC of one hundred ENIs, each with five groups of twenty rules, in two subnets of which one has an ACL. */
export async function world(parts: CloudParts, isWatched: boolean, beginMs: number): Promise<Cloud> {
  const cloud = parts.createCloud({ clock: new parts.VirtualClock(beginMs), random: new parts.SeededRandom(1), maxFlows: 10_000_000 });
  await makeNetwork(cloud, isWatched);
  return cloud;
}

/** The cloud's packet path, which takes batches as they are read: no chunk is written and read again. */
export function pathOf({ rooms }: Cloud): PacketPath {
  const packets: DataPlane & Partial<Pick<DataPlaneHere, "path">> = rooms.packets;
  if (packets.path === undefined) throw new Error("the packet path is in another thread");
  return packets.path;
}

/** Makes that world by calls; gives the topic that flow logs write to. */
export async function makeNetwork(cloud: { readonly call: Call }, isWatched: boolean): Promise<string> {
  const { Vpc } = await cloud.call("CreateVpc", { VpcName: "bench", CidrBlock: "10.7.0.0/16" });
  const subnets: string[] = [];
  for (const place of [1, 2]) {
    const request = { VpcId: Vpc.VpcId, SubnetName: "bench", Zone: "ap-guangzhou-3", CidrBlock: `10.7.${place}.0/24` };
    subnets.push((await cloud.call("CreateSubnet", request)).Subnet.SubnetId);
  }
  const { NetworkAcl } = await cloud.call("CreateNetworkAcl", { VpcId: Vpc.VpcId, NetworkAclName: "bench" });
  const { NetworkAclId } = NetworkAcl;
  const entries = [...Array.from({ length: 9 }, (_, index) => ({ Protocol: "TCP", Port: String(10 + index), CidrBlock: "192.0.2.0/24", Action: "DROP" })), { Protocol: "ALL", CidrBlock: "0.0.0.0/0", Action: "ACCEPT" }];
  await cloud.call("ModifyNetworkAclEntries", { NetworkAclId, NetworkAclEntrySet: { Ingress: entries, Egress: entries } });
  await cloud.call("AssociateNetworkAclSubnets", { NetworkAclId, SubnetIds: [subnets[1]!] });
  const SecurityGroupIds: string[] = [];
  for (let group = 0; group < groups; group++) SecurityGroupIds.push(await makeGroup(cloud, group));
  for (let eni = 0; eni < enis; eni++) {
    const request = { VpcId: Vpc.VpcId, SubnetId: subnets[eni % 2]!, NetworkInterfaceName: "bench", SecurityGroupIds };
    await cloud.call("CreateNetworkInterface", { ...request, PrivateIpAddresses: [{ PrivateIpAddress: addressOf(eni), Primary: true }] });
  }
  const { LogsetId } = await cloud.call("CreateLogset", { LogsetName: "bench" });
  const { TopicId } = await cloud.call("CreateTopic", { LogsetId, TopicName: "bench" });
  const watch = { FlowLogName: "bench", VpcId: Vpc.VpcId, ResourceType: "VPC" as const, ResourceId: Vpc.VpcId, TrafficType: "ALL" as const };
  if (isWatched) await cloud.call("CreateFlowLog", { ...watch, CloudLogId: TopicId });
  return TopicId;
}

/** Twenty rules, of which the last groups' let most connections in: the rules are really gone through. */
async function makeGroup(cloud: { readonly call: Call }, group: number): Promise<string> {
  const rules = Array.from({ length: rulesPerGroup }, (_, index) => ({
    Protocol: "TCP",
    Port: group === groups - 1 ? `${index * 3000}-${index * 3000 + 2999}` : String(1 + group * rulesPerGroup + index),
    CidrBlock: group === groups - 1 ? "0.0.0.0/0" : "198.51.100.0/24",
    Action: "ACCEPT",
  }));
  const SecurityGroupPolicySet = { Ingress: rules as never, Egress: rules as never };
  const request = { GroupName: "bench", GroupDescription: "", SecurityGroupPolicySet };
  return (await cloud.call("CreateSecurityGroupWithPolicies", request)).SecurityGroup.SecurityGroupId;
}

/** The address of an ENI. */
export function addressOf(eni: number): string {
  return `10.7.${1 + (eni % 2)}.${10 + Math.floor(eni / 2)}`;
}
