/** For each property of each resource: two values of it, and what going from one to the other means. */
import type { ResourceName } from "../../src/model/resources.ts";
import { tokenizer, wholeIndex } from "../support/network.ts";
import { fromWire } from "../../src/model/convert.ts";
import { type Described, ref } from "./described.ts";

/** What a change does: changes in place, or replaces with the old one deleted before or after. */
export type Effect = "update" | "delete first" | "create first";

/** One property, changed from one value to another. */
export interface Case {
  readonly before: unknown;
  readonly after: unknown;
  readonly effect: Effect;
  /** What else the instance has. */
  readonly beside?: Readonly<Record<string, unknown>>;
  /** What has to change with it for the API to take it; at a preview it changes alone. */
  readonly together?: Readonly<Record<string, unknown>>;
}

/** What instances stand in and refer to. */
export const surroundings: readonly Described[] = [
  ...["vpc", "otherVpc"].map((name) => ({ kind: "Vpc", name, args: { cidrBlock: "10.0.0.0/16", ipv6CidrBlock: "2001:db8:1::/56" } })),
  subnet("subnet", "10.0.0.0/24", "2001:db8:1:0::/64"),
  subnet("otherSubnet", "10.0.1.0/24"),
  { kind: "Subnet", name: "inOtherVpc", args: { vpcId: ref("otherVpc.id"), zone: "ap-guangzhou-3", cidrBlock: "10.0.1.0/24" } },
  { kind: "SecurityGroup", name: "group", args: {} },
  { kind: "Logset", name: "logset", args: {} },
  { kind: "Logset", name: "otherLogset", args: {} },
  { kind: "Topic", name: "topic", args: { logsetId: ref("logset.id") } },
  { kind: "Topic", name: "otherTopic", args: { logsetId: ref("logset.id") } },
];

function subnet(name: string, cidrBlock: string, ipv6CidrBlock?: string): Described {
  const args = { vpcId: ref("vpc.id"), zone: "ap-guangzhou-3", cidrBlock, ...(ipv6CidrBlock === undefined ? {} : { ipv6CidrBlock }) };
  return { kind: "Subnet", name, args };
}

let places = 0;

/** What one instance of each kind is made with, and what it needs for itself alone. */
export const bases: Readonly<Record<ResourceName, (name: string) => { args: object; needs?: readonly Described[] }>> = {
  Vpc: () => ({ args: { cidrBlock: "10.0.0.0/16", ipv6CidrBlock: "2001:db8:1::/56" } }),
  Subnet: () => {
    places++;
    return { args: { vpcId: ref("vpc.id"), zone: "ap-guangzhou-3", cidrBlock: `10.0.${100 + places}.0/24`, ipv6CidrBlock: `2001:db8:1:${places}::/64` } };
  },
  NetworkInterface: () => ({ args: { vpcId: ref("vpc.id"), subnetId: ref("subnet.id") } }),
  SecurityGroup: () => ({ args: { ingress: [rule("22")] } }),
  NetworkAcl: () => ({ args: { vpcId: ref("vpc.id"), ingress: [rule("22")] } }),
  Logset: () => ({ args: {} }),
  Topic: () => ({ args: { logsetId: ref("logset.id"), period: 30 } }),
  Index: (name) => ({
    args: { topicId: ref(`${name}-topic.id`), rule: fromWire(wholeIndex) },
    needs: [{ kind: "Topic", name: `${name}-topic`, args: { logsetId: ref("logset.id") } }],
  }),
  FlowLog: (name) => {
    places++;
    return {
      args: { vpcId: ref("vpc.id"), resourceType: "SUBNET", resourceId: ref(`${name}-subnet.id`), trafficType: "ALL", cloudLogId: ref("topic.id") },
      needs: [subnet(`${name}-subnet`, `10.0.${100 + places}.0/24`)],
    };
  },
};

function rule(port: string) {
  return { protocol: "TCP", port, cidrBlock: "0.0.0.0/0", action: "ACCEPT" };
}

const tags: Case = { before: { env: "test", gone: "1" }, after: { env: "changed", added: "1" }, effect: "update" };
const named: Case = { before: undefined, after: "named-by-hand", effect: "update" };

