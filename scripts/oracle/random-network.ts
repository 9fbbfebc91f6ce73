/** A random network, made through the cloud's API: subnets, ENIs with several groups, EIPs, ACLs in both forms. */
import { VirtualClock } from "../../src/backend/clock.ts";
import { type Cloud, createCloud } from "../../src/backend/cloud.ts";
import { SeededRandom } from "../../src/backend/ids.ts";
import type { Eni } from "../../src/backend/vpc/network.ts";
import type { ActionRequest } from "../../src/wire/actions.ts";
import type { Chance } from "./chance.ts";

/** When packets' times begin. */
export const startMs = Date.parse("2026-11-22T10:00:00Z");

/** Ends that are no ENI's. */
export const outsiders = ["203.0.113.12", "203.0.113.13", "198.51.100.77", "2001:db8:ff::7", "2001:db8:ee::8"] as const;

/** Ports that rules name and packets use. */
export const ports = [22, 53, 80, 443, 1024, 5432, 8080, 40_000] as const;

const portLists = ["22", "53", "80,443", "1024-65535", "22,53,80", "1-1023", "5432-8080", "40000", "ALL", "ALL"] as const;
const subnetBlocks = [
  { cidr: "10.7.1.0/24", ipv6: "2001:db8:7:1::/64", host: "10.7.1.", host6: "2001:db8:7:1::" },
  { cidr: "10.7.2.0/25", ipv6: "2001:db8:7:2::/64", host: "10.7.2.", host6: "2001:db8:7:2::" },
  { cidr: "10.7.3.0/26", ipv6: "2001:db8:7:3::/64", host: "10.7.3.", host6: "2001:db8:7:3::" },
] as const;
const blocks4 = ["0.0.0.0/0", "0.0.0.0/0", "10.7.0.0/16", "10.7.1.0/24", "10.7.2.0/25", "203.0.113.0/24", "203.0.113.12", "198.51.100.64/27", "10.7.1.10"];
const blocks6 = ["::/0", "::/0", "2001:db8:7::/48", "2001:db8:7:1::/64", "2001:db8:ff::/48", "2001:db8:ee::8"];

type Policies = NonNullable<ActionRequest<"CreateSecurityGroupWithPolicies">["SecurityGroupPolicySet"]>;
type Policy = NonNullable<Policies["Ingress"]>[number];
type Entries = ActionRequest<"ModifyNetworkAclEntries">;
type Triple = NonNullable<NonNullable<Entries["NetworkAclEntrySet"]>["Ingress"]>[number];
type Quintuple = NonNullable<NonNullable<Entries["NetworkAclQuintupleSet"]>["Ingress"]>[number];

/** A network to judge packets in. */
export interface RandomNetwork {
  readonly cloud: Cloud;
  readonly enis: readonly Eni[];
}

/** Makes a network that the choices decide. */
export async function randomNetwork(chance: Chance): Promise<RandomNetwork> {
  const cloud = createCloud({ clock: new VirtualClock(startMs), random: new SeededRandom(chance.below(2 ** 31)) });
  const { Vpc } = await cloud.call("CreateVpc", { VpcName: "oracle", CidrBlock: "10.7.0.0/16", Ipv6CidrBlock: "2001:db8:7::/56" });
  const subnetIds: string[] = [];
  for (const { cidr, ipv6 } of subnetBlocks) {
    const request = { VpcId: Vpc.VpcId, SubnetName: cidr, Zone: "ap-guangzhou-3", CidrBlock: cidr, Ipv6CidrBlock: ipv6 };
    subnetIds.push((await cloud.call("CreateSubnet", request)).Subnet.SubnetId);
  }
  const groupIds = await makeGroups(cloud, chance);
  for (const subnetId of subnetIds) if (chance.percent(55)) await makeAcl(cloud, chance, Vpc.VpcId, subnetId);
  const enis: Eni[] = [];
  for (const [index, place] of [0, chance.below(2), 1, 2].entries()) {
    const id = await makeEni(cloud, chance, { vpcId: Vpc.VpcId, subnetId: subnetIds[place]!, place, index, groupIds });
    enis.push(withEip(cloud, chance, id, index));
  }
  return { cloud, enis };
}

/** Rules that the API takes: no two the same. */
function distinct<R>(list: readonly R[]): R[] {
  return [...new Map(list.map((each) => [JSON.stringify(each), each])).values()];
}

async function makeGroups(cloud: Cloud, chance: Chance): Promise<string[]> {
  const ids: string[] = [];
  for (let count = 2 + chance.below(3); count > 0; count--) {
    const { SecurityGroup } = await cloud.call("CreateSecurityGroup", { GroupName: "oracle", GroupDescription: "" });
    ids.push(SecurityGroup.SecurityGroupId);
  }
  for (const SecurityGroupId of ids) {
    const rules = (open: number) => {
      const made = distinct(chance.many(0, 6, () => randomPolicy(chance, ids)));
      // Where nothing passes there is nothing to track.
      if (chance.percent(open)) made.push({ Protocol: "ALL", [chance.percent(70) ? "CidrBlock" : "Ipv6CidrBlock"]: "", Action: "ACCEPT" });
      return distinct(made.map(withEverything));
    };
    const SecurityGroupPolicySet = { Ingress: rules(45), Egress: rules(45) };
    if (SecurityGroupPolicySet.Ingress.length + SecurityGroupPolicySet.Egress.length > 0) {
      await cloud.call("ModifySecurityGroupPolicies", { SecurityGroupId, SecurityGroupPolicySet });
    }
  }
  return ids;
}

