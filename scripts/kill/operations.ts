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

/** Records, which may come twice; logs, which may not; hours that have outlived their retention; the end of a topic. */
export interface Operation {
  readonly number: number;
  readonly topicId: string;
  readonly kind: "records" | "logs" | "expire" | "delete";
  /** Logs that are written. */
  readonly count: number;
  /** What lies before this moment expires. */
  readonly keptFromMs: number;
}

/** When all hours are over. */
export const laterMs = (beginSeconds + 86_400) * 1000;

/** The operation of that number. */
export function operation(number: number): Operation {
  const chance = new Chance(number + 1);
  const topicId = chance.of(killTopics);
  const kind = chance.weighted([[60, "records"], [27, "logs"], [8, "expire"], [5, "delete"]] as const);
  const count = kind === "records" || kind === "logs" ? 1 + chance.below(60) : 0;
  return { number, topicId, kind, count, keptFromMs: (beginSeconds + 3600 * (1 + chance.below(3))) * 1000 };
}

/** Does an operation; resolves when the store has acknowledged it. */
export async function perform(store: LogStore, { number, topicId, kind, count, keptFromMs }: Operation): Promise<void> {
  if (kind === "records") await store.writeRecords(topicId, killRule, batch(number, count));
  else if (kind === "logs") await store.writeLogs(topicId, killRule, logs(number, count));
  else if (kind === "delete") await store.deleteTopic(topicId);
  else await store.tend(laterMs, new Map([[topicId, keptFromMs]]));
}

/** The moments of the logs that an operation writes. */
function momentsOf({ number, kind, count }: Operation): number[] {
  if (kind === "records") return [...batch(number, count).start].map((second) => second * 1000);
  return kind === "logs" ? logs(number, count).map(({ timeMs }) => timeMs) : [];
}

/** The logs that are there when the operations from one to another are done: by the number of each write, its rows. */
export function expectedAfter(first: number, last: number): Map<number, readonly number[]> {
  const expected = new Map<number, readonly number[]>();
  const moments = new Map<number, readonly number[]>();
  for (let number = first; number <= last; number++) {
    const done = operation(number);
    if (done.count > 0) {
      moments.set(number, momentsOf(done));
      expected.set(number, Array.from({ length: done.count }, (_, row) => row));
      continue;
    }
    for (const [written, rows] of expected) {
      if (operation(written).topicId !== done.topicId) continue;
      // Hours go whole, and begin with the moment that retention is counted from here.
      const left = done.kind === "delete" ? [] : rows.filter((row) => moments.get(written)![row]! >= done.keptFromMs);
      expected.set(written, left);
    }
  }
  return expected;
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
