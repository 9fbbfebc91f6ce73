/** Every filter of every listing, as the API's pages describe them: what it finds, and what it leaves out. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ActionName } from "../../src/wire/actions.ts";
import { type Way, ways } from "../support/ways.ts";
import { World, zone } from "./world.ts";

/** Ids of the two things of each kind, by name: filters find the one, the other, both or none. */
type Names = "one" | "other";

interface Scene {
  readonly ids: Readonly<Record<string, Readonly<Record<Names, string>>>>;
  readonly instance: string;
  readonly publicIp: string;
}

let way: Way;
let scene: Scene;

beforeAll(async () => {
  way = await ways["in the process"]();
  scene = await makeScene(new World(way));
});

afterAll(() => way.close());

const Tags = [{ Key: "team", Value: "net" }];

async function makeScene(world: World): Promise<Scene> {
  const { call } = world;
  const { Vpc: vpc } = await call("CreateVpc", { VpcName: "the one", CidrBlock: "10.0.0.0/16", Ipv6CidrBlock: "2001:db8:1::/56", Tags });
  const { Vpc: otherVpc } = await call("CreateVpc", { VpcName: "another", CidrBlock: "172.16.0.0/16" });
  const VpcId = vpc.VpcId;
  const { Subnet: subnet } = await call("CreateSubnet", { VpcId, SubnetName: "the one", Zone: zone, CidrBlock: "10.0.1.0/24", Ipv6CidrBlock: "2001:db8:1::/64", Tags });
  const { Subnet: otherSubnet } = await call("CreateSubnet", { VpcId: otherVpc.VpcId, SubnetName: "another", Zone: "ap-guangzhou-4", CidrBlock: "172.16.1.0/24" });
  const createGroup = (GroupName: string, ProjectId: string) => call("CreateSecurityGroup", { GroupName, GroupDescription: "", ProjectId, ...(ProjectId === "7" ? { Tags } : {}) });
  const { SecurityGroup: group } = await createGroup("the one", "7");
  const { SecurityGroup: otherGroup } = await createGroup("another", "8");
  const eni = await world.eni({
    VpcId,
    SubnetId: subnet.SubnetId,
    NetworkInterfaceName: "the one",
    NetworkInterfaceDescription: "told",
    SecurityGroupIds: [group.SecurityGroupId],
    PrivateIpAddresses: [{ PrivateIpAddress: "10.0.1.9" }],
    Ipv6Addresses: [{ Address: "2001:db8:1::9" }],
    QosLevel: "AU",
    Tags,
  });
  const otherEni = await world.eni({ VpcId: otherVpc.VpcId, SubnetId: otherSubnet.SubnetId, NetworkInterfaceName: "another", PrivateIpAddresses: [{ PrivateIpAddress: "172.16.1.90" }] });
  const instance = world.instance();
  await call("AttachNetworkInterface", { NetworkInterfaceId: eni, InstanceId: instance });
  const eip = (await call("AllocateAddresses", { AddressName: "the one", VipCluster: ["198.51.100.7"], Tags })).AddressSet[0]!;
  await call("AssociateAddress", { AddressId: eip, InstanceId: instance });
  const { NetworkAcl: acl } = await call("CreateNetworkAcl", { VpcId, NetworkAclName: "the one", Tags });
  const { NetworkAcl: otherAcl } = await call("CreateNetworkAcl", { VpcId: otherVpc.VpcId, NetworkAclName: "another" });
  const { LogsetId: logset } = await call("CreateLogset", { LogsetName: "the one", Tags });
  const otherLogset = (await call("CreateLogset", { LogsetName: "another" })).LogsetId;
  const { TopicId: topic } = await call("CreateTopic", { LogsetId: logset, TopicName: "the one", StorageType: "cold", Period: 7, Tags });
  const otherTopic = (await call("CreateTopic", { LogsetId: otherLogset, TopicName: "another" })).TopicId;
  const onSubnet = { FlowLogName: "f", VpcId, ResourceType: "SUBNET", ResourceId: subnet.SubnetId, TrafficType: "ALL", CloudLogId: topic, Tags } as const;
  const flowLog = (await call("CreateFlowLog", onSubnet)).FlowLog[0]!.FlowLogId;
  const onVpc = { FlowLogName: "g", VpcId, ResourceType: "VPC", ResourceId: VpcId, TrafficType: "REJECT", CloudLogId: topic } as const;
  const otherFlowLog = (await call("CreateFlowLog", onVpc)).FlowLog[0]!.FlowLogId;
  const ids = {
    vpc: { one: VpcId, other: otherVpc.VpcId },
    subnet: { one: subnet.SubnetId, other: otherSubnet.SubnetId },
    rtb: { one: subnet.RouteTableId, other: otherSubnet.RouteTableId },
    sg: { one: group.SecurityGroupId, other: otherGroup.SecurityGroupId },
    eni: { one: eni, other: otherEni },
    eip: { one: eip, other: await world.eip() },
    acl: { one: acl.NetworkAclId, other: otherAcl.NetworkAclId },
    logset: { one: logset, other: otherLogset },
    topic: { one: topic, other: otherTopic },
    fl: { one: flowLog, other: otherFlowLog },
  };
  return { ids, instance, publicIp: "198.51.100.7" };
}

