/** Flow logs: who asked for capture, of what, into which topic. */
import type { Tags } from "../vpc/network.ts";

/** What a flow log watches: one ENI, or every ENI of a subnet or VPC, also those made later. */
export type WatchedResourceType = "VPC" | "SUBNET" | "NETWORKINTERFACE";

/** Which traffic a flow log asks for. */
export type TrafficType = "ACCEPT" | "REJECT" | "ALL";

/** The resource that asks for capture. Its configuration cannot be changed, only `enabled`, name and description. */
export interface FlowLog {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly resourceType: WatchedResourceType;
  readonly resourceId: string;
  readonly trafficType: TrafficType;
  readonly topicId: string;
  readonly topicRegion: string;
  readonly enabled: boolean;
  readonly tags: Tags;
  readonly createdMs: number;
}

/** Where an ENI stands: what decides which flow logs watch it. */
export interface Placement {
  readonly id: string;
  readonly vpcId: string;
  readonly subnetId: string;
}

/** Whether a flow log watches an ENI, enabled or not. */
export function watches(flowLog: FlowLog, eni: Placement): boolean {
  switch (flowLog.resourceType) {
    case "VPC":
      return flowLog.resourceId === eni.vpcId;
    case "SUBNET":
      return flowLog.resourceId === eni.subnetId;
    case "NETWORKINTERFACE":
      return flowLog.resourceId === eni.id;
  }
}
