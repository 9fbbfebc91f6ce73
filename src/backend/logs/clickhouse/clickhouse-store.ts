/**
 * The log store on ClickHouse: for more logs than one machine holds. Same questions, same answers as the embedded one.
 *
 * A write is acknowledged when the server (every shard that it touches) has it on disk; a batch that comes again is kept
 * once. Reads go to the first server, which asks the shards; one that is missing fails the read, never thins it out.
 * One process writes to a database at a time, the newest one: it hands out the sequences.
 */
import type { RecordBatch } from "../../record-batch.ts";
import { hourMs } from "../arrival.ts";
import type { Analysis, Arrivals, Condition, Counts, Damage, Found, IndexRule, KeptLog, Log, Search, Usage } from "../log-store.ts";
import { StoreFailure } from "../log-store.ts";
import type { CopiedStore, Portion } from "../copying.ts";
import type { Select } from "../sql/ast.ts";
import { readUpload, type Upload } from "../upload/upload.ts";
import type { StoreAddress } from "./address.ts";
import { analyse } from "./analysis.ts";
import { kinds, Notes } from "./notes.ts";
import { checkOwner, type Layout, lookAt, makeTables, readNotes } from "./opening.ts";
import { arrivedLogs, keysOf } from "./arrived.ts";
import { portionsOf } from "./portions.ts";
import { countLogs, firstLogs, type Ground, recordsAt } from "./reading.ts";
import type { SpreadTable } from "./schema.ts";
import { Server } from "./server.ts";
import { sqlText } from "./sql.ts";
import { Writes } from "./writes.ts";

/** Whose logs a store holds, and who writes to it. */
export interface ClickhouseStoreOptions {
  readonly address: StoreAddress;
  /** Names the control plane that the logs belong to, for as long as it lives. */
  readonly owner: string;
  /** Names this process among those that have written to the store. */
  readonly writer: string;
}

interface Opened {
  readonly layout: Layout;
  readonly ground: Ground;
  readonly writes: Writes;
}

/** All of time. */
const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const;

/** The log store on one ClickHouse server or a cluster of them. */
export class ClickhouseStore implements CopiedStore {
  readonly place: string;
  private readonly options: ClickhouseStoreOptions;
  private readonly servers: readonly Server[];
  private readonly notes = new Notes();
  private opening: Promise<Opened> | undefined;
  private isClosed = false;

  constructor(options: ClickhouseStoreOptions) {
    this.options = options;
    this.place = options.address.shown;
    this.servers = options.address.hosts.map((host) => new Server(options.address, host));
  }

  /** Makes sure that the servers answer and have the tables. */
  async open(): Promise<void> {
    await this.opened();
  }

