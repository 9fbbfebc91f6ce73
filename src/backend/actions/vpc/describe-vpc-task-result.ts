import type { Handler } from "../action.ts";
import { found } from "../action.ts";

/** What became of an asynchronous call, by its RequestId: it was done when it was answered. */
export const describeVpcTaskResult: Handler<"DescribeVpcTaskResult"> = ({ calls }, { TaskId }) => {
  const { resourceIds } = found(calls.task(TaskId), "TaskId", TaskId);
  return { Status: "SUCCESS", Output: "", Result: resourceIds.map((ResourceId) => ({ ResourceId, Status: "SUCCESS" })) };
};