type Values = readonly string[] | ((scene: Scene) => readonly string[]);
type Row = readonly [name: string, values: Values, found: "one" | "other" | "both" | "none"];

const idOf =
  (kind: string, name: Names = "one"): Values =>
  ({ ids }) => [ids[kind]![name]];

const tagRows: Row[] = [
  ["tag-key", ["team"], "one"],
  ["tag-key", ["colour"], "none"],
  ["tag:team", ["net", "web"], "one"],
  ["tag:team", ["web"], "none"],
];

interface Listing {
  readonly kind: string;
  readonly set: string;
  readonly idField: string;
  readonly rows: readonly Row[];
}

const listings: Partial<Record<ActionName, Listing>> = {
  DescribeVpcs: {
    kind: "vpc",
    set: "VpcSet",
    idField: "VpcId",
    rows: [
      ...tagRows,
      ["vpc-name", ["one"], "one"],
      ["vpc-name", ["n"], "both"],
      ["is-default", ["false"], "both"],
      ["is-default", ["true"], "none"],
      ["vpc-id", idOf("vpc", "other"), "other"],
      ["cidr-block", ["10.0.0.0/16"], "one"],
      ["cidr-block", ["10.0.0.0/16", "172.16.0.0/16"], "both"],
      ["cidr-block", ["10.0.0.0"], "none"],
      ["ipv6-cidr-block", ["2001:db8:1::/56"], "one"],
      ["isp-type", ["BGP"], "one"],
      ["address-type", ["GUA"], "one"],
    ],
  },
  DescribeSubnets: {
    kind: "subnet",
    set: "SubnetSet",
    idField: "SubnetId",
    rows: [
      ...tagRows,
      ["subnet-id", idOf("subnet"), "one"],
      ["vpc-id", idOf("vpc", "other"), "other"],
      ["cidr-block", ["10.0.1.0/24"], "one"],
      ["is-default", ["false"], "both"],
      ["is-remote-vpc-snat", ["true"], "none"],
      ["subnet-name", ["another"], "other"],
      ["zone", [zone], "one"],
      ["cdc-id", ["cluster-1"], "none"],
      ["is-cdc-subnet", ["0"], "both"],
      ["ipv6-cidr-block", ["2001:db8:1::/64"], "one"],
      ["isp-type", ["BGP"], "one"],
      ["address-type", ["GUA"], "one"],
    ],
  },
  DescribeRouteTables: {
    kind: "rtb",
    set: "RouteTableSet",
    idField: "RouteTableId",
    rows: [
      ["route-table-id", idOf("rtb", "other"), "other"],
      ["route-table-name", ["default"], "both"],
      ["vpc-id", idOf("vpc"), "one"],
      ["association.main", ["true"], "both"],
      ["association.main", ["false"], "none"],
      ["tag-key", ["team"], "none"],
      ["visible", ["true"], "both"],
      ["next-hop-type", ["NAT"], "none"],
    ],
  },
  DescribeNetworkInterfaces: {
    kind: "eni",
    set: "NetworkInterfaceSet",
    idField: "NetworkInterfaceId",
    rows: [
      ...tagRows,
      ["vpc-id", idOf("vpc"), "one"],
      ["subnet-id", idOf("subnet", "other"), "other"],
      ["network-interface-id", idOf("eni"), "one"],
      ["attachment.instance-id", ({ instance }) => [instance], "one"],
      ["groups.security-group-id", idOf("sg"), "one"],
      ["network-interface-name", ["the"], "both"],
      ["network-interface-name", ["the one"], "one"],
      ["network-interface-description", ["told"], "one"],
      ["address-ip", ["10.0.1.9"], "one"],
      ["address-ip", ["172.16.1.9"], "other"],
      ["address-ip", ["172.16.1.9", "10.0.1.9"], "one"],
      ["address-ip", ["0.1.9"], "none"],
      ["is-primary", ["false"], "both"],
      ["eni-type", ["0"], "both"],
      ["eni-type", ["1"], "none"],
      ["eni-qos", ["AU"], "one"],
      ["address-ipv6", ["2001:db8:1::9"], "one"],
      ["public-address-ip", ({ publicIp }) => [publicIp], "one"],
      ["address-type", ["GUA"], "one"],
      ["termination-protection", ["true"], "none"],
      ["traffic-protection", ["false"], "both"],
    ],
  },
  DescribeAddresses: {
    kind: "eip",
    set: "AddressSet",
    idField: "AddressId",
    rows: [
      ...tagRows,
      ["address-id", idOf("eip", "other"), "other"],
      ["address-name", ["the one"], "one"],
      ["address-name", ["one"], "none"],
      ["address-ip", ({ publicIp }) => [publicIp], "one"],
      ["address-status", ["BIND"], "one"],
      ["address-status", ["UNBIND", "BIND_ENI"], "other"],
      ["instance-id", ({ instance }) => [instance], "one"],
      ["private-ip-address", ["10.0.1.9"], "one"],
      ["network-interface-id", idOf("eni"), "one"],
      ["is-arrears", ["FALSE"], "both"],
      ["instance-type", ["CVM"], "one"],
      ["address-type", ["EIP"], "both"],
      ["address-isp", ["CMCC"], "none"],
      ["dedicated-cluster-id", ["cluster-1"], "none"],
      ["tag-value", ["net"], "one"],
    ],
  },
  DescribeSecurityGroups: {
    kind: "sg",
    set: "SecurityGroupSet",
    idField: "SecurityGroupId",
    rows: [...tagRows, ["security-group-id", idOf("sg"), "one"], ["project-id", ["8"], "other"], ["security-group-name", ["the one"], "one"]],
  },
  DescribeNetworkAcls: {
    kind: "acl",
    set: "NetworkAclSet",
    idField: "NetworkAclId",
    rows: [["vpc-id", idOf("vpc"), "one"], ["network-acl-id", idOf("acl", "other"), "other"], ["network-acl-name", ["the one"], "one"]],
  },
  DescribeFlowLogs: { kind: "fl", set: "FlowLog", idField: "FlowLogId", rows: tagRows },
  DescribeLogsets: {
    kind: "logset",
    set: "Logsets",
    idField: "LogsetId",
    rows: [["logsetName", ["one"], "one"], ["logsetId", idOf("logset", "other"), "other"], ["tagKey", ["team"], "one"], ["tag:team", ["net"], "one"]],
  },
  DescribeTopics: {
    kind: "topic",
    set: "Topics",
    idField: "TopicId",
    rows: [
      ["topicName", ["one"], "one"],
      ["logsetName", ["another"], "other"],
      ["topicId", idOf("topic"), "one"],
      ["logsetId", idOf("logset", "other"), "other"],
      ["tagKey", ["team"], "one"],
      ["tag:team", ["web"], "none"],
      ["storageType", ["cold"], "one"],
    ],
  },
};

