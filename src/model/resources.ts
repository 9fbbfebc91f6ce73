/** Every kind of resource, by the name it has in programs. */
import { flowLog } from "./flow-log.ts";
import { logset } from "./logset.ts";
import { networkAcl } from "./network-acl.ts";
import { networkInterface } from "./network-interface.ts";
import type { ResourceModel } from "./resource-model.ts";
import { securityGroup } from "./security-group.ts";
import { subnet } from "./subnet.ts";
import { topic } from "./topic.ts";
import { topicIndex } from "./topic-index.ts";
import { vpc } from "./vpc.ts";

export const resources = {
  Vpc: vpc,
  Subnet: subnet,
  NetworkInterface: networkInterface,
  SecurityGroup: securityGroup,
  NetworkAcl: networkAcl,
  Logset: logset,
  Topic: topic,
  Index: topicIndex,
  FlowLog: flowLog,
} as const satisfies Readonly<Record<string, ResourceModel>>;

/** The name of a kind of resource. */
export type ResourceName = keyof typeof resources;
