import type { Handler } from "../action.ts";
import { foundLog, shownIndex } from "../cls-shapes.ts";

/** A topic's index. */
export const describeIndex: Handler<"DescribeIndex"> = ({ logs }, { TopicId }) => {
  foundLog(logs.topics.get(TopicId), "ResourceNotFound.TopicNotExist", "TopicId", TopicId);
  return shownIndex(foundLog(logs.indexes.get(TopicId), "ResourceNotFound.IndexNotExist", "TopicId", TopicId));
};
