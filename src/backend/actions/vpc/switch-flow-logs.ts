import type { Handler } from "../action.ts";
import type { Rooms } from "../../rooms.ts";
import { byIds } from "../listing.ts";

function switchFlowLogs(rooms: Rooms, ids: readonly string[], enabled: boolean): object {
  const flowLogs = byIds((id) => rooms.flowLogs.get(id), "FlowLogIds", ids);
  for (const flowLog of flowLogs) rooms.flowLogs.put(flowLog.id, { ...flowLog, enabled });
  return {};
}

/** Lets flow logs capture (again). */
export const enableFlowLogs: Handler<"EnableFlowLogs"> = (rooms, { FlowLogIds }) => switchFlowLogs(rooms, FlowLogIds, true);

/** Stops flow logs from capturing; what they captured is still published. */
export const disableFlowLogs: Handler<"DisableFlowLogs"> = (rooms, { FlowLogIds }) => switchFlowLogs(rooms, FlowLogIds, false);
