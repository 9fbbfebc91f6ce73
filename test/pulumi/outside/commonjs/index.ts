import * as pulumi from "@pulumi/pulumi";
import * as flowlogs from "pulumi-flowlogs";

const vpc = new flowlogs.Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
const logset = new flowlogs.Logset("logset");
const topic = new flowlogs.Topic("topic", { logsetId: logset.id });
const flowLog = new flowlogs.FlowLog("flow-log", {
  vpcId: vpc.id,
  resourceType: "VPC",
  resourceId: vpc.id,
  trafficType: process.env["TRAFFIC_TYPE"] as "ALL" | "REJECT",
  cloudLogId: topic.id,
});

export const flowLogId = flowLog.flowLogId;
export const topicName = pulumi.interpolate`${topic.topicName}`;
