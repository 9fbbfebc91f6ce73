import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";

/** What became of an EIP action, by its TaskId: it was done when it was answered. */
export const describeTaskResult: Handler<"DescribeTaskResult"> = ({ calls }, { TaskId }) => {
  if (TaskId === undefined) throw new ApiError("MissingParameter", "TaskId: this parameter is required and was not given");
  if (calls.task(String(TaskId)) === undefined) {
    throw new ApiError("InvalidParameterValue", `TaskId: ${TaskId} is no task that an EIP action began`);
  }
  return { TaskId, Result: "SUCCESS" };
};
