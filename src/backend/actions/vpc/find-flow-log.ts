/** A flow log by the ids that an action is given. */
import { ApiError } from "../../../wire/errors.ts";
import type { FlowLog } from "../../flow/flow-log.ts";
import type { Rooms } from "../../rooms.ts";
import { found } from "../action.ts";

/** The flow log; a VpcId that is not its own is refused. */
export function findFlowLog(rooms: Rooms, flowLogId: string, vpcId: string | undefined): FlowLog {
  const flowLog = found(rooms.flowLogs.get(flowLogId), "FlowLogId", flowLogId);
  if (vpcId !== undefined && vpcId !== flowLog.vpcId) {
    throw new ApiError("ResourceNotFound", `VpcId: ${JSON.stringify(vpcId)} has no flow log ${flowLogId}`);
  }
  return flowLog;
}
