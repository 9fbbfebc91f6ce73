/** Changes that a simulation makes to its world, all through the API: topology, rules, flow logs. */
import type { ActionRequest } from "../../src/wire/actions.ts";
import type { Chance } from "../oracle/chance.ts";
import type { World } from "./world.ts";

const hosts4 = ["10.9.1.", "10.9.2."] as const;
const hosts6 = ["2001:db8:9:1::", "2001:db8:9:2::"] as const;
const remotes = ["0.0.0.0/0", "0.0.0.0/0", "10.9.1.0/24", "203.0.113.12", "198.51.100.0/24"] as const;

type Policy = NonNullable<ActionRequest<"ModifySecurityGroupPolicies">["SecurityGroupPolicySet"]["Ingress"]>[number];

function randomRule(chance: Chance) {
  const Protocol = chance.of(["TCP", "UDP", "ICMP", "ALL"] as const);
  const Action = chance.percent(70) ? ("ACCEPT" as const) : ("DROP" as const);
  if (Protocol === "ALL" && chance.percent(50)) return { Protocol, Ipv6CidrBlock: "::/0", Action };
  return { Protocol, CidrBlock: chance.of(remotes), Action };
}

function randomRules(chance: Chance): Policy[] {
  const rules = chance.many(0, 3, () => randomRule(chance));
  return [...new Map(rules.map((each) => [JSON.stringify(each), each])).values()];
}

/** The world as it is at first: a VPC, two subnets, groups, perhaps an ACL, some ENIs, topics. */
export async function settle(world: World): Promise<void> {
  const { cloud, chance } = world;
  const { Vpc } = await cloud.call("CreateVpc", { VpcName: "simulated", CidrBlock: "10.9.0.0/16", Ipv6CidrBlock: "2001:db8:9::/56" });
  world.vpcId = Vpc.VpcId;
  for (const place of [1, 2]) {
    const request = { VpcId: Vpc.VpcId, SubnetName: `s${place}`, Zone: "ap-guangzhou-3", CidrBlock: `10.9.${place}.0/24` };
    const { Subnet } = await cloud.call("CreateSubnet", { ...request, Ipv6CidrBlock: `2001:db8:9:${place}::/64` });
    world.subnetIds.push(Subnet.SubnetId);
  }
  for (let count = 0; count < 2; count++) {
    const { SecurityGroup } = await cloud.call("CreateSecurityGroup", { GroupName: "simulated", GroupDescription: "" });
    world.groupIds.push(SecurityGroup.SecurityGroupId);
    await changeGroup(world);
  }
  if (chance.percent(50)) {
    const { NetworkAcl } = await cloud.call("CreateNetworkAcl", { VpcId: Vpc.VpcId, NetworkAclName: "simulated" });
    world.aclIds.push(NetworkAcl.NetworkAclId);
    await changeAcl(world);
    await cloud.call("AssociateNetworkAclSubnets", { NetworkAclId: NetworkAcl.NetworkAclId, SubnetIds: [chance.of(world.subnetIds)] });
  }
  const { LogsetId } = await cloud.call("CreateLogset", { LogsetName: "simulated" });
  for (const name of ["a", "b", "c"]) {
    const { TopicId } = await cloud.call("CreateTopic", { LogsetId, TopicName: name });
    await cloud.call("CreateIndex", { TopicId, Rule: { FullText: { CaseSensitive: false, Tokenizer: " " } } });
    world.topicIds.push(TopicId);
  }
  for (let count = 2 + chance.below(3); count > 0; count--) await addEni(world);
  if (chance.percent(80)) await addFlowLog(world);
}

