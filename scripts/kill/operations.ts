/** What the store is given while it is killed: numbered writes whose contents their number decides. */
import type { IndexRule, Log, LogStore } from "../../src/backend/logs/log-store.ts";
import { noReason, type RecordBatch } from "../../src/backend/record-batch.ts";
import { Chance } from "../oracle/chance.ts";
import { beginSeconds, randomBatch } from "../oracle/random-logs.ts";

/** Topics that are written to. */
export const killTopics = ["one", "two"] as const;

/** The index of both topics. */
export const killRule: IndexRule = {
  fullText: { caseSensitive: false, tokenizer: " " },
  keyValue: { caseSensitive: false, keys: [{ key: "packets", type: "long", tokenizer: "", sql: true }] },
  tag: undefined,
};

/** A write: records, which may come twice, or logs, which may not. */
export interface Operation {
  readonly number: number;
  readonly topicId: string;
  readonly kind: "records" | "logs";
  readonly count: number;
}

/** The write of that number. */
export function operation(number: number): Operation {
  const chance = new Chance(number + 1);
  return { number, topicId: chance.of(killTopics), kind: chance.percent(70) ? "records" : "logs", count: 1 + chance.below(60) };
}

/** Does a write; resolves when the store has acknowledged it. */
export function perform(store: LogStore, { number, topicId, kind, count }: Operation): Promise<void> {
  return kind === "records" ? store.writeRecords(topicId, killRule, batch(number, count)) : store.writeLogs(topicId, killRule, logs(number, count));
}

/** Records that carry their write's number as packets and their own as bytes. */
function batch(number: number, count: number): RecordBatch {
  const made = randomBatch(new Chance(number + 1_000_000), `operation ${number}`, count, true);
  return {
    ...made,
    family: made.family.map((family) => (family === 0 ? 4 : family)),
    status: made.status.fill(0),
    action: made.action.fill(1),
    packets: made.packets.fill(number),
    bytes: made.bytes.map((_, row) => row),
    reason: made.reason.fill(noReason),
  };
}

function logs(number: number, count: number): Log[] {
  return Array.from({ length: count }, (_, row) => ({
    timeMs: (beginSeconds + ((number * 7 + row * 60) % 14_400)) * 1000,
    stream: "app.log",
    source: "host-1",
    values: [
      ["packets", String(number)],
      ["bytes", String(row)],
    ],
    tags: [],
  }));
}
