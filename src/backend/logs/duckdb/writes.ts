/** Writes of the embedded store: those that wait for their turn go into one transaction together. */
import type { Arrival } from "../arrival.ts";
import type { IndexRule } from "../log-store.ts";
import type { Catalogues } from "./catalogue.ts";
import type { Dictionaries } from "./dictionaries.ts";
import type { Engine, Run, Writer } from "./engine.ts";
import type { Shared } from "./records.ts";
import type { Kind } from "./schema.ts";
import { sqlText } from "./sql.ts";

/** What one write adds, and how its rows are appended. */
export interface Write {
  readonly topicId: string;
  readonly rule: IndexRule | undefined;
  readonly kind: Kind;
  readonly count: number;
  readonly arrivals: readonly Arrival[];
  readonly batchId: string | undefined;
  readonly append: (writer: Writer, shared: Shared) => Promise<void>;
}

/** Most logs of one transaction; a single write may be larger. */
const maxLogsTogether = 200_000;

/** Behind every hour that a log can be of. */
const lastHourOfAll = 0xffff_ffff;

interface Waiting {
  readonly write: Write;
  readonly settle: (error?: unknown) => void;
}

/** A write that is in the transaction. */
interface Taken {
  readonly write: Write;
  readonly topic: number;
  readonly rule: number;
}

/** The queue of writes. */
export class Writes {
  private readonly engine: Engine;
  private readonly dictionaries: Dictionaries;
  private readonly catalogues: Catalogues;
  private waiting: Waiting[] = [];
  private isWorking = false;

  constructor(engine: Engine, dictionaries: Dictionaries, catalogues: Catalogues) {
    this.engine = engine;
    this.dictionaries = dictionaries;
    this.catalogues = catalogues;
  }

  /** Resolves when the write is on disk; rejects when nothing of it is. */
  put(write: Write): Promise<void> {
    return new Promise((resolve, reject) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
      this.waiting.push({ write, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      if (this.isWorking) return;
      this.isWorking = true;
      // After what else comes in this turn, so that it goes into the same transaction.
      queueMicrotask(() => void this.work());
    });
  }

  /** Makes batches count as kept, for as long as their topic is there. */
  async noteBatches(topicId: string, ids: readonly string[]): Promise<void> {
    const { dictionaries, catalogues } = this;
    if (ids.length === 0) return;
    await this.engine.write(
      async (writer) => {
        const topic = dictionaries.topics.idOf(topicId);
        await dictionaries.save(writer.run);
        await writer.run(`INSERT INTO batch VALUES ${ids.map((id) => `(${topic}, ${sqlText(id)}, ${lastHourOfAll})`).join(", ")}`);
        return topic;
      },
      {
        committed: (topic) => {
          dictionaries.keep();
          for (const id of ids) catalogues.rememberBatch(topic, id);
        },
        failed: () => dictionaries.forget(),
      },
    );
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) await this.together(this.takeWaiting());
    this.isWorking = false;
  }

  private takeWaiting(): Waiting[] {
    let logs = 0;
    const fits = this.waiting.findIndex(({ write }) => (logs += write.count) > maxLogsTogether);
    return this.waiting.splice(0, fits === -1 ? this.waiting.length : Math.max(1, fits));
  }

  /** One transaction for all; if it fails each is tried alone, so that none fails for another's sake. */
  private async together(group: readonly Waiting[]): Promise<void> {
    try {
      await this.commit(group.map(({ write }) => write));
      for (const { settle } of group) settle();
    } catch (error) {
      if (group.length === 1) group[0]!.settle(error);
      else for (const each of group) await this.together([each]);
    }
  }

  private async commit(writes: readonly Write[]): Promise<void> {
    const { dictionaries, catalogues } = this;
    await this.engine.write(
      async (writer) => {
        const taken: Taken[] = [];
        let sequence = catalogues.nextSequence;
        const notes: string[] = [];
        for (const write of writes) {
          const topic = dictionaries.topics.idOf(write.topicId);
          if (isKnown(write, topic, catalogues, taken)) continue;
          const rule = write.rule === undefined ? 0 : dictionaries.rules.idOf(write.rule);
          await write.append(writer, { topic, firstSequence: sequence, rule });
          notes.push(...notesOf(write, topic, rule, sequence));
          sequence += write.count;
          taken.push({ write, topic, rule });
        }
        await dictionaries.save(writer.run);
        if (notes.length > 0) await noteArrivals(writer.run, notes);
        return { taken, sequence };
      },
      {
        committed: ({ taken, sequence }) => {
          dictionaries.keep();
          catalogues.nextSequence = sequence;
          for (const { write, topic, rule } of taken) {
            catalogues.arrive(topic, write.kind, write.arrivals, [rule]);
            if (write.batchId !== undefined) catalogues.rememberBatch(topic, write.batchId);
          }
        },
        failed: () => dictionaries.forget(),
      },
    );
  }
}

function isKnown({ batchId }: Write, topic: number, catalogues: Catalogues, taken: readonly Taken[]): boolean {
  if (batchId === undefined) return false;
  return catalogues.hasBatch(topic, batchId) || taken.some((each) => each.topic === topic && each.write.batchId === batchId);
}

/** What is noted of a write, in the transaction that adds it. */
function notesOf(write: Write, topic: number, rule: number, sequence: number): string[] {
  const batch = write.batchId === undefined ? "NULL" : sqlText(write.batchId);
  return write.arrivals.map(
    ({ hour, logs, textBytes, ipv6Logs }) =>
      `(${[topic, write.kind, hour, sequence, sequence + write.count, batch, logs, textBytes, ipv6Logs, `[${rule}]`].join(", ")})`,
  );
}

async function noteArrivals(run: Run, notes: readonly string[]): Promise<void> {
  await run(`INSERT INTO arrival VALUES ${notes.join(", ")}`);
}
