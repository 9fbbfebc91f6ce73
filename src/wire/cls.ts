/** The log service (CLS), version 2020-10-16: logsets, topics, indexes and search as the API pages give them. */
import { row } from "./action.ts";
import { decimal, flag, group, integer, list, text } from "./fields.ts";
import type * as objects from "./objects.ts";
import { clsFilters, clsTags, paging } from "./parts.ts";

/** Retention that never ends, in the API's own number of days. */
export const permanentPeriodDays = 3640;

/** The most characters a query may have (12 KB). */
export const maxQueryBytes = 12 * 1024;

const name = text({
  notEmpty: true,
  maxChars: 255,
  pattern: /^[^|]*$/,
  patternWords: "must not contain |",
});

const requiredName = { ...name, required: true } as const;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const customId = /^[a-z0-9-]{3,40}-\d+$/;
const logId = text({
  pattern: new RegExp(`${uuid.source}|${customId.source}`),
  patternWords: "must be an id the log service gave out (a UUID), or a custom one ending in the APPID",
});
const requiredLogId = { ...logId, required: true } as const;
const newCustomId = text({
  pattern: customId,
  patternWords: "must be 3 to 40 of a-z, 0-9 and -, then - and the APPID",
});

const value = group(
  {
    Type: text({ required: true, oneOf: ["long", "text", "double", "json"] }),
    Tokenizer: text(),
    SqlFlag: flag(),
    ContainZH: flag(),
    Alias: text(),
    OpenIndexForChildOnly: flag(),
  },
  { required: true },
);
const keyValues = list(group({ Key: text({ required: true, notEmpty: true }), Value: value }));

const ruleFields = {
  FullText: group({
    CaseSensitive: flag({ required: true }),
    Tokenizer: text({ required: true }),
    ContainZH: flag(),
  }),
  KeyValue: group({ CaseSensitive: flag({ required: true }), KeyValues: keyValues }),
  Tag: group({ CaseSensitive: flag({ required: true }), KeyValues: { ...keyValues, required: true } as const }),
  DynamicIndex: group({ Status: flag() }),
} as const;

const topicOptions = {
  PartitionCount: integer({ min: 1, max: 10 }),
  Tags: clsTags,
  AutoSplit: flag(),
  MaxSplitPartitions: integer({ min: 1, max: 50 }),
  StorageType: text({ oneOf: ["hot", "cold"] }),
  Period: integer({ min: 1, max: permanentPeriodDays }),
  Describes: text({ maxChars: 255 }),
  HotPeriod: integer({ min: 0, max: 3600 }),
  IsWebTracking: flag(),
  Encryption: integer({ min: 0, max: 1 }),
} as const;

