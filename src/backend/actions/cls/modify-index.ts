import type { Handler } from "../action.ts";
import { foundLog } from "../cls-shapes.ts";
import { readIndexRule } from "./index-rules.ts";

/** Changes a topic's index; a given rule replaces the one it had. */
export const modifyIndex: Handler<"ModifyIndex"> = ({ logs, clock }, request) => {
  const { TopicId } = request;
  foundLog(logs.topics.get(TopicId), "ResourceNotFound.TopicNotExist", "TopicId", TopicId);
  const index = foundLog(logs.indexes.get(TopicId), "ResourceNotFound.IndexNotExist", "TopicId", TopicId);
  logs.indexes.put(TopicId, {
    ...index,
    enabled: request.Status ?? index.enabled,
    ...(request.Rule === undefined ? {} : readIndexRule(request.Rule)),
    includeInternalFields: request.IncludeInternalFields ?? index.includeInternalFields,
    metadataFlag: request.MetadataFlag ?? index.metadataFlag,
    coverageField: request.CoverageField ?? index.coverageField,
    modifiedMs: clock.nowMs(),
  });
  return {};
};