  private opened(): Promise<Opened> {
    if (this.isClosed) return Promise.reject(new StoreFailure("the log store is closed"));
    this.opening ??= this.openNow().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async openNow(): Promise<Opened> {
    const { address, owner, writer } = this.options;
    const server = this.servers[0]!;
    const layout = await lookAt(address, this.servers);
    await makeTables(address, layout);
    await checkOwner(address, server, owner);
    await readNotes(address, server, this.notes);
    const table = (name: SpreadTable) => `${address.database}.${name}${layout.isSpread ? "" : "_local"}`;
    const tables = { record: table("record"), log: table("log") };
    const writes = new Writes(address, server, this.notes, tables, writer);
    await writes.load();
    return { layout, ground: { server, notes: this.notes, tables }, writes };
  }

  async writeRecords(topicId: string, rule: IndexRule | undefined, batch: RecordBatch): Promise<void> {
    if (batch.count > 0) await (await this.opened()).writes.put(topicId, rule, batch, batch.id);
  }

  async writeLogs(topicId: string, rule: IndexRule | undefined, logs: readonly Log[], batchId = ""): Promise<void> {
    if (logs.length > 0) await (await this.opened()).writes.put(topicId, rule, logs, batchId);
  }

  async *portions(topicId: string, size: number): AsyncGenerator<Portion> {
    yield* portionsOf((await this.opened()).ground, topicId, size);
  }

  async batchIds(topicId: string): Promise<readonly string[]> {
    const { ground } = await this.opened();
    const { rows } = await ground.server.read(`SELECT DISTINCT batch FROM ${this.options.address.database}.arrival WHERE topic = ${sqlText(topicId)} AND batch <> ''`);
    return rows.map(([batch]) => String(batch));
  }

  async noteBatches(topicId: string, ids: readonly string[]): Promise<void> {
    const { writes } = await this.opened();
    const rows = ids.map((id) => `(${sqlText(topicId)}, ${sqlText(id)}, 0, 0, 0, 0, 0, 0, 0)`);
    const sql = `INSERT INTO ${this.options.address.database}.arrival VALUES ${rows.join(", ")}`;
    if (ids.length > 0) await writes.between(() => this.servers[0]!.run(sql, { max_query_size: 100_000_000 }));
  }

  async writeUpload(topicId: string, rule: IndexRule | undefined, upload: Upload): Promise<number> {
    const logs = readUpload(upload);
    await this.writeLogs(topicId, rule, logs);
    return logs.length;
  }

  async search(search: Search): Promise<Found> {
    const { ground, writes } = await this.opened();
    const offset = search.offset ?? 0;
    // A search looks at several stretches of time one after the other: none of them sees what came after the first.
    const upToSequence = search.upToSequence ?? writes.lastSequence;
    const logs = await firstLogs(ground, { ...search, upToSequence }, offset + search.limit + 1);
    return { logs: logs.slice(offset, offset + search.limit), isAll: logs.length <= offset + search.limit, upToSequence, damage: [] };
  }

  async arrivals({ afterSequence, limit, ...rest }: Arrivals): Promise<Found> {
    const { ground, writes } = await this.opened();
    const last = writes.lastSequence;
    if (limit === 0 || last <= afterSequence) return { logs: [], upToSequence: Math.max(last, afterSequence), isAll: last <= afterSequence, damage: [] };
    const logs = await arrivedLogs(ground, { ...rest, ...always, afterSequence, upToSequence: last }, limit + 1);
    if (logs.length <= limit) return { logs, isAll: true, upToSequence: last, damage: [] };
    return { logs: logs.slice(0, limit), isAll: false, upToSequence: logs[limit - 1]!.sequence, damage: [] };
  }

  async keys(condition: Condition, upToSequence: number): Promise<readonly string[]> {
    const { ground } = await this.opened();
    return keysOf(ground, { ...condition, upToSequence });
  }

  async count(condition: Condition, intervalMs: number): Promise<Counts> {
    const { ground } = await this.opened();
    return { byBegin: await countLogs(ground, condition, intervalMs), damage: [] };
  }

  async analyse(condition: Condition, select: Select, samplingRate: number): Promise<Analysis> {
    const { ground } = await this.opened();
    return { ...(await analyse(ground, condition, select, samplingRate)), damage: [] };
  }

  async findLine(stream: string, timeMs: number, text: string): Promise<KeptLog | undefined> {
    const { ground } = await this.opened();
    return (await recordsAt(ground, stream, Math.floor(timeMs / 1000))).find((log) => log.text === text);
  }

  async usage(topicId: string): Promise<Usage> {
    const { layout } = await this.opened();
    let segmentBytes = 0;
    for (const kind of kinds) {
      const all = this.notes.logsOf(kind);
      if (all === 0) continue;
      // Topics share files: each is told its share by the number of its logs.
      for (const server of layout.seats.keys()) {
        const sql = `SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = ${sqlText(this.options.address.database)} AND table = '${kind}_local'`;
        const { rows } = await server.read(sql);
        segmentBytes += Math.round((Number(rows[0]![0]) * this.notes.logsOf(kind, [topicId])) / all);
      }
    }
    return { ...this.notes.usage(topicId), segmentBytes };
  }

  async countStreams(topicId: string): Promise<number> {
    const { ground } = await this.opened();
    const { record, log } = ground.tables;
    const where = `WHERE topic = ${sqlText(topicId)}`;
    const streams = `SELECT DISTINCT toString(eni) AS stream FROM ${record} ${where} UNION ALL SELECT DISTINCT toString(stream) AS stream FROM ${log} ${where}`;
    const { rows } = await ground.server.read(`SELECT uniqExact(stream) FROM (${streams})`);
    return Number(rows[0]![0]);
  }

  /** ClickHouse tells of its damaged parts itself: reads that meet one fail by its name. */
  damage(): readonly Damage[] {
    return [];
  }

  async deleteTopic(topicId: string): Promise<void> {
    const { writes } = await this.opened();
    await writes.between(() => this.deleteNow(topicId));
  }

  private async deleteNow(topicId: string): Promise<void> {
    const { database } = this.options.address;
    const where = `topic = ${sqlText(topicId)}`;
    for (const kind of kinds) await this.everywhere(`DELETE FROM ${database}.${kind}_local WHERE ${where}`);
    await this.servers[0]!.run(`INSERT INTO ${database}.deletion VALUES (${sqlText(topicId)})`);
    for (const table of ["rule", "expiry", "arrival"]) await this.servers[0]!.run(`DELETE FROM ${database}.${table} WHERE ${where}`);
    this.notes.drop(topicId);
  }

  private async everywhere(statement: string): Promise<void> {
    for (const server of this.servers) await server.run(statement, { lightweight_deletes_sync: 2 });
  }

  async keepOnly(topicIds: ReadonlySet<string>): Promise<void> {
    await this.opened();
    for (const id of this.notes.topicIds()) if (!topicIds.has(id)) await this.deleteTopic(id);
  }

  async tend(nowMs: number, keptFrom: ReadonlyMap<string, number>): Promise<number | undefined> {
    const { writes } = await this.opened();
    const keptFromMs = (topicId: string) => keptFrom.get(topicId) ?? Number.NEGATIVE_INFINITY;
    await writes.between(() => this.expire(keptFromMs));
    const moments = this.notes.topicIds().flatMap((id) => this.notes.hours(id).map((hour) => (hour + 1) * hourMs + (nowMs - keptFromMs(id))));
    const next = moments.reduce((soonest, each) => Math.min(soonest, each), Number.POSITIVE_INFINITY);
    return Number.isFinite(next) ? next : undefined;
  }

  /** Removes the hours that have outlived their topic's retention: days that are over for all topics at once, others row by row. */
  private async expire(keptFromMs: (topicId: string) => number): Promise<void> {
    const { database } = this.options.address;
    const edges = this.notes.topicIds().flatMap((id) => {
      const edge = Math.floor(keptFromMs(id) / hourMs);
      return this.notes.hours(id).some((hour) => hour < edge) ? [{ id, edge }] : [];
    });
    if (edges.length === 0) return;
    const days = this.daysOver(new Map(edges.map(({ id, edge }) => [id, edge])));
    for (const day of days) for (const kind of kinds) await this.everywhere(`ALTER TABLE ${database}.${kind}_local DROP PARTITION ${day}`);
    const hour = { record: "intDiv(start_s, 3600)", log: `intDiv(time_ms, ${hourMs})` };
    for (const kind of kinds) {
      const rows = edges.map(({ id, edge }) => `(topic = ${sqlText(id)} AND ${hour[kind]} < ${edge})`);
      await this.everywhere(`DELETE FROM ${database}.${kind}_local WHERE ${rows.join(" OR ")}`);
    }
    await this.servers[0]!.run(`INSERT INTO ${database}.expiry VALUES ${edges.map(({ id, edge }) => `(${sqlText(id)}, ${edge})`).join(", ")}`);
    for (const { id, edge } of edges) this.notes.removeBefore(id, edge);
  }

  /** The days of which no topic keeps anything behind its edge. */
  private daysOver(edges: ReadonlyMap<string, number>): number[] {
    const dayOf = (hour: number) => Math.floor(hour / 24);
    const [over, kept] = [new Set<number>(), new Set<number>()];
    for (const id of this.notes.topicIds()) {
      for (const hour of this.notes.hours(id)) (hour < (edges.get(id) ?? Number.NEGATIVE_INFINITY) ? over : kept).add(dayOf(hour));
    }
    return [...over].filter((day) => !kept.has(day));
  }

  beginCopy(): Promise<void> {
    return Promise.reject(this.noCopy());
  }

  finishCopy(): Promise<void> {
    return Promise.resolve();
  }

  takeUp(): Promise<number> {
    return Promise.reject(this.noCopy());
  }

  private noCopy(): StoreFailure {
    return new StoreFailure(`the logs are kept at ${this.place}, where other machines have their own backups: no snapshot holds them`);
  }

  async close(): Promise<void> {
    const opened = await this.opening?.catch(() => undefined);
    this.isClosed = true;
    await opened?.writes.finish();
    for (const server of this.servers) await server.close();
  }
}
