/** The programs between which a stack goes while its `pulumi up` is killed: everything, and everything changed. */
import { fromWire } from "../../src/model/convert.ts";
import { wholeIndex } from "../support/network.ts";
import { type Described, ref } from "./described.ts";

const ssh = { protocol: "TCP", port: "22", cidrBlock: "0.0.0.0/0", action: "ACCEPT" };
const https = { protocol: "TCP", port: "443", cidrBlock: "0.0.0.0/0", action: "ACCEPT" };

function subnet(name: string, cidrBlock: string, more: object = {}): Described {
  return { kind: "Subnet", name, args: { vpcId: ref("vpc.id"), zone: "ap-guangzhou-3", cidrBlock, ...more } };
}

function flowLog(name: string, resourceType: string, watched: string, more: object = {}): Described {
  const args = { vpcId: ref("vpc.id"), resourceType, resourceId: ref(`${watched}.id`), trafficType: "ALL", cloudLogId: ref("topic.id"), ...more };
  return { kind: "FlowLog", name, args };
}

/** Names by hand and made-up ones; every kind; steps after the create itself (rules, subnets, a switch). */
export const everything: readonly Described[] = [
  { kind: "Vpc", name: "vpc", args: { cidrBlock: "10.0.0.0/16", vpcName: "by-hand" } },
  subnet("a", "10.0.0.0/24"),
  subnet("b", "10.0.1.0/24"),
  { kind: "SecurityGroup", name: "group", args: { ingress: [ssh] } },
  { kind: "NetworkAcl", name: "acl", args: { vpcId: ref("vpc.id"), subnetIds: [ref("a.id")], ingress: [ssh], egress: [ssh] } },
  { kind: "NetworkInterface", name: "eni", args: { vpcId: ref("vpc.id"), subnetId: ref("a.id"), securityGroupIds: [ref("group.id")] } },
  { kind: "NetworkInterface", name: "fixed", args: { vpcId: ref("vpc.id"), subnetId: ref("b.id"), privateIpAddresses: [{ privateIpAddress: "10.0.1.9" }] } },
  { kind: "Logset", name: "logset", args: { logsetName: "by-hand" } },
  { kind: "Topic", name: "topic", args: { logsetId: ref("logset.id"), period: 7, tags: { env: "test" } } },
  { kind: "Topic", name: "second", args: { logsetId: ref("logset.id"), topicName: "second" } },
  { kind: "Index", name: "index", args: { topicId: ref("topic.id"), rule: fromWire(wholeIndex) } },
  flowLog("onVpc", "VPC", "vpc", { enable: false }),
  flowLog("onA", "SUBNET", "a", { flowLogName: "by-hand" }),
  flowLog("onEni", "NETWORKINTERFACE", "eni"),
];

/** Updates, replacements of both orders (also along references), additions and removals. */
export const changed: readonly Described[] = [
  { kind: "Vpc", name: "vpc", args: { cidrBlock: "10.0.0.0/16", vpcName: "by-another-hand", domainName: "example.test" } },
  subnet("a", "10.0.0.0/24", { tags: { env: "test" } }),
  subnet("b", "10.0.1.0/25"),
  subnet("c", "10.0.2.0/24"),
  { kind: "SecurityGroup", name: "group", args: { ingress: [https, ssh], egress: [https] } },
  { kind: "NetworkAcl", name: "acl", args: { vpcId: ref("vpc.id"), subnetIds: [ref("b.id"), ref("c.id")], ingress: [https], egress: [ssh] } },
  { kind: "NetworkInterface", name: "eni", args: { vpcId: ref("vpc.id"), subnetId: ref("c.id"), securityGroupIds: [ref("group.id")] } },
  { kind: "NetworkInterface", name: "fixed", args: { vpcId: ref("vpc.id"), subnetId: ref("b.id"), privateIpAddresses: [{ privateIpAddress: "10.0.1.9" }] } },
  { kind: "Logset", name: "logset", args: { logsetName: "by-hand", tags: { env: "test" } } },
  { kind: "Topic", name: "topic", args: { logsetId: ref("logset.id"), period: 14, describes: "changed" } },
  { kind: "Topic", name: "third", args: { logsetId: ref("logset.id") } },
  { kind: "Index", name: "index", args: { topicId: ref("third.id"), rule: fromWire(wholeIndex) } },
  flowLog("onVpc", "VPC", "vpc", { trafficType: "REJECT" }),
  flowLog("onA", "SUBNET", "a", { flowLogName: "by-another-hand", cloudLogId: ref("third.id") }),
  flowLog("onEni", "NETWORKINTERFACE", "eni"),
];
