import type { TopicStatus } from "../../../wire/flowlogs.ts";
import { watches } from "../../flow/flow-log.ts";
import { StoreFailure } from "../../logs/log-store.ts";
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
    Topics,
    Billed: { IngestedBytes: sumOf(Topics, "IngestedBytes"), StoredBytes: sumOf(Topics, "StoredBytes") },
    Traffic: shownCounts(packets.total),
    DroppedRecords: logs.droppedLogs,
    Damage: await logs.damage(),
  };
};

async function topicStatus({ logs, packets }: Rooms, { id, name }: Topic): Promise<TopicStatus> {
  const held = { LogStreams: 0, Records: 0, IngestedBytes: 0, StoredBytes: 0 };
  try {
    const usage = await logs.usage(id);
    Object.assign(held, { LogStreams: await logs.countStreams(id), Records: usage.logs, IngestedBytes: usage.ingestedBytes, StoredBytes: usage.storedBytes });
  } catch (error) {
    // Logs that cannot be read are told of as damage.
    if (!(error instanceof StoreFailure)) throw error;
  }
  return { TopicId: id, TopicName: name, PendingRecords: await packets.pendingRecords(id), ...held };
}

function sumOf(topics: readonly TopicStatus[], bytes: "IngestedBytes" | "StoredBytes"): number {
  return topics.reduce((sum, topic) => sum + topic[bytes], 0);
}
