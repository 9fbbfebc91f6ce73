/** The log service (CLS), version 2020-10-16: logsets, topics, indexes and search as the API pages give them. */
import { type ActionRow, rowsOf } from "./action.ts";
import type { ErrorCode } from "./errors.ts";
import { decimal, flag, group, integer, list, text } from "./fields.ts";
import * as objects from "./objects.ts";
import { clsFilters, clsTags, logsetFilters, paging } from "./parts.ts";

const action = rowsOf("cls");

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

const childKey = group({ Key: text({ required: true }), Value: group({ Type: text({ required: true }) }) });

const value = group(
  {
    Type: text({ required: true, oneOf: ["long", "text", "double", "json"] }),
    Tokenizer: text(),
    SqlFlag: flag(),
    ContainZH: flag(),
    Alias: text(),
    OpenIndexForChildOnly: flag(),
    ChildNode: list(childKey, { unsupported: "indexes the members of a JSON value, which this backend does not" }),
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

const anonymousAccess = group({
  Operations: list(text()),
  Conditions: list(group({ Attributes: text(), Rule: integer(), ConditionValue: text() })),
});

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
  CustomKmsInfo: group(
    { KmsRegion: text({ required: true }), KmsKeyId: text({ required: true }) },
    { unsupported: "is a key of the key management service, which this backend does not have" },
  ),
  Extends: group({ AnonymousAccess: anonymousAccess }, { unsupported: "is about access without a signature, which this backend does not give" }),
  IsSourceFrom: flag({ unsupported: "is about logs that come over the internet, and none do here" }),
  BillingMode: integer({ unsupported: "is a way of billing, and nothing is billed here" }),
} as const;

const noTask = text({ unsupported: "is a task that moves logs between kinds of storage, and none ever runs here" });

const indexOptions = {
  Status: flag(),
  IncludeInternalFields: flag(),
  MetadataFlag: integer({ min: 0, max: 2 }),
  CoverageField: text(),
} as const;

/** What any log service action can answer, as the cloud's own lists have it. */
const baseCodes = [
  "FailedOperation",
  "FailedOperation.Timeout",
  "OperationDenied",
  "OperationDenied.ACLFailed",
  "OperationDenied.AccountDestroy",
  "OperationDenied.AccountIsolate",
  "OperationDenied.AccountNotExists",
] as const satisfies readonly ErrorCode[];

/** What a search can answer beside that. */
const searchCodes = [
  ...baseCodes,
  "FailedOperation.QueryError",
  "FailedOperation.SearchTimeout",
  "FailedOperation.SyntaxError",
  "FailedOperation.TopicIsolated",
  "InternalError.SearchError",
  "InternalError.SearchFailed",
  "InternalError.ServerBusy",
  "LimitExceeded.LogSearch",
  "LimitExceeded.SearchResources",
  "LimitExceeded.SearchResultTooLarge",
  "OperationDenied.NewSyntaxNotSupported",
  "OperationDenied.OperationNotSupportInSearchLow",
  "ResourceNotFound.IndexNotExist",
  "ResourceNotFound.TopicNotExist",
] as const satisfies readonly ErrorCode[];

/** The body is a LogGroupList in protocol buffers; X-CLS-TopicId and X-CLS-CompressType stand in headers. */
const uploadLog: ActionRow<Readonly<Record<string, never>>, object> = {
  service: "cls",
  request: {},
  codes: [...baseCodes, "FailedOperation.MissingContent", "FailedOperation.TopicClosed", "InvalidParameter.Content", "LimitExceeded.LogSize", "ResourceNotFound.TopicNotExist"],
  octetStream: true,
};

/** Every log service action that the backend answers. */
export const clsActions = {
  CreateLogset: action({
    request: { LogsetName: requiredName, Tags: clsTags, LogsetId: newCustomId },
    answer: { LogsetId: "text" },
    codes: [...baseCodes, "FailedOperation.LogsetConflict", "InvalidParameter.LogsetConflict", "LimitExceeded.Logset", "LimitExceeded.Tag"],
  }),
  DescribeLogsets: action({
    request: { Filters: logsetFilters, ...paging },
    answer: { TotalCount: "integer", Logsets: [objects.logset] },
    codes: [...baseCodes, "FailedOperation.TagQpsLimit", "ResourceNotFound"],
  }),
  ModifyLogset: action({
    request: { LogsetId: requiredLogId, LogsetName: name, Tags: clsTags },
    answer: {},
    codes: [
      ...baseCodes,
      "FailedOperation.PeriodModifyForbidden",
      "FailedOperation.TagConcurrentConflict",
      "InvalidParameter.LogsetConflict",
      "ResourceNotFound.LogsetNotExist",
    ],
  }),
  DeleteLogset: action({
    request: { LogsetId: requiredLogId },
    answer: {},
    codes: [...baseCodes, "FailedOperation.LogsetNotEmpty", "ResourceNotFound.LogsetNotExist"],
  }),

  CreateTopic: action({
    request: {
      LogsetId: requiredLogId,
      TopicName: requiredName,
      ...topicOptions,
      BizType: integer({ min: 0, max: 1 }),
      TopicId: newCustomId,
    },
    answer: { TopicId: "text" },
    codes: [
      ...baseCodes,
      "FailedOperation.InvalidPeriod",
      "FailedOperation.TopicCreating",
      "InvalidParameter.TopicConflict",
      "LimitExceeded.BillingTopicOutOfLimit",
      "LimitExceeded.Logset",
      "LimitExceeded.Tag",
      "LimitExceeded.Topic",
      "ResourceNotFound.LogsetNotExist",
      "UnsupportedOperation.UnsupportedRegion",
    ],
  }),
  DescribeTopics: action({
    request: {
      Filters: clsFilters,
      ...paging,
      PreciseSearch: integer({ min: 0, max: 3 }),
      BizType: integer({ min: 0, max: 1 }),
    },
    answer: { Topics: [objects.topic], TotalCount: "integer" },
    codes: [...baseCodes, "ResourceNotFound.LogsetNotExist", "ResourceNotFound.TopicNotExist"],
  }),
  ModifyTopic: action({
    request: { TopicId: requiredLogId, TopicName: name, ...topicOptions, Status: flag(), CancelTopicAsyncTaskID: noTask },
    answer: {},
    codes: [
      ...baseCodes,
      "FailedOperation.InvalidPeriod",
      "FailedOperation.TagConcurrentConflict",
      "FailedOperation.TopicClosed",
      "FailedOperation.TopicIsolated",
      "InvalidParameter.TopicConflict",
      "OperationDenied.TopicHasScheduleSqlTask",
      "ResourceNotFound.TopicNotExist",
    ],
  }),
  DeleteTopic: action({
    request: { TopicId: requiredLogId },
    answer: {},
    codes: [
      ...baseCodes,
      "OperationDenied.TopicHasDataFormTask",
      "OperationDenied.TopicHasDeliverFunction",
      "OperationDenied.TopicHasExternalDatasourceConfig",
      "OperationDenied.TopicHasScheduleSqlTask",
      "ResourceNotFound.TopicNotExist",
    ],
  }),

  CreateIndex: action({
    request: { TopicId: requiredLogId, Rule: group(ruleFields, { required: true }), ...indexOptions },
    answer: {},
    codes: [
      ...baseCodes,
      "FailedOperation.TopicIsolated",
      "InvalidParameter.InValidIndexRuleForSearchLow",
      "InvalidParameter.IndexConflict",
      "LimitExceeded.IndexKeyOverLimit",
      "ResourceNotFound.TopicNotExist",
    ],
  }),
  DescribeIndex: action({
    request: { TopicId: requiredLogId },
    answer: objects.index,
    codes: [...baseCodes, "ResourceNotFound.IndexNotExist", "ResourceNotFound.TopicNotExist"],
  }),
  ModifyIndex: action({
    request: { TopicId: requiredLogId, Rule: group(ruleFields), ...indexOptions },
    answer: {},
    codes: [
      ...baseCodes,
      "FailedOperation.TopicIsolated",
      "InvalidParameter.InValidIndexRuleForSearchLow",
      "LimitExceeded.IndexKeyOverLimit",
      "LimitExceeded.IndexOperating",
      "ResourceNotFound.IndexNotExist",
      "ResourceNotFound.TopicNotExist",
    ],
  }),
  DeleteIndex: action({
    request: { TopicId: requiredLogId },
    answer: {},
    codes: [...baseCodes, "ResourceNotFound.IndexNotExist", "ResourceNotFound.TopicNotExist"],
  }),

  SearchLog: action({
    request: {
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
    answer: objects.searchLogAnswer,
    codes: [...searchCodes, "FailedOperation.InvalidContext"],
  }),
  UploadLog: uploadLog,
  DescribeLogContext: action({
    request: {
      TopicId: requiredLogId,
      BTime: text({ required: true }),
      PkgId: text({ required: true }),
      PkgLogId: integer({ required: true, min: 0 }),
      PrevLogs: integer({ min: 0, max: 100 }),
      NextLogs: integer({ min: 0, max: 100 }),
      Query: text({ maxBytes: maxQueryBytes }),
      From: integer({ min: 0 }),
      To: integer({ min: 0 }),
    },
    answer: objects.logContextAnswer,
    codes: searchCodes,
  }),
  DescribeLogHistogram: action({
    request: {
      From: integer({ required: true, min: 0 }),
      To: integer({ required: true, min: 0 }),
      Query: text({ required: true, maxBytes: maxQueryBytes }),
      TopicId: requiredLogId,
      Interval: integer({ min: 1 }),
      SyntaxRule: integer({ min: 0, max: 1 }),
    },
    answer: objects.logHistogramAnswer,
    codes: searchCodes,
  }),
} as const;