/** Every property of every resource. */
export const cases: Readonly<Record<ResourceName, Readonly<Record<string, Case>>>> = {
  Vpc: {
    vpcName: named,
    cidrBlock: { before: "10.0.0.0/16", after: "10.1.0.0/16", effect: "create first" },
    ipv6CidrBlock: { before: "2001:db8:2::/56", after: "2001:db8:3::/56", effect: "create first" },
    enableMulticast: { before: undefined, after: true, effect: "update" },
    dnsServers: { before: ["10.0.0.53"], after: ["10.0.0.53", "10.0.1.53"], effect: "update" },
    domainName: { before: "one.test", after: "two.test", effect: "update" },
    tags,
  },
  Subnet: {
    vpcId: { before: ref("vpc.id"), after: ref("otherVpc.id"), effect: "create first" },
    subnetName: named,
    zone: { before: "ap-guangzhou-3", after: "ap-guangzhou-4", effect: "delete first" },
    // The new block lies in the old one: they cannot stand side by side.
    cidrBlock: { before: "10.0.2.0/23", after: "10.0.2.0/24", effect: "delete first" },
    ipv6CidrBlock: { before: "2001:db8:1:e0::/64", after: "2001:db8:1:e1::/64", effect: "delete first" },
    tags,
  },
  NetworkInterface: {
    vpcId: { before: ref("vpc.id"), after: ref("otherVpc.id"), effect: "create first", together: { subnetId: ref("inOtherVpc.id") } },
    subnetId: { before: ref("subnet.id"), after: ref("otherSubnet.id"), effect: "create first" },
    networkInterfaceName: named,
    networkInterfaceDescription: { before: "one", after: "two", effect: "update" },
    securityGroupIds: { before: undefined, after: [ref("group.id")], effect: "update" },
    privateIpAddresses: { before: [address("10.0.0.200")], after: [address("10.0.0.201")], effect: "create first" },
    ipv6Addresses: {
      before: [{ address: "2001:db8:1:0::10" }],
      after: [{ address: "2001:db8:1:0::10" }, { address: "2001:db8:1:0::11" }],
      effect: "delete first",
    },
    tags,
  },
  SecurityGroup: {
    groupName: named,
    groupDescription: { before: "one", after: "two", effect: "update" },
    projectId: { before: undefined, after: "7", effect: "create first" },
    ingress: { before: [rule("22")], after: [rule("22"), rule("443")], effect: "update" },
    egress: { before: undefined, after: [rule("80")], effect: "update" },
    tags,
  },
  NetworkAcl: {
    vpcId: { before: ref("vpc.id"), after: ref("otherVpc.id"), effect: "create first" },
    networkAclName: named,
    ingress: { before: [rule("22")], after: [rule("443"), rule("22")], effect: "update" },
    egress: { before: undefined, after: [rule("80")], effect: "update" },
    subnetIds: { before: [ref("otherSubnet.id")], after: [ref("subnet.id"), ref("otherSubnet.id")], effect: "update" },
    tags,
  },
  Logset: {
    logsetName: { before: undefined, after: "named-by-hand", effect: "create first" },
    logsetId: { before: "one-1250000000", after: "two-1250000000", effect: "create first" },
    tags,
  },
  Topic: {
    logsetId: { before: ref("logset.id"), after: ref("otherLogset.id"), effect: "create first" },
    topicName: { before: undefined, after: "named-by-hand", effect: "create first" },
    topicId: { before: "one-1250000000", after: "two-1250000000", effect: "delete first", beside: { topicName: "of-my-own" } },
    period: { before: 30, after: 60, effect: "update" },
    storageType: { before: undefined, after: "cold", effect: "update" },
    hotPeriod: { before: undefined, after: 14, effect: "update" },
    partitionCount: { before: 1, after: 3, effect: "update" },
    autoSplit: { before: undefined, after: false, effect: "update" },
    maxSplitPartitions: { before: 20, after: 30, effect: "update" },
    describes: { before: "one", after: "two", effect: "update" },
    bizType: { before: undefined, after: 1, effect: "create first" },
    encryption: { before: 0, after: 1, effect: "create first" },
    tags,
    forceDestroy: { before: undefined, after: true, effect: "update" },
  },
  Index: {
    topicId: { before: ref("topic.id"), after: ref("otherTopic.id"), effect: "create first" },
    rule: {
      before: fromWire(wholeIndex),
      after: { fullText: { caseSensitive: true, tokenizer } },
      effect: "update",
    },
    status: { before: undefined, after: false, effect: "update" },
    includeInternalFields: { before: false, after: true, effect: "update" },
    metadataFlag: { before: undefined, after: 1, effect: "update" },
  },
  FlowLog: {
    flowLogName: { before: undefined, after: "named-by-hand", effect: "delete first" },
    resourceType: { before: "SUBNET", after: "VPC", effect: "delete first", together: { resourceId: ref("vpc.id") } },
    resourceId: { before: ref("subnet.id"), after: ref("otherSubnet.id"), effect: "create first" },
    vpcId: { before: ref("vpc.id"), after: ref("otherVpc.id"), effect: "delete first", together: { resourceId: ref("inOtherVpc.id") } },
    trafficType: { before: "ALL", after: "REJECT", effect: "delete first" },
    cloudLogId: { before: ref("topic.id"), after: ref("otherTopic.id"), effect: "delete first" },
    cloudLogRegion: { before: undefined, after: "ap-beijing", effect: "delete first" },
    flowLogDescription: { before: "one", after: "two", effect: "delete first" },
    enable: { before: undefined, after: false, effect: "update" },
    tags,
  },
};

function address(privateIpAddress: string) {
  return { privateIpAddress, primary: true };
}
