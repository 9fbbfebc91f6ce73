/** The log service: logsets, topics, indexes, search. */
import { expect } from "vitest";
import { type Cases, fullText, many, nowhere, tooLong, type World } from "../world.ts";

const manyTags = many(11, (index) => ({ Key: `k${index}`, Value: "v" }));
const manyKeys = many(301, (index) => ({ Key: `k${index}`, Value: { Type: "long" } }));
const tooManyKeys = { KeyValue: { CaseSensitive: false, KeyValues: manyKeys } };
const noTopic = { TopicId: nowhere.uuid };
const now = { From: 0, To: 1 };

const inLogset = async (world: World, other: object = {}) => ({ LogsetId: await world.logset(), TopicName: "t", ...other });
const takenTopic = async (world: World) => {
  const { LogsetId, TopicId } = await world.topic();
  const { Topics } = await world.call("DescribeTopics", { Filters: [{ Key: "topicId", Values: [TopicId] }] });
  return { LogsetId, TopicName: Topics[0]!.TopicName };
};

/** The record of an ENI without traffic, in a topic of its own. */
async function aLog(world: World) {
  const { SubnetId, VpcId } = await world.subnet();
  await world.eni({ SubnetId, VpcId });
  const TopicId = await world.indexedTopic();
  const flowLog = { FlowLogName: world.name(), VpcId, ResourceType: "VPC", ResourceId: VpcId, TrafficType: "ALL", CloudLogId: TopicId } as const;
  await world.call("CreateFlowLog", flowLog);
  // A window and the publish delay.
  await world.advance(1_500_000);
  return (await world.call("SearchLog", { TopicId, From: 0, To: Number.MAX_SAFE_INTEGER, Limit: 1 })).Results![0]!;
}

const beijing = (ms: number) => new Date(ms + 8 * 3_600_000).toISOString().replace("T", " ").replace("Z", "");

