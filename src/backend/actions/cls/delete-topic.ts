import type { Handler } from "../action.ts";
import { foundLog } from "../cls-shapes.ts";

/** Deletes a topic with its index and its logs. Flow logs that publish to it stay; their CloudLogState says DELETED. */
export const deleteTopic: Handler<"DeleteTopic"> = async ({ logs }, { TopicId }) => {
  foundLog(logs.topics.get(TopicId), "ResourceNotFound.TopicNotExist", "TopicId", TopicId);
  await logs.deleteTopic(TopicId);
  return {};
};
