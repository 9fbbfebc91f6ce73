/**
 * Writes of a ClickHouse store, one after the other, so that a log's sequence tells whether a search may have seen it.
 *
 * A write is an insert of its rows, under a token that lets the server pass over it when it comes again, and then a note
 * of what has arrived, by which a batch that comes again years later is known too. The newest writer of a database is
 * its only one: an older one is refused with its next write.
 */
import { createHash } from "node:crypto";
import type { RecordBatch } from "../../record-batch.ts";
import { type Arrival, logArrivals, recordArrivals } from "../arrival.ts";
import { type IndexRule, type Log, StoreFailure } from "../log-store.ts";
import type { StoreAddress } from "./address.ts";
import { kinds, type Notes } from "./notes.ts";
import { type Block, logBlock, type LogsOfTopic, recordBlock } from "./blocks.ts";
import { writeRule } from "./opening.ts";
import type { SpreadTable } from "./schema.ts";
import { type Server, ServerSilence, type Settings } from "./server.ts";
import { sqlText } from "./sql.ts";

/** Sequences of one stretch. With 2^53 in all, half a million backends may start before they end. */
const sequencesOfClaim = 2 ** 34;

/** How often a write is sent whose answer never came. */
const maxAttempts = 3;

/** Most uploaded logs of one insert; a single upload may be larger. */
const maxLogsTogether = 100_000;

interface Write {
  readonly topicId: string;
  readonly rule: IndexRule | undefined;
  readonly rows: RecordBatch | readonly Log[];
  /** Empty for logs that no batch is told of. */
  readonly batchId: string;
  readonly settle: (error?: unknown) => void;
}

/** The queue of writes. */
export class Writes {
  private readonly address: StoreAddress;
  private readonly server: Server;
  private readonly notes: Notes;
  private readonly tables: Readonly<Record<SpreadTable, string>>;
  private readonly writer: string;
  private readonly waiting: Write[] = [];
  private readonly errands: { work: () => Promise<void>; resolve: () => void; reject: (error: unknown) => void }[] = [];
  private isWorking = false;
  private claim: number | undefined;
  private nextSequence = 1;
  private working: Promise<void> = Promise.resolve();
  /** The last sequence that is kept, and before which nothing will come any more. */
  lastSequence = 0;

  constructor(address: StoreAddress, server: Server, notes: Notes, tables: Readonly<Record<SpreadTable, string>>, writer: string) {
    this.address = address;
    this.server = server;
    this.notes = notes;
    this.tables = tables;
    this.writer = writer;
  }

  /** Looks how far sequences have been handed out. */
  async load(): Promise<void> {
    this.lastSequence = (await this.newestClaim()) * sequencesOfClaim;
  }

  private async newestClaim(): Promise<number> {
    const { rows } = await this.server.read(`SELECT max(number) FROM ${this.address.database}.claim`);
    return Number(rows[0]![0]);
  }

  /** Resolves when the write is kept. */
  put(topicId: string, rule: IndexRule | undefined, rows: RecordBatch | readonly Log[], batchId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
      this.waiting.push({ topicId, rule, rows, batchId, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      if (!this.isWorking) this.working = this.work();
    });
  }

  /** Lets what was asked for come to its end. */
  finish(): Promise<void> {
    return this.working;
  }

