import type { TopicStatus } from "../../../wire/flowlogs.ts";
import { watches } from "../../flow/flow-log.ts";
import type { Topic } from "../../logs/topic.ts";
import type { Rooms } from "../../rooms.ts";
import type { Handler } from "../action.ts";
import { shownClock } from "./describe-clock.ts";
import { shownCounts } from "./push-packets.ts";

/** Everything the backend holds, at a glance. */
export const describeStatus: Handler<"DescribeStatus"> = async (rooms) => {
  const { network, logs, packets, setting } = rooms;
  const Topics = await Promise.all([...logs.topics.values()].map((topic) => topicStatus(rooms, topic)));
  return {
    Version: setting.version,
    Clock: shownClock(rooms),
    DataFolder: setting.dataFolder,
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
    Topics,
    Billed: { IngestedBytes: sumOf(Topics, "IngestedBytes"), StoredBytes: sumOf(Topics, "StoredBytes") },
    Traffic: shownCounts(packets.total),
    DroppedRecords: logs.droppedLogs,
  };
};

async function topicStatus({ logs, packets }: Rooms, { id, name }: Topic): Promise<TopicStatus> {
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
}

function sumOf(topics: readonly TopicStatus[], bytes: "IngestedBytes" | "StoredBytes"): number {
  return topics.reduce((sum, topic) => sum + topic[bytes], 0);
}
