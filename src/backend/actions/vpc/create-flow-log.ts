import { ApiError } from "../../../wire/errors.ts";
import { newId } from "../../ids.ts";
import type { FlowLog, WatchedResourceType } from "../../flow/flow-log.ts";
import type { Rooms } from "../../rooms.ts";
import { type Handler, found } from "../action.ts";
import { readTags } from "../tags.ts";
import { shownFlowLog } from "../vpc-shapes.ts";

/** Makes a flow log on a VPC, subnet or ENI; a resource has at most one. Capture begins now. */
export const createFlowLog: Handler<"CreateFlowLog"> = (rooms, request, { region }) => {
  const { ResourceType, ResourceId, VpcId, CloudLogId } = request;
  found(rooms.network.vpcs.get(VpcId), "VpcId", VpcId);
  const vpcOfResource = watchedVpc(rooms, ResourceType, ResourceId);
  if (vpcOfResource !== VpcId) {
    const words = `ResourceId: ${JSON.stringify(ResourceId)} is in ${vpcOfResource}, not in VpcId ${VpcId}`;
    throw new ApiError("InvalidParameterValue.Malformed", words);
  }
  if (!rooms.logs.topics.has(CloudLogId)) {
    throw new ApiError("ResourceNotFound", `CloudLogId: ${JSON.stringify(CloudLogId)} is no topic of this account`);
  }
  const existing = [...rooms.flowLogs.values()].find(({ resourceId }) => resourceId === ResourceId);
  if (existing !== undefined) {
    const words = `ResourceId: ${JSON.stringify(ResourceId)} already has flow log ${existing.id}`;
    throw new ApiError("UnsupportedOperation.FlowLogInstanceExisted", words);
  }
  const flowLog: FlowLog = {
    id: newId("fl", rooms.random),
    name: request.FlowLogName,
    description: request.FlowLogDescription ?? "",
    vpcId: VpcId,
    resourceType: ResourceType,
    resourceId: ResourceId,
    trafficType: request.TrafficType,
    topicId: CloudLogId,
    topicRegion: request.CloudLogRegion ?? region,
    enabled: true,
    tags: readTags(request.Tags),
    createdMs: rooms.clock.nowMs(),
  };
  rooms.flowLogs.put(flowLog.id, flowLog);
  return { FlowLog: [shownFlowLog(rooms, flowLog)] };
};

/** The VPC in which the watched resource stands. */
function watchedVpc(rooms: Rooms, type: WatchedResourceType, id: string): string {
  const { network } = rooms;
  const words = `ResourceId (${type})`;
  if (type === "VPC") return found(network.vpcs.get(id), words, id).id;
  if (type === "SUBNET") return found(network.subnets.get(id), words, id).vpcId;
  return found(network.enis.get(id), words, id).vpcId;
}