  /** Does something else between two writes. */
  between(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.errands.push({ work, resolve, reject });
      if (!this.isWorking) this.working = this.work();
    });
  }

  private async work(): Promise<void> {
    this.isWorking = true;
    while (this.waiting.length + this.errands.length > 0) {
      for (const { work, resolve, reject } of this.errands.splice(0)) await work().then(resolve, reject);
      if (this.waiting.length === 0) continue;
      const group = this.takeWaiting();
      try {
        await this.carryOut(group);
        for (const { settle } of group) settle();
      } catch (error) {
        for (const { settle } of group) settle(error);
      }
    }
    this.isWorking = false;
  }

  /** A batch of records, or all uploads that have come together. */
  private takeWaiting(): Write[] {
    let logs = 0;
    const others = this.waiting.findIndex(({ rows, batchId }) => isBatch(rows) || batchId !== "" || (logs += rows.length) > maxLogsTogether);
    return this.waiting.splice(0, others === -1 ? this.waiting.length : Math.max(1, others));
  }

  private async carryOut(group: readonly Write[]): Promise<void> {
    const [{ topicId, rule, rows, batchId }] = group as [Write];
    if (await this.isKnown(topicId, batchId)) return;
    if (this.claim === undefined || this.nextSequence > (this.claim + 1) * sequencesOfClaim) await this.makeClaim();
    if (isBatch(rows)) {
      const shared = { topicId, firstSequence: this.nextSequence, rule: await this.ruleId(topicId, rule) };
      await this.insert("record", `record ${topicId} ${this.notes.timesDeleted(topicId)} ${batchId}`, recordBlock(rows, shared), rows.count, [{ topicId, arrivals: recordArrivals(rows), batchId }]);
      return;
    }
    const groups: LogsOfTopic[] = [];
    let next = this.nextSequence;
    for (const each of group) {
      const logs = each.rows as readonly Log[];
      groups.push({ topicId: each.topicId, firstSequence: next, rule: await this.ruleId(each.topicId, each.rule), logs });
      next += logs.length;
    }
    const notes = groups.map(({ topicId: id, logs }) => ({ topicId: id, arrivals: logArrivals(logs), batchId }));
    const token = batchId === "" ? `log ${this.nextSequence}` : `log ${topicId} ${this.notes.timesDeleted(topicId)} ${batchId}`;
    await this.insert("log", token, logBlock(groups), next - this.nextSequence, notes);
  }

  /** Whether a batch was kept before; throws where another writer has taken over. */
  private async isKnown(topicId: string, batchId: string): Promise<boolean> {
    const { database } = this.address;
    const known = batchId === "" ? "0" : `(SELECT count() FROM ${database}.arrival WHERE topic = ${sqlText(topicId)} AND batch = ${sqlText(batchId)})`;
    const { rows } = await this.server.read(`SELECT (SELECT max(number) FROM ${database}.claim), ${known}`);
    const [newest, count] = rows[0]!;
    if (this.claim !== undefined && Number(newest) !== this.claim + 1) throw new StoreFailure(`another backend writes to the log store ${this.address.shown} now: this one may not any more`);
    return Number(count) > 0;
  }

  /** Takes the next stretch of sequences for this writer alone. Of two that take the same one, both take another. */
  private async makeClaim(): Promise<void> {
    const { database } = this.address;
    for (;;) {
      const number = (await this.newestClaim()) + 1;
      await this.surely(`claim ${number} ${this.writer}`, (settings) => this.server.run(`INSERT INTO ${database}.claim VALUES (${number}, ${sqlText(this.writer)})`, settings));
      const { rows } = await this.server.read(`SELECT count() FROM ${database}.claim WHERE number = ${number}`);
      if (Number(rows[0]![0]) > 1) continue;
      this.claim = number - 1;
      this.nextSequence = this.claim * sequencesOfClaim + 1;
      return;
    }
  }

  private async ruleId(topicId: string, rule: IndexRule | undefined): Promise<string> {
    if (rule === undefined) return "";
    const body = writeRule(rule);
    const id = createHash("sha256").update(body).digest("hex").slice(0, 16);
    if (!this.notes.rules(topicId).has(id)) {
      const sql = `INSERT INTO ${this.address.database}.rule VALUES (${[topicId, id, body].map(sqlText).join(", ")})`;
      await this.surely(`rule ${topicId} ${this.notes.timesDeleted(topicId)} ${id}`, (settings) => this.server.run(sql, settings));
      this.notes.addRule(topicId, id, rule);
    }
    return id;
  }

  private async insert(table: SpreadTable, token: string, block: Block, count: number, notes: readonly Note[]): Promise<void> {
    const firstSequence = this.nextSequence;
    // Whatever becomes of it: sequences are given once.
    this.nextSequence += count;
    await this.surely(token, (settings) => this.server.insert(this.tables[table], block.columns, block.parts, settings));
    const kind = kinds.indexOf(table);
    const values = notes.flatMap(({ topicId, arrivals, batchId }) =>
      arrivals.map(({ hour, logs, textBytes, ipv6Logs }) => `(${[sqlText(topicId), sqlText(batchId), kind, hour, firstSequence, firstSequence + count, logs, textBytes, ipv6Logs].join(", ")})`),
    );
    await this.surely(`arrival ${token}`, (settings) => this.server.run(`INSERT INTO ${this.address.database}.arrival VALUES ${values.join(", ")}`, settings));
    for (const { topicId, arrivals } of notes) this.notes.arrive(topicId, table, arrivals);
    this.lastSequence = firstSequence + count - 1;
  }

  /** Sends an insert until its answer is known; the token makes that it is carried out once. */
  private async surely(token: string, send: (settings: Settings) => Promise<void>): Promise<void> {
    const settings: Settings = {
      ...{ insert_deduplicate: 1, insert_deduplication_token: token, distributed_foreground_insert: 1, async_insert: 0 },
      ...{ max_partitions_per_insert_block: 0, max_query_size: 100_000_000 },
    };
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(settings);
      } catch (error) {
        if (!(error instanceof ServerSilence) || attempt === maxAttempts) throw error;
      }
    }
  }
}

interface Note {
  readonly topicId: string;
  readonly arrivals: readonly Arrival[];
  readonly batchId: string;
}

function isBatch(rows: RecordBatch | readonly Log[]): rows is RecordBatch {
  return "id" in rows;
}
