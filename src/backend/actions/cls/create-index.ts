import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { foundLog } from "../cls-shapes.ts";
import { readIndexRule } from "./index-rules.ts";

/** Gives a topic its index, without which nothing is found; it is about what is written from now on. */
export const createIndex: Handler<"CreateIndex"> = ({ logs, clock }, request) => {
  const { TopicId } = request;
  foundLog(logs.topics.get(TopicId), "ResourceNotFound.TopicNotExist", "TopicId", TopicId);
  if (logs.indexes.has(TopicId)) {
    throw new ApiError("InvalidParameter.IndexConflict", `TopicId: ${JSON.stringify(TopicId)} has an index already`);
  }
  logs.indexes.put(TopicId, {
    topicId: TopicId,
    enabled: request.Status ?? true,
    ...readIndexRule(request.Rule),
    includeInternalFields: request.IncludeInternalFields ?? false,
    metadataFlag: request.MetadataFlag ?? 0,
    coverageField: request.CoverageField ?? "",
    modifiedMs: clock.nowMs(),
  });
  return {};
};