describe.each(Object.entries(listings) as [ActionName, Listing][])("%s", (action, { kind, set, idField, rows }) => {
  /** Which of the two things a request finds. */
  async function found(request: object): Promise<string> {
    const answer = (await way.call(action, request)) as unknown as Record<string, Record<string, string>[]>;
    const ids = answer[set]!.map((each) => each[idField]!);
    const { one, other } = scene.ids[kind]!;
    const isThere = { one: ids.includes(one), other: ids.includes(other) };
    if (isThere.one && isThere.other) return "both";
    return isThere.one ? "one" : isThere.other ? "other" : "none";
  }

  test.each(rows)("%s %j finds %s", async (name, values, expected) => {
    const Values = typeof values === "function" ? values(scene) : values;
    const key = action === "DescribeLogsets" || action === "DescribeTopics" ? "Key" : "Name";
    expect(await found({ Filters: [{ [key]: name, Values }], Limit: 100 })).toBe(expected);
  });
});

test("filters are joined by AND", async () => {
  const both = [{ Name: "vpc-name", Values: ["the one"] }, { Name: "cidr-block", Values: ["172.16.0.0/16"] }];
  expect((await way.call("DescribeVpcs", { Filters: both })).TotalCount).toBe(0);
});

test("an exact address is no part of one", async () => {
  const exact = [{ Name: "address-ip", Values: ["172.16.1.9"] }, { Name: "ip-exact-match", Values: ["true"] }];
  expect((await way.call("DescribeNetworkInterfaces", { Filters: exact })).TotalCount).toBe(0);
});

