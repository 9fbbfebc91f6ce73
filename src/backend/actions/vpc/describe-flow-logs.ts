import { ApiError } from "../../../wire/errors.ts";
import type { FlowLog } from "../../flow/flow-log.ts";
import type { Handler } from "../action.ts";
import { applyFilters, ordered, page, vpcFilters } from "../listing.ts";
import { shownFlowLog } from "../vpc-shapes.ts";

const defaultLimit = 10;

/** Lists flow logs by any of their fields (all that are given must match), the newest first unless told otherwise. */
export const describeFlowLogs: Handler<"DescribeFlowLogs"> = (rooms, request) => {
  if (request.FlowLogId !== undefined && request.Filters !== undefined) {
    throw new ApiError("InvalidParameterValue", "FlowLogId and Filters cannot be given together");
  }
  const wanted: [string | undefined, (flowLog: FlowLog) => string][] = [
    [request.VpcId, ({ vpcId }) => vpcId],
    [request.FlowLogId, ({ id }) => id],
    [request.FlowLogName, ({ name }) => name],
    [request.ResourceType, ({ resourceType }) => resourceType],
    [request.ResourceId, ({ resourceId }) => resourceId],
    [request.TrafficType, ({ trafficType }) => trafficType],
    [request.CloudLogId, ({ topicId }) => topicId],
    [request.CloudLogRegion, ({ topicRegion }) => topicRegion],
    [request.CloudLogState, (flowLog) => shownFlowLog(rooms, flowLog).CloudLogState],
  ];
  const given = wanted.filter(([value]) => value !== undefined);
  const isHit = (flowLog: FlowLog) => given.every(([value, read]) => read(flowLog) === value);
  const tagged = applyFilters(rooms.flowLogs.values(), vpcFilters(request.Filters), {}, "InvalidParameterValue");
  const hits = tagged.filter(isHit);
  const read = (flowLog: FlowLog) => (request.OrderField === "flowLogName" ? flowLog.name : flowLog.createdMs);
  const sorted = ordered(hits, read, request.OrderDirection ?? "DESC");
  const shown = page(sorted, request.Offset, request.Limit, defaultLimit).map((flowLog) => shownFlowLog(rooms, flowLog));
  return { FlowLog: shown, TotalNum: hits.length };
};
