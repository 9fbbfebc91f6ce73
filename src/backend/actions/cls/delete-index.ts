import type { Handler } from "../action.ts";
import { foundLog } from "../cls-shapes.ts";

/** Takes a topic's index away: from now on the topic cannot be searched. */
export const deleteIndex: Handler<"DeleteIndex"> = ({ logs }, { TopicId }) => {
  foundLog(logs.topics.get(TopicId), "ResourceNotFound.TopicNotExist", "TopicId", TopicId);
  foundLog(logs.indexes.get(TopicId), "ResourceNotFound.IndexNotExist", "TopicId", TopicId);
  logs.indexes.delete(TopicId);
  return {};
};
