import type { Topic } from "../../logs/topic.ts";
import type { Handler } from "../action.ts";
import { foundLog } from "../cls-shapes.ts";
import { readTags } from "../tags.ts";
import { checkPeriods, refuseTakenTopicName } from "./topic-rules.ts";

/** Changes what the API can change of a topic; its logset is not among it. */
export const modifyTopic: Handler<"ModifyTopic"> = (rooms, request) => {
  const { topics } = rooms.logs;
  const topic = foundLog(topics.get(request.TopicId), "ResourceNotFound.TopicNotExist", "TopicId", request.TopicId);
  if (request.TopicName !== undefined) refuseTakenTopicName(rooms, topic.logsetId, request.TopicName, topic.id);
  const changed: Topic = {
    ...topic,
    name: request.TopicName ?? topic.name,
    tags: request.Tags === undefined ? topic.tags : readTags(request.Tags, "cls"),
    collecting: request.Status ?? topic.collecting,
    partitionCount: request.PartitionCount ?? topic.partitionCount,
    autoSplit: request.AutoSplit ?? topic.autoSplit,
    maxSplitPartitions: request.MaxSplitPartitions ?? topic.maxSplitPartitions,
    periodDays: request.Period ?? topic.periodDays,
    hotPeriodDays: request.HotPeriod ?? topic.hotPeriodDays,
    storageType: request.StorageType ?? topic.storageType,
    description: request.Describes ?? topic.description,
    webTracking: request.IsWebTracking ?? topic.webTracking,
    encryption: request.Encryption ?? topic.encryption,
  };
  checkPeriods(changed);
  topics.put(topic.id, changed);
  return {};
};
