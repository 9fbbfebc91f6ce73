/** A published record as a log of a topic: its line, its 14 values, and what travels beside them as tags. */
import type { PublishedRecord } from "./flow/aggregate.ts";
import { formatRecord, recordFieldNames, recordValues } from "./flow/record.ts";
import type { Log } from "./logs/record-store.ts";
import type { Action, Reason } from "./vpc/reason.ts";

/** The log that a topic keeps of a record. Its time is the record's start; its stream is the ENI's. */
export function recordLog(published: PublishedRecord): Log {
  const { record, eni, direction, reason, skippedPackets, skippedBytes } = published;
  const values = recordValues(record);
  const tags: [string, string][] = [
    ["vpc-id", eni.vpcId],
    ["subnet-id", eni.subnetId],
  ];
  if (direction !== undefined) tags.push(["direction", direction]);
  if (reason !== undefined) tags.push(...reasonTags(reason));
  if (skippedPackets > 0) {
    tags.push(["skipped-packets", String(skippedPackets)], ["skipped-bytes", String(skippedBytes)]);
  }
  return {
    timeMs: record.start * 1000,
    stream: eni.id,
    text: formatRecord(record),
    values: recordFieldNames.map((name, index) => [name, values[index]!]),
    tags,
  };
}

function reasonTags(reason: Reason): [string, string][] {
  return [
    ["decided-by", reason.layer],
    ["decided-in", reason.direction],
    ["decided-id", reason.id],
    ["decided-rule", String(reason.ruleIndex)],
    ["decided-because", reason.because],
  ];
}

/** The reason that travelled beside a record of that action; undefined where none did. */
export function reasonFromTags(tags: ReadonlyMap<string, string>, action: Action): Reason | undefined {
  const layer = tags.get("decided-by") as Reason["layer"] | undefined;
  const direction = tags.get("decided-in") as Reason["direction"] | undefined;
  const because = tags.get("decided-because") as Reason["because"] | undefined;
  if (layer === undefined || direction === undefined || because === undefined) return undefined;
  const ruleIndex = Number(tags.get("decided-rule"));
  return { layer, direction, action, id: tags.get("decided-id") ?? "", ruleIndex, because };
}