async function addEni(world: World): Promise<void> {
  const { chance, cloud } = world;
  const place = chance.below(2);
  const taken = new Set([...cloud.rooms.network.enis.values()].flatMap(({ privateAddresses }) => privateAddresses.map(({ address }) => address)));
  const free = [10, 11, 12, 13].filter((host) => !taken.has(`${hosts4[place]!}${host}`));
  if (free.length === 0) return;
  const host = chance.of(free);
  await cloud.call("CreateNetworkInterface", {
    VpcId: world.vpcId,
    SubnetId: world.subnetIds[place]!,
    NetworkInterfaceName: `eni${host}`,
    SecurityGroupIds: [...new Set(chance.many(0, 2, () => chance.of(world.groupIds)))],
    PrivateIpAddresses: [{ PrivateIpAddress: `${hosts4[place]!}${host}`, Primary: true }],
    Ipv6Addresses: [{ Address: `${hosts6[place]!}${host}` }],
  });
}

async function removeEni(world: World): Promise<void> {
  const { network, flowLogs } = world.cloud.rooms;
  const watched = new Set([...flowLogs.values()].map(({ resourceId }) => resourceId));
  const removable = [...network.enis.values()].filter(({ id }) => !watched.has(id));
  if (removable.length < 2) return;
  await world.cloud.call("DeleteNetworkInterface", { NetworkInterfaceId: world.chance.of(removable).id });
}

async function changeGroup(world: World): Promise<void> {
  const { chance, cloud } = world;
  const SecurityGroupPolicySet = { Ingress: randomRules(chance), Egress: randomRules(chance) };
  if (SecurityGroupPolicySet.Ingress.length + SecurityGroupPolicySet.Egress.length === 0) return;
  await cloud.call("ModifySecurityGroupPolicies", { SecurityGroupId: chance.of(world.groupIds), SecurityGroupPolicySet });
}

async function changeAcl(world: World): Promise<void> {
  const { chance, cloud } = world;
  if (world.aclIds.length === 0) return;
  const rules = () => chance.many(1, 3, () => randomRule(chance));
  await cloud.call("ModifyNetworkAclEntries", { NetworkAclId: chance.of(world.aclIds), NetworkAclEntrySet: { Ingress: rules(), Egress: rules() } });
}

async function addFlowLog(world: World): Promise<void> {
  const { chance, cloud } = world;
  const { network, flowLogs } = cloud.rooms;
  const watched = new Set([...flowLogs.values()].map(({ resourceId }) => resourceId));
  const resources = [
    { type: "VPC" as const, id: world.vpcId },
    ...world.subnetIds.map((id) => ({ type: "SUBNET" as const, id })),
    ...[...network.enis.values()].map(({ id }) => ({ type: "NETWORKINTERFACE" as const, id })),
  ].filter(({ id }) => !watched.has(id));
  if (resources.length === 0) return;
  const resource = chance.of(resources);
  await cloud.call("CreateFlowLog", {
    FlowLogName: "simulated",
    VpcId: world.vpcId,
    ResourceType: resource.type,
    ResourceId: resource.id,
    TrafficType: chance.of(["ALL", "ALL", "ACCEPT", "REJECT"] as const),
    CloudLogId: chance.of(world.topicIds),
  });
}

async function changeFlowLog(world: World): Promise<void> {
  const { chance, cloud } = world;
  const flowLogs = [...cloud.rooms.flowLogs.values()];
  if (flowLogs.length === 0) return addFlowLog(world);
  const { id, enabled } = chance.of(flowLogs);
  if (chance.percent(50)) await cloud.call("DeleteFlowLog", { VpcId: world.vpcId, FlowLogId: id });
  else await cloud.call(enabled ? "DisableFlowLogs" : "EnableFlowLogs", { FlowLogIds: [id] });
}

/** One change, of whatever kind. */
export async function change(world: World): Promise<void> {
  const kinds = [
    [5, addFlowLog],
    [5, changeFlowLog],
    [2, addEni],
    [1, removeEni],
    [3, changeGroup],
    [1, changeAcl],
  ] as const;
  await world.chance.weighted(kinds)(world);
  world.reflect();
}
