import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { foundLog } from "../cls-shapes.ts";

/** Deletes a logset that has no topic any more. */
export const deleteLogset: Handler<"DeleteLogset"> = ({ logs }, { LogsetId }) => {
  foundLog(logs.logsets.get(LogsetId), "ResourceNotFound.LogsetNotExist", "LogsetId", LogsetId);
  const topics = logs.topicsOf(LogsetId);
  if (topics.length > 0) {
    const words = `LogsetId: ${JSON.stringify(LogsetId)} still holds ${topics.length} topics, such as ${topics[0]!.name}`;
    throw new ApiError("FailedOperation.LogsetNotEmpty", words);
  }
  logs.logsets.delete(LogsetId);
  return {};
};
