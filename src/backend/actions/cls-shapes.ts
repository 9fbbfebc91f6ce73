/** The log service's objects as the API answers them. */
import { ApiError, type ErrorCode } from "../../wire/errors.ts";
import type * as wire from "../../wire/objects.ts";
import { cloudTime } from "../clock.ts";
import type { KeptLog } from "../logs/log-store.ts";
import type { Index, Logset, Topic } from "../logs/topic.ts";
import type { Rooms } from "../rooms.ts";
import { shownTags } from "./tags.ts";

/** What an id of the log service names, or the refusal with the family's own code. */
export function foundLog<T>(item: T | undefined, code: ErrorCode, field: string, id: string): T {
  if (item === undefined) throw new ApiError(code, `${field}: ${JSON.stringify(id)} does not exist`);
  return item;
}

export function shownLogset(rooms: Rooms, logset: Logset): wire.LogsetObject {
  const topics = rooms.logs.topicsOf(logset.id);
  return {
    LogsetId: logset.id,
    LogsetName: logset.name,
    CreateTime: cloudTime(logset.createdMs),
    AssumerUin: 0,
    AssumerName: "",
    Tags: shownTags(logset.tags),
    TopicCount: topics.filter(({ bizType }) => bizType === 0).length,
    RoleName: "",
    MetricTopicCount: topics.filter(({ bizType }) => bizType === 1).length,
  };
}

export function shownTopic(rooms: Rooms, topic: Topic): wire.TopicObject {
  return {
    LogsetId: topic.logsetId,
    TopicId: topic.id,
    TopicName: topic.name,
    PartitionCount: topic.partitionCount,
    Index: rooms.logs.indexes.get(topic.id)?.enabled ?? false,
    AssumerUin: 0,
    AssumerName: "",
    CreateTime: cloudTime(topic.createdMs),
    Status: topic.collecting,
    Tags: shownTags(topic.tags),
    RoleName: "",
    AutoSplit: topic.autoSplit,
    MaxSplitPartitions: topic.maxSplitPartitions,
    StorageType: topic.storageType,
    Period: topic.periodDays,
    SubAssumerName: "",
    Describes: topic.description,
    HotPeriod: topic.hotPeriodDays,
    BizType: topic.bizType,
    IsWebTracking: topic.webTracking,
    KeyId: "",
    TopicAsyncTaskID: "",
    MigrationStatus: 0,
    EffectiveDate: "",
    IsSourceFrom: false,
    BillingMode: 0,
    NewBillingMode: 0,
  };
}

export function shownIndex(index: Index): wire.IndexObject {
  return {
    TopicId: index.topicId,
    Status: index.enabled,
    Rule: index.rule as wire.IndexRule,
    ModifyTime: cloudTime(index.modifiedMs),
    IncludeInternalFields: index.includeInternalFields,
    MetadataFlag: index.metadataFlag,
    CoverageField: index.coverageField,
  };
}

/** What the packages of a topic's logs are called: one name for all, within which each log has its own number. */
export function packageId(topicId: string): string {
  return topicId.replaceAll("-", "").slice(0, 16).toUpperCase();
}

/** A log as a search result: its values as JSON, what is known beside them under `__TAG__`. */
export function shownLog(rooms: Rooms, log: KeptLog): wire.LogInfo {
  const json: Record<string, unknown> = Object.fromEntries(log.values);
  if (log.tags.length > 0) json["__TAG__"] = Object.fromEntries(log.tags);
  return {
    Time: log.timeMs,
    TopicId: log.topicId,
    TopicName: rooms.logs.topics.get(log.topicId)?.name ?? "",
    Source: log.source,
    FileName: log.stream,
    PkgId: packageId(log.topicId),
    PkgLogId: String(log.sequence),
    HighLights: [],
    LogJson: JSON.stringify(json),
    HostName: "",
    RawLog: log.text,
    IndexStatus: "",
  };
}
