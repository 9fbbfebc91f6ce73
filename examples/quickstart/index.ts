/**
 * A small network and its flow logs: a web server and an application in one subnet, a database in another, rules
 * around them, and two flow logs that show what the rules do to real packets.
 */
import * as pulumi from "@pulumi/pulumi";
import * as flowlogs from "pulumi-flowlogs";

const config = new pulumi.Config();
/** `pulumi config set trafficType REJECT` changes what the VPC's flow log captures. */
const trafficType = config.get<"ACCEPT" | "REJECT" | "ALL">("trafficType") ?? "ALL";
const zone = config.get("zone") ?? "ap-guangzhou-3";

// --- the network ---------------------------------------------------------------------------------------------------
const vpc = new flowlogs.Vpc("vpc", { cidrBlock: "172.31.0.0/16", ipv6CidrBlock: "2001:db8:31::/56" });
const front = new flowlogs.Subnet("front", {
  vpcId: vpc.id,
  zone,
  cidrBlock: "172.31.16.0/24",
  ipv6CidrBlock: "2001:db8:31:16::/64",
});
const back = new flowlogs.Subnet("back", {
  vpcId: vpc.id,
  zone,
  cidrBlock: "172.31.32.0/24",
  ipv6CidrBlock: "2001:db8:31:32::/64",
});

// --- security groups: stateful, so answers need no rule --------------------------------------------------------------
const everywhere = "0.0.0.0/0";
const everywhere6 = "::/0";
const outbound = [
  { protocol: "ALL", cidrBlock: everywhere, action: "ACCEPT" },
  { protocol: "ALL", ipv6CidrBlock: everywhere6, action: "ACCEPT" },
] as const;

const webGroup = new flowlogs.SecurityGroup("web", {
  ingress: [
    { protocol: "TCP", port: "22,80,8080", cidrBlock: everywhere, action: "ACCEPT" },
    { protocol: "ICMP", cidrBlock: everywhere, action: "ACCEPT" },
    { protocol: "ICMPv6", ipv6CidrBlock: everywhere6, action: "ACCEPT" },
  ],
  egress: [...outbound],
});
const appGroup = new flowlogs.SecurityGroup("app", { ingress: [], egress: [...outbound] });
const dbGroup = new flowlogs.SecurityGroup("db", {
  ingress: [
    { protocol: "TCP", port: "5432-5433", securityGroupId: webGroup.id, action: "ACCEPT" },
    { protocol: "UDP", port: "53", securityGroupId: appGroup.id, action: "ACCEPT" },
    { protocol: "ICMP", cidrBlock: vpc.cidrBlock.apply((block) => block!), action: "ACCEPT" },
    { protocol: "ICMPv6", ipv6CidrBlock: everywhere6, action: "ACCEPT" },
  ],
  // A database has no business calling out; IPv6 neighbours must still be found.
  egress: [{ protocol: "ICMPv6", ipv6CidrBlock: everywhere6, action: "ACCEPT" }],
});

// --- a network ACL: stateless, so answers need rules of their own - and answers to IPv4 pings have none --------------
const backAcl = new flowlogs.NetworkAcl("back", {
  vpcId: vpc.id,
  subnetIds: [back.id],
  ingress: [
    { protocol: "ALL", cidrBlock: everywhere, action: "ACCEPT" },
    { protocol: "ALL", ipv6CidrBlock: everywhere6, action: "ACCEPT" },
  ],
  egress: [
    { protocol: "TCP", port: "ALL", cidrBlock: everywhere, action: "ACCEPT" },
    { protocol: "UDP", port: "ALL", cidrBlock: everywhere, action: "ACCEPT" },
    { protocol: "ALL", ipv6CidrBlock: everywhere6, action: "ACCEPT" },
  ],
});

// --- three ENIs ------------------------------------------------------------------------------------------------------
const web = new flowlogs.NetworkInterface("web", {
  vpcId: vpc.id,
  subnetId: front.id,
  securityGroupIds: [webGroup.id],
  privateIpAddresses: [{ privateIpAddress: "172.31.16.139", primary: true }],
  ipv6Addresses: [{ address: "2001:db8:31:16::139" }],
});
const app = new flowlogs.NetworkInterface("app", {
  vpcId: vpc.id,
  subnetId: front.id,
  securityGroupIds: [appGroup.id],
  privateIpAddresses: [{ privateIpAddress: "172.31.16.21", primary: true }],
  ipv6Addresses: [{ address: "2001:db8:31:16::21" }],
});
const db = new flowlogs.NetworkInterface("db", {
  vpcId: vpc.id,
  subnetId: back.id,
  securityGroupIds: [dbGroup.id],
  privateIpAddresses: [{ privateIpAddress: "172.31.32.5", primary: true }],
  ipv6Addresses: [{ address: "2001:db8:31:32::5" }],
});

// --- where records are kept and searched -----------------------------------------------------------------------------
const logset = new flowlogs.Logset("flow-logs", {});
const tokenizer = "@&?|#()='\",;:<>[]{}/ \\n\\t\\r\\\\";
const numbers = ["srcport", "dstport", "protocol", "packets", "bytes", "start", "end"];
const words = ["version", "account-id", "interface-id", "srcaddr", "dstaddr", "action", "log-status"];
const rule = {
  fullText: { caseSensitive: false, tokenizer },
  keyValue: {
    caseSensitive: false,
    keyValues: [
      ...numbers.map((key) => ({ key, value: { type: "long" as const, tokenizer: "", sqlFlag: true } })),
      ...words.map((key) => ({ key, value: { type: "text" as const, tokenizer, sqlFlag: true } })),
    ],
  },
};
function searchableTopic(name: string): flowlogs.Topic {
  const topic = new flowlogs.Topic(name, { logsetId: logset.id, period: 30, forceDestroy: true });
  new flowlogs.Index(name, { topicId: topic.id, rule });
  return topic;
}
const vpcTopic = searchableTopic("vpc-flows");
const webTopic = searchableTopic("web-rejects");

// --- the flow logs ---------------------------------------------------------------------------------------------------
const vpcFlowLog = new flowlogs.FlowLog("vpc", {
  vpcId: vpc.id,
  resourceType: "VPC",
  resourceId: vpc.id,
  trafficType,
  cloudLogId: vpcTopic.id,
});
const webFlowLog = new flowlogs.FlowLog("web-rejects", {
  vpcId: vpc.id,
  resourceType: "NETWORKINTERFACE",
  resourceId: web.id,
  trafficType: "REJECT",
  cloudLogId: webTopic.id,
});

export const enis = { web: web.id, app: app.id, db: db.id };
export const groups = { web: webGroup.id, app: appGroup.id, db: dbGroup.id };
export const networkAcl = backAcl.id;
export const topics = { vpc: vpcTopic.topicName, web: webTopic.topicName };
export const flowLogs = { vpc: vpcFlowLog.id, web: webFlowLog.id };