export const logCases: Cases = {
  CreateLogset: {
    success: {
      ask: (world) => ({ LogsetName: world.name(), Tags: [{ Key: "a", Value: "1" }], LogsetId: "my-logset-1250000000" }),
      async then({ LogsetId }, { call }, { LogsetName, Tags }) {
        expect(LogsetId).toBe("my-logset-1250000000");
        const { Logsets } = await call("DescribeLogsets", { Filters: [{ Key: "logsetId", Values: [LogsetId] }] });
        expect(Logsets).toMatchObject([{ LogsetId, LogsetName, Tags, TopicCount: 0 }]);
      },
    },
    refusals: {
      async "InvalidParameter.LogsetConflict"(world) {
        const LogsetName = world.name();
        await world.call("CreateLogset", { LogsetName });
        return { LogsetName };
      },
      InvalidParameter: () => ({ LogsetName: "a|b" }),
      "LimitExceeded.Tag": (world) => ({ LogsetName: world.name(), Tags: manyTags }),
      MissingParameter: () => ({}),
      UnknownParameter: () => ({ LogsetName: "l", Nonsense: "x" }),
    },
  },
  DescribeLogsets: {
    success: {
      async ask(world) {
        const { LogsetId } = await world.topic();
        return { Filters: [{ Key: "logsetId", Values: [LogsetId, await world.logset()] }], Offset: 0, Limit: 1 };
      },
      then({ Logsets, TotalCount }, _world, { Filters }) {
        expect(TotalCount).toBe(2);
        expect(Logsets).toMatchObject([{ LogsetId: Filters![0]!.Values[0], TopicCount: 1, MetricTopicCount: 0 }]);
      },
    },
    refusals: { InvalidParameter: () => ({ Filters: [{ Key: "colour", Values: ["red"] }] }) },
  },
  ModifyLogset: {
    success: {
      ask: async (world) => ({ LogsetId: await world.logset(), LogsetName: world.name(), Tags: [{ Key: "b", Value: "2" }] }),
      async then(_answer, { call }, { LogsetId, LogsetName, Tags }) {
        const { Logsets } = await call("DescribeLogsets", { Filters: [{ Key: "logsetId", Values: [LogsetId] }] });
        expect(Logsets).toMatchObject([{ LogsetName, Tags }]);
      },
    },
    refusals: {
      async "InvalidParameter.LogsetConflict"(world) {
        const LogsetName = world.name();
        await world.call("CreateLogset", { LogsetName });
        return { LogsetId: await world.logset(), LogsetName };
      },
      "ResourceNotFound.LogsetNotExist": () => ({ LogsetId: nowhere.uuid }),
    },
  },
  DeleteLogset: {
    success: {
      ask: async (world) => ({ LogsetId: await world.logset() }),
      async then(_answer, { call }, { LogsetId }) {
        expect((await call("DescribeLogsets", { Filters: [{ Key: "logsetId", Values: [LogsetId] }] })).TotalCount).toBe(0);
      },
    },
    refusals: {
      "FailedOperation.LogsetNotEmpty": async (world) => ({ LogsetId: (await world.topic()).LogsetId }),
      "ResourceNotFound.LogsetNotExist": () => ({ LogsetId: nowhere.uuid }),
    },
  },
  CreateTopic: {
    success: {
      async ask(world) {
        const options = { PartitionCount: 2, StorageType: "cold", Period: 3640, Describes: "told", AutoSplit: false } as const;
        return { LogsetId: await world.logset(), TopicName: world.name(), Tags: [{ Key: "a", Value: "1" }], ...options };
      },
      async then({ TopicId }, { call }, request) {
        const { Topics } = await call("DescribeTopics", { Filters: [{ Key: "topicId", Values: [TopicId] }] });
        expect(Topics).toMatchObject([{ TopicId, ...request, Index: false, Status: true, HotPeriod: 0 }]);
      },
    },
    refusals: {
      "FailedOperation.InvalidPeriod": (world) => inLogset(world, { StorageType: "cold", Period: 6 }),
      "InvalidParameter.TopicConflict": takenTopic,
      InvalidParameter: (world) => inLogset(world, { TopicName: "cls_service_log" }),
      "LimitExceeded.Tag": (world) => inLogset(world, { Tags: manyTags }),
      "ResourceNotFound.LogsetNotExist": () => ({ LogsetId: nowhere.uuid, TopicName: "t" }),
      UnsupportedOperation: (world) => inLogset(world, { BillingMode: 1 }),
    },
  },
  DescribeTopics: {
    success: {
      async ask(world) {
        const { LogsetId } = await world.topic();
        await world.topic(LogsetId);
        return { Filters: [{ Key: "logsetId", Values: [LogsetId] }, { Key: "storageType", Values: ["hot"] }], Offset: 1 };
      },
      then({ Topics, TotalCount }, _world, { Filters }) {
        expect(TotalCount).toBe(2);
        expect(Topics).toMatchObject([{ LogsetId: Filters![0]!.Values[0], PartitionCount: 1, MaxSplitPartitions: 50, BizType: 0 }]);
      },
    },
    refusals: { InvalidParameter: () => ({ Filters: many(11, () => ({ Key: "topicId", Values: ["x"] })) }) },
  },
  ModifyTopic: {
    success: {
      ask: async (world) => ({ TopicId: (await world.topic()).TopicId, TopicName: world.name(), Period: 30, HotPeriod: 7, Status: false, IsWebTracking: true }),
      async then(_answer, { call }, { TopicId, ...changed }) {
        const { Topics } = await call("DescribeTopics", { Filters: [{ Key: "topicId", Values: [TopicId] }] });
        expect(Topics).toMatchObject([changed]);
      },
    },
    refusals: {
      "FailedOperation.InvalidPeriod": async (world) => ({ TopicId: (await world.topic()).TopicId, Period: 30, HotPeriod: 30 }),
      async "InvalidParameter.TopicConflict"(world) {
        const { LogsetId, TopicName } = await takenTopic(world);
        return { TopicId: (await world.topic(LogsetId)).TopicId, TopicName };
      },
      "ResourceNotFound.TopicNotExist": () => noTopic,
    },
  },
  DeleteTopic: {
    success: {
      ask: async (world) => ({ TopicId: await world.indexedTopic() }),
      async then(_answer, { call }, { TopicId }) {
        expect((await call("DescribeTopics", { Filters: [{ Key: "topicId", Values: [TopicId] }] })).TotalCount).toBe(0);
      },
    },
    refusals: { "ResourceNotFound.TopicNotExist": () => noTopic },
  },
  CreateIndex: {
    success: {
      ask: async (world) => ({
        TopicId: (await world.topic()).TopicId,
        Rule: { ...fullText, KeyValue: { CaseSensitive: true, KeyValues: [{ Key: "bytes", Value: { Type: "long", SqlFlag: true } }] } },
        IncludeInternalFields: true,
      }),
      async then(_answer, { call }, { TopicId, Rule }) {
        const described = await call("DescribeIndex", { TopicId });
        expect(described).toMatchObject({ TopicId, Rule, Status: true, IncludeInternalFields: true, MetadataFlag: 0 });
      },
    },
    refusals: {
      "InvalidParameter.IndexConflict": async (world) => ({ TopicId: await world.indexedTopic(), Rule: fullText }),
      InvalidParameter: async (world) => ({ TopicId: (await world.topic()).TopicId, Rule: { DynamicIndex: { Status: false } } }),
      "LimitExceeded.IndexKeyOverLimit": async (world) => ({ TopicId: (await world.topic()).TopicId, Rule: tooManyKeys }),
      "ResourceNotFound.TopicNotExist": () => ({ ...noTopic, Rule: fullText }),
    },
  },
  DescribeIndex: {
    success: {
      ask: async (world) => ({ TopicId: await world.indexedTopic() }),
      then: ({ Rule }) => expect(Rule).toEqual(fullText),
    },
    refusals: {
      "ResourceNotFound.IndexNotExist": async (world) => ({ TopicId: (await world.topic()).TopicId }),
      "ResourceNotFound.TopicNotExist": () => noTopic,
    },
  },
  ModifyIndex: {
    success: {
      ask: async (world) => ({ TopicId: await world.indexedTopic(), Status: false }),
      then: async (_answer, { call }, { TopicId }) => expect(await call("DescribeIndex", { TopicId })).toMatchObject({ Status: false, Rule: fullText }),
    },
    refusals: {
      "LimitExceeded.IndexKeyOverLimit": async (world) => ({ TopicId: await world.indexedTopic(), Rule: tooManyKeys }),
      "ResourceNotFound.IndexNotExist": async (world) => ({ TopicId: (await world.topic()).TopicId, Status: false }),
      "ResourceNotFound.TopicNotExist": () => noTopic,
    },
  },
  DeleteIndex: {
    success: {
      ask: async (world) => ({ TopicId: await world.indexedTopic() }),
      async then(_answer, { call }, { TopicId }) {
        const { Topics } = await call("DescribeTopics", { Filters: [{ Key: "topicId", Values: [TopicId] }] });
        expect(Topics[0]!.Index).toBe(false);
      },
    },
    refusals: {
      "ResourceNotFound.IndexNotExist": async (world) => ({ TopicId: (await world.topic()).TopicId }),
      "ResourceNotFound.TopicNotExist": () => noTopic,
    },
  },
  SearchLog: {
    success: {
      ask: async (world) => ({ ...now, TopicId: await world.indexedTopic(), QueryString: "*", QuerySyntax: 1 }),
      then: (answer) => expect(answer).toMatchObject({ ListOver: true, Analysis: false, Results: [] }),
    },
    refusals: {
      "FailedOperation.InvalidContext": async (world) => ({ ...now, TopicId: await world.indexedTopic(), Context: "stale" }),
      "FailedOperation.QueryError": async (world) => ({ ...now, TopicId: await world.indexedTopic(), QueryString: "* | select sum(__SOURCE__)" }),
      "FailedOperation.SyntaxError": async (world) => ({ ...now, TopicId: await world.indexedTopic(), QueryString: "(a" }),
      InvalidParameter: async (world) => ({ From: 1, To: 1, TopicId: await world.indexedTopic() }),
      MissingParameter: () => now,
      "ResourceNotFound.IndexNotExist": async (world) => ({ ...now, TopicId: (await world.topic()).TopicId }),
      "ResourceNotFound.TopicNotExist": () => ({ ...now, ...noTopic }),
    },
  },
  DescribeLogContext: {
    success: {
      async ask(world) {
        const { TopicId, Time, PkgId, PkgLogId } = await aLog(world);
        return { TopicId, BTime: beijing(Time), PkgId, PkgLogId: Number(PkgLogId) };
      },
      then(answer, _world, { PkgLogId }) {
        expect(answer).toMatchObject({ PrevOver: true, NextOver: true });
        expect(answer.LogContextInfos.at(-1)).toMatchObject({ PkgLogId });
      },
    },
    refusals: {
      "FailedOperation.SyntaxError": async (world) => {
        const { TopicId, Time, PkgId, PkgLogId } = await aLog(world);
        return { TopicId, BTime: beijing(Time), PkgId, PkgLogId: Number(PkgLogId), Query: "(a" };
      },
      InvalidParameter: async (world) => ({ TopicId: await world.indexedTopic(), BTime: "yesterday", PkgId: "A", PkgLogId: 1 }),
      "ResourceNotFound.IndexNotExist": async (world) => ({ TopicId: (await world.topic()).TopicId, BTime: beijing(0), PkgId: "A", PkgLogId: 1 }),
      "ResourceNotFound.TopicNotExist": () => ({ ...noTopic, BTime: beijing(0), PkgId: "A", PkgLogId: 1 }),
    },
  },
  DescribeLogHistogram: {
    success: {
      ask: async (world) => ({ From: 1000, To: 3000, Interval: 1000, Query: "*", TopicId: await world.indexedTopic() }),
      then(answer) {
        const HistogramInfos = [{ Count: 0, BTime: 1000 }, { Count: 0, BTime: 2000 }];
        expect(answer).toEqual({ Interval: 1000, TotalCount: 0, HistogramInfos });
      },
    },
    refusals: {
      "FailedOperation.SyntaxError": async (world) => ({ ...now, Query: "(a", TopicId: await world.indexedTopic() }),
      InvalidParameter: async (world) => ({ From: 0, To: 201, Interval: 1, Query: tooLong(3), TopicId: await world.indexedTopic() }),
      "ResourceNotFound.IndexNotExist": async (world) => ({ ...now, Query: "*", TopicId: (await world.topic()).TopicId }),
      "ResourceNotFound.TopicNotExist": () => ({ ...now, ...noTopic, Query: "*" }),
    },
  },
};
