import type { Handler } from "../action.ts";
import { shownFlowLog } from "../vpc-shapes.ts";
import { findFlowLog } from "./find-flow-log.ts";

/** One flow log of a VPC: the older form of DescribeFlowLogs. */
export const describeFlowLog: Handler<"DescribeFlowLog"> = (rooms, request) => {
  return { FlowLog: [shownFlowLog(rooms, findFlowLog(rooms, request.FlowLogId, request.VpcId))] };
};