test("names of topics and logsets are whole where PreciseSearch says so", async () => {
  const topics = async (Key: string, PreciseSearch: number) =>
    (await way.call("DescribeTopics", { Filters: [{ Key, Values: ["one"] }], PreciseSearch })).TotalCount;
  expect(await Promise.all([topics("topicName", 0), topics("topicName", 1), topics("topicName", 2), topics("topicName", 3)])).toEqual([1, 0, 1, 0]);
  expect(await Promise.all([topics("logsetName", 0), topics("logsetName", 1), topics("logsetName", 2), topics("logsetName", 3)])).toEqual([1, 1, 0, 0]);
});

describe("DescribeFlowLogs by its own fields", () => {
  const rows: [field: string, value: (scene: Scene) => string, found: number][] = [
    ["VpcId", ({ ids }) => ids["vpc"]!.one, 2],
    ["VpcId", ({ ids }) => ids["vpc"]!.other, 0],
    ["FlowLogId", ({ ids }) => ids["fl"]!.one, 1],
    ["FlowLogName", () => "f", 1],
    ["ResourceType", () => "SUBNET", 1],
    ["ResourceId", ({ ids }) => ids["subnet"]!.one, 1],
    ["TrafficType", () => "REJECT", 1],
    ["CloudLogId", ({ ids }) => ids["topic"]!.one, 2],
    ["CloudLogState", () => "SUCCESS", 2],
    ["CloudLogState", () => "DELETED", 0],
    ["CloudLogRegion", () => "ap-guangzhou", 2],
    ["CloudLogRegion", () => "ap-beijing", 0],
  ];

  test.each(rows)("%s", async (field, value, expected) => {
    expect((await way.call("DescribeFlowLogs", { [field]: value(scene) })).TotalNum).toBe(expected);
  });

  test("ordered by name or time, either way", async () => {
    const names = async (request: object) => (await way.call("DescribeFlowLogs", request)).FlowLog.map(({ FlowLogName }) => FlowLogName);
    expect(await names({ OrderField: "flowLogName", OrderDirection: "ASC" })).toEqual(["f", "g"]);
    expect(await names({ OrderField: "flowLogName" })).toEqual(["g", "f"]);
    expect(await names({ OrderField: "flowLogName", OrderDirection: "ASC", Offset: 1, Limit: 1 })).toEqual(["g"]);
  });
});

