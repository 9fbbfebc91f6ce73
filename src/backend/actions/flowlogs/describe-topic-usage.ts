import type { Handler } from "../action.ts";
import { foundLog } from "../cls-shapes.ts";

/** How many records a topic holds, and how many more the open capture windows would give it. */
export const describeTopicUsage: Handler<"DescribeTopicUsage"> = async ({ logs, packets }, { TopicId }) => {
  foundLog(logs.topics.get(TopicId), "ResourceNotFound.TopicNotExist", "TopicId", TopicId);
  return { Records: (await logs.usage(TopicId)).logs, PendingRecords: await packets.pendingRecords(TopicId) };
};
