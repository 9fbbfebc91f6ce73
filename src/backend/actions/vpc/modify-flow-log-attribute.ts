import type { Handler } from "../action.ts";
import { findFlowLog } from "./find-flow-log.ts";

/** Changes a flow log's name or description: what the API lets other clients change (our provider replaces). */
export const modifyFlowLogAttribute: Handler<"ModifyFlowLogAttribute"> = (rooms, request) => {
  const flowLog = findFlowLog(rooms, request.FlowLogId, request.VpcId);
  rooms.flowLogs.put(flowLog.id, {
    ...flowLog,
    name: request.FlowLogName ?? flowLog.name,
    description: request.FlowLogDescription ?? flowLog.description,
  });
  return {};
};