describe("DescribeSecurityGroupPolicies", () => {
  const Ingress = [
    { Protocol: "ICMP", CidrBlock: "10.1.0.0/16", Action: "ACCEPT", PolicyDescription: "Ping" },
    { Protocol: "ICMPv6", Ipv6CidrBlock: "2001:db8::/32", Action: "DROP" },
    { Protocol: "TCP", Port: "8080", CidrBlock: "10.2.0.0/16", Action: "ACCEPT" },
  ];
  const rows: [name: string, value: string, ingress: number[], egress: number[]][] = [
    ["ip", "10.", [0, 2], [0]],
    ["ip", "2001:DB8", [1], []],
    ["protocol-type", "icmp", [0], []],
    ["protocol-type", "ICMPV6", [1], []],
    ["port", "80", [2], []],
    ["port", "ALL", [0, 1, 2], [0]],
    ["poly", "DROP", [1], []],
    ["poly", "ALL", [0, 1, 2], [0]],
    ["direction", "INBOUND", [0, 1, 2], []],
    ["direction", "OUTBOUND", [], [0]],
    ["direction", "ALL", [0, 1, 2], [0]],
    ["description", "ping", [0], []],
    ["address-module", "ipm-1", [], []],
    ["service-module", "ppm-1", [], []],
  ];

  test.each(rows)("%s %s", async (Name, value, ingress, egress) => {
    const Egress = [{ Protocol: "UDP", CidrBlock: "10.0.0.0/8", Action: "ACCEPT" }];
    const SecurityGroupId = await new World(way).group({ Ingress, Egress });
    const { SecurityGroupPolicySet: found } = await way.call("DescribeSecurityGroupPolicies", { SecurityGroupId, Filters: [{ Name, Values: [value] }] });
    expect([found.Ingress, found.Egress].map((policies) => policies.map(({ PolicyIndex }) => PolicyIndex))).toEqual([ingress, egress]);
  });
});

describe("DescribeNetworkAclQuintupleEntries", () => {
  const entries = {
    Ingress: [{ Protocol: "TCP", SourceCidr: "10.0.0.0/8", DestinationPort: "80", Action: "ACCEPT", Description: "Web" }],
    Egress: [{ Protocol: "UDP", DestinationIPv6Cidr: "2001:db8::/32", Action: "DROP" }],
  };
  const rows: [name: string, value: string, protocols: string[]][] = [
    ["protocol", "TCP", ["TCP"]],
    ["description", "We", ["TCP"]],
    ["source-cidr", "10.0.0.0/8", ["TCP"]],
    ["destination-cidr", "2001:db8::/32", ["UDP"]],
    ["action", "DROP", ["UDP"]],
    ["network-acl-direction", "INGRESS", ["TCP"]],
    ["network-acl-quintuple-entry-id", "acli45-00000000", []],
  ];

  test.each(rows)("%s %s", async (Name, value, protocols) => {
    const { NetworkAclId } = await new World(way).acl("QUINTUPLE");
    await way.call("CreateNetworkAclQuintupleEntries", { NetworkAclId, NetworkAclQuintupleSet: entries });
    const all = await way.call("DescribeNetworkAclQuintupleEntries", { NetworkAclId });
    expect(all.NetworkAclQuintupleSet.map(({ NetworkAclQuintupleEntryId: id }) => id.slice(0, 6))).toEqual(["acli45", "acli65"]);
    const { NetworkAclQuintupleSet: found } = await way.call("DescribeNetworkAclQuintupleEntries", { NetworkAclId, Filters: [{ Name, Values: [value] }] });
    expect(found.map(({ Protocol }) => Protocol)).toEqual(protocols);
  });
});
