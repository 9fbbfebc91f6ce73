import type { Handler } from "../action.ts";
import { findFlowLog } from "./find-flow-log.ts";

/** Deletes a flow log. What it captured so far is still published; its logset and topic stay (the product document). */
export const deleteFlowLog: Handler<"DeleteFlowLog"> = (rooms, request) => {
  const flowLog = findFlowLog(rooms, request.FlowLogId, request.VpcId);
  rooms.flowLogs.delete(flowLog.id);
  return {};
};
