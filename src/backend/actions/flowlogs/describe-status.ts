import { watches } from "../../flow/flow-log.ts";
import type { Handler } from "../action.ts";
import { shownClock } from "./describe-clock.ts";
import { shownCounts } from "./push-packets.ts";

/** Everything the backend holds, at a glance. */
export const describeStatus: Handler<"DescribeStatus"> = async (rooms) => {
  const { network, logs, packets, setting } = rooms;
  return {
    Version: setting.version,
    Clock: shownClock(rooms),
    DataFolder: setting.dataFolder,
    Store: logs.store.place,
    Resources: {
      Vpc: network.vpcs.size,
      Subnet: network.subnets.size,
      NetworkInterface: network.enis.size,
      SecurityGroup: network.securityGroups.size,
      NetworkAcl: network.networkAcls.size,
      Logset: logs.logsets.size,
      Topic: logs.topics.size,
      Index: logs.indexes.size,
      FlowLog: rooms.flowLogs.size,
    },
    FlowLogs: [...rooms.flowLogs.values()].map((flowLog) => ({
      FlowLogId: flowLog.id,
      FlowLogName: flowLog.name,
      ResourceId: flowLog.resourceId,
      TrafficType: flowLog.trafficType,
      CloudLogId: flowLog.topicId,
      Enable: flowLog.enabled,
      NetworkInterfaces: [...network.enis.values()].filter((eni) => watches(flowLog, eni)).length,
    })),
    Topics: await Promise.all(
      [...logs.topics.values()].map(async ({ id, name }) => {
        const usage = await logs.usage(id);
        return {
          TopicId: id,
          TopicName: name,
          LogStreams: await logs.countStreams(id),
          Records: usage.logs,
          PendingRecords: await packets.pendingRecords(id),
          IngestedBytes: usage.ingestedBytes,
          StoredBytes: usage.storedBytes,
        };
      }),
    ),
    Traffic: shownCounts(packets.total),
    DroppedRecords: logs.droppedLogs,
  };
};
