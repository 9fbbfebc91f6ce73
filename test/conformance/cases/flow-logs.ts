/** Flow logs. */
import { expect } from "vitest";
import { type Cases, many, nowhere, tagRefusals, tooLong, type World } from "../world.ts";

const right = {
  FlowLogName: "f",
  VpcId: nowhere.vpc,
  ResourceType: "VPC",
  ResourceId: nowhere.vpc,
  TrafficType: "ALL",
  CloudLogId: nowhere.uuid,
} as const;

const request = (world: World) => world.flowLogRequest();

const switchRefusals = {
  "InvalidParameterValue.LimitExceeded": () => ({ FlowLogIds: many(101, () => nowhere.fl) }),
  "InvalidParameterValue.Malformed": () => ({ FlowLogIds: ["f"] }),
  ResourceNotFound: async (world: World) => ({ FlowLogIds: [(await world.flowLog()).FlowLogId, nowhere.fl] }),
} as const;

const isEnabled = async ({ call }: Pick<World, "call">, FlowLogId: string) => (await call("DescribeFlowLogs", { FlowLogId })).FlowLog[0]!.Enable;

export const flowLogCases: Cases = {
  CreateFlowLog: {
    success: {
      async ask(world) {
        const { SubnetId: ResourceId, VpcId } = await world.subnet();
        return { ...(await request(world)), VpcId, ResourceType: "SUBNET", ResourceId, TrafficType: "REJECT", FlowLogDescription: "told", StorageType: "cls" };
      },
      async then({ FlowLog }, { call }, asked) {
        expect(FlowLog[0]).toMatchObject({ ...asked, CloudLogState: "SUCCESS", Enable: true, CloudLogRegion: "ap-guangzhou", Period: null });
        expect((await call("DescribeFlowLogs", { FlowLogId: FlowLog[0]!.FlowLogId })).FlowLog).toEqual(FlowLog);
      },
    },
    refusals: {
      ...tagRefusals(request),
      "InvalidParameterValue.Empty": () => ({ ...right, FlowLogName: "" }),
      "InvalidParameterValue.Malformed": async (world) => ({ ...(await request(world)), VpcId: await world.vpc() }),
      "InvalidParameterValue.Range": () => ({ ...right, TrafficType: "SOME" }),
      MissingParameter: () => ({ FlowLogName: "f", VpcId: nowhere.vpc }),
      ResourceNotFound: async (world) => ({ ...(await request(world)), CloudLogId: nowhere.uuid }),
      async "UnsupportedOperation.FlowLogInstanceExisted"(world) {
        const first = await request(world);
        await world.call("CreateFlowLog", first);
        return { ...first, FlowLogName: "second" };
      },
      UnsupportedOperation: () => ({ ...right, ResourceType: "CCN", ResourceId: "ccn-1a2b3c4d" }),
    },
  },
  DescribeFlowLog: {
    success: {
      ask: (world) => world.flowLog(),
      then: ({ FlowLog }, _world, { FlowLogId, VpcId }) => expect(FlowLog).toMatchObject([{ FlowLogId, VpcId }]),
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ FlowLogId: "f", VpcId: nowhere.vpc }),
      ResourceNotFound: async (world) => ({ ...(await world.flowLog()), VpcId: nowhere.vpc }),
    },
  },
  DescribeFlowLogs: {
    success: {
      async ask(world) {
        const { FlowLogId, VpcId } = await world.flowLog();
        await world.flowLog();
        const { FlowLogId: _id, FlowLogDescription: _words, CreatedTime: _time, TagSet: _tags, Enable: _on, StorageType: _kind, ...fields } = (
          await world.call("DescribeFlowLog", { FlowLogId, VpcId })
        ).FlowLog[0]!;
        const { FlowLogStorage: _storage, Period: _period, ...asked } = fields;
        return { ...asked, OrderField: "createTime", OrderDirection: "ASC", Limit: 100 } as never;
      },
      then: ({ FlowLog, TotalNum }, _world, { ResourceId }) => {
        expect(TotalNum).toBe(1);
        expect(FlowLog).toMatchObject([{ ResourceId }]);
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ FlowLogId: "f" }),
      "InvalidParameterValue.Range": () => ({ Limit: 101 }),
      "InvalidParameterValue.TooLong": () => ({ FlowLogName: tooLong(60) }),
      InvalidParameterValue: () => ({ FlowLogId: nowhere.fl, Filters: [{ Name: "tag-key", Values: ["a"] }] }),
    },
  },
  ModifyFlowLogAttribute: {
    success: {
      ask: async (world) => ({ ...(await world.flowLog()), FlowLogName: "other", FlowLogDescription: "told" }),
      async then(_answer, { call }, { FlowLogId, VpcId }) {
        const { FlowLog } = await call("DescribeFlowLog", { FlowLogId, VpcId });
        expect(FlowLog[0]).toMatchObject({ FlowLogName: "other", FlowLogDescription: "told" });
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ FlowLogId: nowhere.fl, VpcId: "v" }),
      "InvalidParameterValue.Range": () => ({ FlowLogId: nowhere.fl, VpcId: nowhere.vpc, FlowLogName: tooLong(60) }),
      ResourceNotFound: () => ({ FlowLogId: nowhere.fl, VpcId: nowhere.vpc }),
      UnsupportedOperation: () => ({ FlowLogId: nowhere.fl, VpcId: nowhere.vpc, Period: 60 }),
    },
  },
  DeleteFlowLog: {
    success: {
      ask: (world) => world.flowLog(),
      then: async (_answer, { call }, { FlowLogId }) => expect((await call("DescribeFlowLogs", { FlowLogId })).TotalNum).toBe(0),
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ FlowLogId: "f", VpcId: nowhere.vpc }),
      ResourceNotFound: () => ({ FlowLogId: nowhere.fl, VpcId: nowhere.vpc }),
    },
  },
  EnableFlowLogs: {
    success: {
      async ask(world) {
        const FlowLogIds = [(await world.flowLog()).FlowLogId];
        await world.call("DisableFlowLogs", { FlowLogIds });
        return { FlowLogIds };
      },
      then: async (_answer, world, { FlowLogIds }) => expect(await isEnabled(world, FlowLogIds[0]!)).toBe(true),
    },
    refusals: switchRefusals,
  },
  DisableFlowLogs: {
    success: {
      ask: async (world) => ({ FlowLogIds: [(await world.flowLog()).FlowLogId] }),
      then: async (_answer, world, { FlowLogIds }) => expect(await isEnabled(world, FlowLogIds[0]!)).toBe(false),
    },
    refusals: switchRefusals,
  },
};
