/**
 * Copies a topic's logs from one store to another: portion by portion, each under an id of its own, so that a copy that
 * was interrupted goes on where it was and one that is repeated adds nothing.
 */
import { rebuiltBatch } from "./rebuilt-batch.ts";
import { type IndexRule, type KeptLog, type Log, type LogStore, StoreFailure } from "./log-store.ts";

/** Logs of one kind, account and index rule; the same ones under the same id whenever nothing was written in between. */
export interface Portion {
  readonly id: string;
  readonly isRecords: boolean;
  readonly rule: IndexRule | undefined;
  readonly logs: readonly KeptLog[];
}

/** A log as it is kept, and the index rule that governs it. */
export interface Governed {
  readonly rule: IndexRule | undefined;
  readonly log: KeptLog;
}

/** A store that logs can be copied from and to. */
export interface CopiedStore extends LogStore {
  /** Everything that is kept of a topic, hour by hour, in the order in which it was kept. */
  portions(topicId: string, size: number): AsyncIterable<Portion>;
  writeLogs(topicId: string, rule: IndexRule | undefined, logs: readonly Log[], batchId?: string): Promise<void>;
  /** The batches that a topic has kept. */
  batchIds(topicId: string): Promise<readonly string[]>;
  /** From now on these batches count as kept. */
  noteBatches(topicId: string, ids: readonly string[]): Promise<void>;
}

/** Logs of one portion at most. */
const portionLogs = 50_000;

/** The batch that says of a topic that its logs came from another store; the ids of portions begin with it. */
const mark = "copy";

/** Copies a topic; `told` hears how many logs have been gone through. Throws where the counts differ in the end. */
export async function copyTopic(from: CopiedStore, to: CopiedStore, topicId: string, told: (logs: number) => void): Promise<number> {
  const [source, before] = [await from.usage(topicId), await to.usage(topicId)];
  const known = new Set(await to.batchIds(topicId));
  if (before.logs > 0 && !known.has(mark)) {
    throw new StoreFailure(`${to.place} already holds ${before.logs} logs of the topic ${topicId}, which were not copied there: move them away first`);
  }
  if (!known.has(mark)) await to.noteBatches(topicId, [mark]);
  let gone = 0;
  for await (const { id, isRecords, rule, logs } of from.portions(topicId, portionLogs)) {
    const batchId = `${mark} ${id}`;
    if (!known.has(batchId)) {
      if (isRecords) await to.writeRecords(topicId, rule, rebuiltBatch(batchId, logs));
      else await to.writeLogs(topicId, rule, logs, batchId);
    }
    told((gone += logs.length));
  }
  // A publication that comes again after the move is known by its own id.
  const published = (await from.batchIds(topicId)).filter((id) => id !== mark && !id.startsWith(`${mark} `));
  await to.noteBatches(topicId, published.filter((id) => !known.has(id)));
  const after = await to.usage(topicId);
  if (after.logs === source.logs && gone === source.logs) return gone;
  throw new StoreFailure(
    `the topic ${topicId} has ${source.logs} logs in ${from.place}, of which ${gone} could be read, and ${after.logs} in ${to.place}: one of them was written to between two copies, or is damaged`,
  );
}

/** Cuts logs into portions where their rule or account changes. */
export function* cut(governed: readonly Governed[], isRecords: boolean, place: string): Generator<Portion> {
  for (let first = 0; first < governed.length; ) {
    const { rule, log } = governed[first]!;
    const account = (each: KeptLog) => (isRecords ? each.values[1]![1] : "");
    let end = first + 1;
    while (end < governed.length && governed[end]!.rule === rule && account(governed[end]!.log) === account(log)) end++;
    yield { id: `${place} ${log.sequence}`, isRecords, rule, logs: governed.slice(first, end).map((each) => each.log) };
    first = end;
  }
}
