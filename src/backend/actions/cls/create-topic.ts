import { ApiError } from "../../../wire/errors.ts";
import { newUuid } from "../../ids.ts";
import type { Topic } from "../../logs/topic.ts";
import type { Handler } from "../action.ts";
import { foundLog } from "../cls-shapes.ts";
import { readTags } from "../tags.ts";
import { checkPeriods, refuseTakenTopicName } from "./topic-rules.ts";

/** Days that logs are kept where nobody says how long. Assumed: the API's page gives no default. */
const defaultPeriodDays = 30;

/** Makes a topic in a logset; its name is its own there. */
export const createTopic: Handler<"CreateTopic"> = (rooms, request) => {
  const { logsets, topics } = rooms.logs;
  foundLog(logsets.get(request.LogsetId), "ResourceNotFound.LogsetNotExist", "LogsetId", request.LogsetId);
  refuseTakenTopicName(rooms, request.LogsetId, request.TopicName);
  const topic: Topic = {
    id: request.TopicId ?? newUuid(rooms.random),
    logsetId: request.LogsetId,
    name: request.TopicName,
    partitionCount: request.PartitionCount ?? 1,
    autoSplit: request.AutoSplit ?? true,
    maxSplitPartitions: request.MaxSplitPartitions ?? 50,
    storageType: request.StorageType ?? "hot",
    periodDays: request.Period ?? defaultPeriodDays,
    hotPeriodDays: request.HotPeriod ?? 0,
    description: request.Describes ?? "",
    bizType: request.BizType ?? 0,
    encryption: request.Encryption ?? 0,
    webTracking: request.IsWebTracking ?? false,
    collecting: true,
    tags: readTags(request.Tags, "cls"),
    createdMs: rooms.clock.nowMs(),
  };
  checkPeriods(topic);
  if (topics.has(topic.id)) {
    throw new ApiError("InvalidParameter.TopicConflict", `TopicId: ${JSON.stringify(topic.id)} is taken`);
  }
  topics.put(topic.id, topic);
  return { TopicId: topic.id };
};