function withEverything(policy: Policy): Policy {
  if (policy.CidrBlock === "") return { ...policy, CidrBlock: "0.0.0.0/0" };
  return policy.Ipv6CidrBlock === "" ? { ...policy, Ipv6CidrBlock: "::/0" } : policy;
}

function randomPolicy(chance: Chance, groupIds: readonly string[]): Policy {
  const Protocol = chance.of(["TCP", "TCP", "TCP", "UDP", "UDP", "ICMP", "ICMPv6", "GRE", "ALL"] as const);
  const hasPorts = Protocol === "TCP" || Protocol === "UDP";
  const remote = chance.weighted([
    [6, { CidrBlock: chance.of(blocks4) }],
    [Protocol === "ICMP" ? 0 : 3, { Ipv6CidrBlock: chance.of(blocks6) }],
    [2, { SecurityGroupId: chance.of(groupIds) }],
  ]);
  const Action = chance.percent(70) ? "ACCEPT" : "DROP";
  return { Protocol, ...(hasPorts ? { Port: chance.of(portLists) } : {}), ...remote, Action };
}

async function makeAcl(cloud: Cloud, chance: Chance, VpcId: string, subnetId: string): Promise<void> {
  const NetworkAclType = chance.percent(50) ? "TRIPLE" : "QUINTUPLE";
  const { NetworkAcl } = await cloud.call("CreateNetworkAcl", { VpcId, NetworkAclName: "oracle", NetworkAclType });
  const { NetworkAclId } = NetworkAcl;
  if (NetworkAclType === "TRIPLE") {
    const set = () => [...chance.many(1, 6, () => randomTriple(chance)), ...(chance.percent(60) ? everythingTriple : [])];
    await cloud.call("ModifyNetworkAclEntries", { NetworkAclId, NetworkAclEntrySet: { Ingress: set(), Egress: set() } });
  } else {
    const set = () => [...chance.many(1, 6, () => randomQuintuple(chance)), ...(chance.percent(60) ? [everythingQuintuple] : [])];
    await cloud.call("ModifyNetworkAclEntries", { NetworkAclId, NetworkAclQuintupleSet: { Ingress: set(), Egress: set() } });
  }
  await cloud.call("AssociateNetworkAclSubnets", { NetworkAclId, SubnetIds: [subnetId] });
}

const everythingTriple: Triple[] = [
  { Protocol: "ALL", CidrBlock: "0.0.0.0/0", Action: "ACCEPT" },
  { Protocol: "ALL", Ipv6CidrBlock: "::/0", Action: "ACCEPT" },
];
const everythingQuintuple: Quintuple = { Protocol: "ALL", Action: "ACCEPT" };

const aclProtocols = ["TCP", "TCP", "UDP", "UDP", "ICMP", "ALL"] as const;

function randomTriple(chance: Chance): Triple {
  const Protocol = chance.of(aclProtocols);
  const hasPorts = Protocol === "TCP" || Protocol === "UDP";
  const remote = chance.percent(70) ? { CidrBlock: chance.of(blocks4) } : { Ipv6CidrBlock: chance.of(blocks6) };
  return { Protocol, ...(hasPorts ? { Port: chance.of(portLists) } : {}), ...remote, Action: chance.percent(70) ? "ACCEPT" : "DROP" };
}

function randomQuintuple(chance: Chance): Quintuple {
  const Protocol = chance.of(aclProtocols);
  const hasPorts = Protocol === "TCP" || Protocol === "UDP";
  const isIpv6 = chance.percent(30);
  const block = () => chance.of(isIpv6 ? blocks6 : blocks4);
  return {
    Protocol,
    ...(hasPorts ? { SourcePort: chance.of(portLists), DestinationPort: chance.of(portLists) } : {}),
    ...(chance.percent(60) ? { [isIpv6 ? "SourceIPv6Cidr" : "SourceCidr"]: block() } : {}),
    ...(chance.percent(60) ? { [isIpv6 ? "DestinationIPv6Cidr" : "DestinationCidr"]: block() } : {}),
    Action: chance.percent(70) ? "ACCEPT" : "DROP",
  };
}

interface Place {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly place: number;
  readonly index: number;
  readonly groupIds: readonly string[];
}

async function makeEni(cloud: Cloud, chance: Chance, { vpcId, subnetId, place, index, groupIds }: Place): Promise<string> {
  const { host, host6 } = subnetBlocks[place]!;
  // In the given order, which matters: the first group that has a matching rule decides.
  const bound = chance.many(0, 3, () => chance.of(groupIds));
  const { NetworkInterface } = await cloud.call("CreateNetworkInterface", {
    VpcId: vpcId,
    SubnetId: subnetId,
    NetworkInterfaceName: `eni${index}`,
    SecurityGroupIds: [...new Set(bound)],
    PrivateIpAddresses: [{ PrivateIpAddress: `${host}${10 + index}`, Primary: true }],
    Ipv6Addresses: [{ Address: `${host6}${10 + index}` }],
  });
  return NetworkInterface.NetworkInterfaceId;
}

/** Maps a public address to the ENI in some of the cases. */
function withEip(cloud: Cloud, chance: Chance, id: string, index: number): Eni {
  const { enis } = cloud.rooms.network;
  const eni = enis.get(id)!;
  if (!chance.percent(40)) return eni;
  const [first, ...others] = eni.privateAddresses;
  const mapped = { ...eni, privateAddresses: [{ ...first!, publicAddress: `192.0.2.${10 + index}` }, ...others] };
  enis.put(id, mapped);
  return mapped;
}