/** Every log service action that the backend answers. */
export const clsActions = {
  CreateLogset: row<{ LogsetId: string }>()(
    "cls",
    { LogsetName: requiredName, Tags: clsTags, LogsetId: newCustomId },
    ["InvalidParameter.LogsetConflict", "LimitExceeded.Logset"],
  ),
  DescribeLogsets: row<{ TotalCount: number; Logsets: objects.LogsetObject[] }>()("cls", {
    Filters: clsFilters,
    ...paging,
  }),
  ModifyLogset: row<object>()(
    "cls",
    { LogsetId: requiredLogId, LogsetName: name, Tags: clsTags },
    ["InvalidParameter.LogsetConflict", "ResourceNotFound.LogsetNotExist"],
  ),
  DeleteLogset: row<object>()("cls", { LogsetId: requiredLogId }, [
    "FailedOperation.LogsetNotEmpty",
    "ResourceNotFound.LogsetNotExist",
  ]),

  CreateTopic: row<{ TopicId: string }>()(
    "cls",
    {
      LogsetId: requiredLogId,
      TopicName: requiredName,
      ...topicOptions,
      BizType: integer({ min: 0, max: 1 }),
      TopicId: newCustomId,
    },
    [
      "FailedOperation.InvalidPeriod",
      "InvalidParameter.TopicConflict",
      "LimitExceeded.Topic",
      "ResourceNotFound.LogsetNotExist",
    ],
  ),
  DescribeTopics: row<{ Topics: objects.TopicObject[]; TotalCount: number }>()(
    "cls",
    {
      Filters: clsFilters,
      ...paging,
      PreciseSearch: integer({ min: 0, max: 3 }),
      BizType: integer({ min: 0, max: 1 }),
    },
    ["ResourceNotFound.LogsetNotExist", "ResourceNotFound.TopicNotExist"],
  ),
  ModifyTopic: row<object>()(
    "cls",
    { TopicId: requiredLogId, TopicName: name, ...topicOptions, Status: flag() },
    ["FailedOperation.InvalidPeriod", "InvalidParameter.TopicConflict", "ResourceNotFound.TopicNotExist"],
  ),
  DeleteTopic: row<object>()("cls", { TopicId: requiredLogId }, ["ResourceNotFound.TopicNotExist"]),

  CreateIndex: row<object>()(
    "cls",
    {
      TopicId: requiredLogId,
      Rule: group(ruleFields, { required: true }),
      Status: flag(),
      IncludeInternalFields: flag(),
      MetadataFlag: integer({ min: 0, max: 2 }),
      CoverageField: text(),
    },
    ["InvalidParameter.IndexConflict", "LimitExceeded.IndexKeyOverLimit", "ResourceNotFound.TopicNotExist"],
  ),
  DescribeIndex: row<objects.IndexObject>()("cls", { TopicId: requiredLogId }, [
    "ResourceNotFound.IndexNotExist",
    "ResourceNotFound.TopicNotExist",
  ]),
  ModifyIndex: row<object>()(
    "cls",
    {
      TopicId: requiredLogId,
      Rule: group(ruleFields),
      Status: flag(),
      IncludeInternalFields: flag(),
      MetadataFlag: integer({ min: 0, max: 2 }),
      CoverageField: text(),
    },
    ["LimitExceeded.IndexKeyOverLimit", "ResourceNotFound.IndexNotExist", "ResourceNotFound.TopicNotExist"],
  ),
  DeleteIndex: row<object>()("cls", { TopicId: requiredLogId }, [
    "ResourceNotFound.IndexNotExist",
    "ResourceNotFound.TopicNotExist",
  ]),

  SearchLog: row<objects.SearchLogAnswer>()(
    "cls",
    {
      From: integer({ required: true, min: 0 }),
      To: integer({ required: true, min: 0 }),
      QueryString: text({ maxBytes: maxQueryBytes }),
      QuerySyntax: integer({ min: 0, max: 1 }),
      Query: text({ maxBytes: maxQueryBytes }),
      SyntaxRule: integer({ min: 0, max: 1 }),
      TopicId: logId,
      Topics: list(group({ TopicId: requiredLogId, Context: text() }), { maxItems: 50 }),
      Sort: text({ oneOf: ["asc", "desc"] }),
      Limit: integer({ min: 0, max: 1000 }),
      Offset: integer({ min: 0 }),
      Context: text(),
      SamplingRate: decimal({ min: 0, max: 1 }),
      UseNewAnalysis: flag(),
      HighLight: flag(),
    },
    [
      "FailedOperation.InvalidContext",
      "FailedOperation.QueryError",
      "FailedOperation.SyntaxError",
      "ResourceNotFound.IndexNotExist",
      "ResourceNotFound.TopicNotExist",
    ],
  ),
  DescribeLogHistogram: row<objects.LogHistogramAnswer>()(
    "cls",
    {
      From: integer({ required: true, min: 0 }),
      To: integer({ required: true, min: 0 }),
      Query: text({ required: true, maxBytes: maxQueryBytes }),
      TopicId: { ...logId, required: true } as const,
      Interval: integer({ min: 1 }),
      SyntaxRule: integer({ min: 0, max: 1 }),
    },
    [
      "FailedOperation.QueryError",
      "FailedOperation.SyntaxError",
      "ResourceNotFound.IndexNotExist",
      "ResourceNotFound.TopicNotExist",
    ],
  ),
} as const;
