/**
 * The embedded log store: a hot DuckDB table for what has just arrived, and immutable Parquet segments by topic and
 * hour for the rest. A batch is in the database when it is acknowledged, whole or not at all; a log is in the hot
 * table or in one segment, never in both, for every read.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { RecordBatch } from "../../record-batch.ts";
import { hourMs, logArrivals, recordArrivals } from "../arrival.ts";
import type { CopiedStore, Portion } from "../copying.ts";
import {
  type Analysis,
  type Arrivals,
  type Condition,
  type Counts,
  type Damage,
  type Found,
  type IndexRule,
  type KeptLog,
  type Log,
  type Search,
  SearchTooSlow,
  StoreFailure,
  type Usage,
} from "../log-store.ts";
import type { Select } from "../sql/ast.ts";
import { readUpload, type Upload } from "../upload/upload.ts";
import { analyse } from "./analysis.ts";
import { arrivedLogs, keysOf } from "./arrived.ts";
import { Catalogues } from "./catalogue.ts";
import { Copying, takeUpCopy } from "./copying.ts";
import { Dictionaries } from "./dictionaries.ts";
import { Engine, type Reader, type Run, type Writer } from "./engine.ts";
import { Integrity, setAsideLost } from "./integrity.ts";
import { appendLogs } from "./logs.ts";
import { PagesAhead } from "./pages-ahead.ts";
import { portionsOf } from "./portions.ts";
import { countLogs, firstLogs, type Snapshot, streamsOf } from "./reading.ts";
import { RecordCells } from "./record-cells.ts";
import { appendRecords, recordLog, type Shared } from "./records.ts";
import { Kind, prepareTables, rowsOf, sealedRows } from "./schema.ts";
import { Sealing } from "./sealing.ts";
import { SegmentFiles } from "./segment-files.ts";
import { paging, type Wanted } from "./sources.ts";
import { type Write, Writes } from "./writes.ts";

/** Where the store is and how much it may use. */
export interface EmbeddedStoreOptions {
  /** The store's own folder; undefined keeps everything in memory. */
  readonly folder: string | undefined;
  readonly memoryLimitMb?: number;
  readonly threads?: number;
  /** Where copies of the store are made and taken up from; without it there are none. */
  readonly copyFolder?: string | undefined;
  /** Logs in the hot table from which on the oldest hours are sealed before their time. */
  readonly maxHotLogs?: number;
  /** Rows that an export reads at once. */
  readonly aheadRows?: number;
}

const defaultMemoryLimitMb = 1024;
const defaultThreads = 2;
const defaultMaxHotLogs = 1_000_000;

/** How long one search may take. */
const searchLimitMs = 60_000;

/** The log store on this machine. */
export class EmbeddedStore implements CopiedStore {
  readonly place: string;
  private readonly engine: Engine;
  private readonly path: string;
  private readonly files: SegmentFiles | undefined;
  private readonly dictionaries = new Dictionaries();
  private readonly cells = new RecordCells(this.dictionaries);
  private readonly catalogues = new Catalogues();
  private readonly writes: Writes;
  private readonly sealing: Sealing;
  private readonly copying: Copying;
  private readonly integrity: Integrity | undefined;
  private readonly pagesAhead: PagesAhead;
  private readonly maxHotLogs: number;

  constructor(options: EmbeddedStoreOptions) {
    const { folder } = options;
    this.place = folder ?? "memory";
    this.path = folder === undefined ? ":memory:" : join(folder, "hot.duckdb");
    this.files = folder === undefined ? undefined : new SegmentFiles(join(folder, "segments"));
    this.maxHotLogs = options.maxHotLogs ?? defaultMaxHotLogs;
    this.engine = new Engine(
      {
        path: this.path,
        openFolders: [this.files?.folder, options.copyFolder].filter((each) => each !== undefined),
        spillFolder: folder === undefined ? undefined : join(folder, "spill"),
        memoryLimitMb: options.memoryLimitMb ?? defaultMemoryLimitMb,
        threads: options.threads ?? defaultThreads,
        beforeOpening: () => {
          if (folder === undefined) return;
          mkdirSync(folder, { recursive: true, mode: 0o700 });
          if (!existsSync(this.path) && this.files!.holdsSegments()) throw new StoreFailure(`${this.path} is missing, though ${this.files!.folder} holds segments: put it back, or move the segments away to begin anew`);
        },
      },
      (run) => this.prepare(run),
    );
    this.writes = new Writes(this.engine, this.dictionaries, this.catalogues);
    this.integrity = this.files && new Integrity(folder!, this.files, ({ topic }) => this.dictionaries.topics.get(topic)!);
    this.sealing = new Sealing(this.engine, this.catalogues, this.files, this.integrity);
    this.pagesAhead = new PagesAhead((search, nothing, work) => this.read(search, nothing, work), options.aheadRows);
    this.copying = new Copying(this.engine, this.catalogues, this.files);
  }

  private async prepare(run: Run): Promise<void> {
    await prepareTables(run);
    await this.load(run);
    if (this.files === undefined) return;
    await setAsideLost(run, this.files, this.catalogues);
    this.tidy();
    this.integrity!.begin();
  }

  private tidy(): void {
    this.files?.tidy(new Set(this.catalogues.segments.map(({ id }) => id)));
  }

  private async load(run: Run): Promise<void> {
    await this.dictionaries.load(run);
    await this.catalogues.load(run);
  }

  /** Whether there is anything to read; a store that was never written to is not opened for a read. */
  private get isEmpty(): boolean {
    return !this.engine.isOpen && (this.files === undefined || (!existsSync(this.path) && !this.files.holdsSegments()));
  }

  writeRecords(topicId: string, rule: IndexRule | undefined, batch: RecordBatch): Promise<void> {
    const append = (writer: Writer, shared: Shared) => appendRecords(writer, batch, shared, this.dictionaries);
    const arrivals = recordArrivals(batch);
    return this.write({ topicId, rule, kind: Kind.record, count: batch.count, arrivals, batchId: batch.id, append });
  }

  writeLogs(topicId: string, rule: IndexRule | undefined, logs: readonly Log[], batchId?: string): Promise<void> {
    const append = (writer: Writer, shared: Shared) => appendLogs(writer, logs, shared);
    return this.write({ topicId, rule, kind: Kind.log, count: logs.length, arrivals: logArrivals(logs), batchId, append });
  }

  async *portions(topicId: string, size: number): AsyncGenerator<Portion> {
    if (this.isEmpty) return;
    await this.engine.open();
    const topic = this.dictionaries.topics.find(topicId);
    if (topic !== undefined) yield* portionsOf((work) => this.withSnapshot(work), topic, size);
  }

  async batchIds(topicId: string): Promise<readonly string[]> {
    if (this.isEmpty) return [];
    await this.engine.open();
    return this.catalogues.batchIds(this.dictionaries.topics.find(topicId));
  }

  noteBatches(topicId: string, ids: readonly string[]): Promise<void> {
    return this.writes.noteBatches(topicId, ids);
  }

  async writeUpload(topicId: string, rule: IndexRule | undefined, upload: Upload): Promise<number> {
    const logs = readUpload(upload);
    await this.writeLogs(topicId, rule, logs);
    return logs.length;
  }

  private async write(write: Write): Promise<void> {
    if (write.count === 0) return;
    // A store that cannot seal as fast as it is written to slows its writers down.
    if (this.files !== undefined && this.catalogues.hotLogs() > this.maxHotLogs * 2) await this.sealing.relieve(this.maxHotLogs / 2);
    await this.writes.put(write);
    if (this.files !== undefined && this.catalogues.hotLogs() > this.maxHotLogs) this.sealing.relieveSoon(this.maxHotLogs / 2);
  }

  async search(search: Search): Promise<Found> {
    const offset = search.offset ?? 0;
    if (search.isExport === true && !search.newestFirst && offset === 0) return this.pagesAhead.page(search);
    const nothing: Found = { logs: [], isAll: true, upToSequence: 0, damage: [] };
    return this.read(search, nothing, async (snapshot, wanted) => {
      const logs = await firstLogs(snapshot, { ...wanted, ...paging(search, wanted) }, offset + search.limit + 1);
      return {
        logs: logs.slice(offset, offset + search.limit),
        isAll: logs.length <= offset + search.limit,
        upToSequence: search.upToSequence ?? snapshot.nextSequence - 1,
      };
    });
  }

  async arrivals({ afterSequence, limit, ...rest }: Arrivals): Promise<Found> {
    const { nextSequence } = this.catalogues;
    const nothing: Found = { logs: [], isAll: true, upToSequence: afterSequence, damage: [] };
    // Whoever follows asks again and again, mostly when nothing has arrived.
    if (this.engine.isOpen && limit > 0 && afterSequence >= nextSequence - 1) return nothing;
    const condition = { ...rest, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    return this.read(condition, nothing, async (snapshot, wanted) => {
      const last = snapshot.nextSequence - 1;
      if (limit === 0) return { logs: [], upToSequence: last, isAll: last <= afterSequence };
      const logs = await arrivedLogs(snapshot, { ...wanted, afterSequence }, limit + 1);
      if (logs.length <= limit) return { logs, isAll: true, upToSequence: Math.max(last, afterSequence) };
      return { logs: logs.slice(0, limit), isAll: false, upToSequence: logs[limit - 1]!.sequence };
    });
  }

  async keys(condition: Condition, upToSequence: number): Promise<readonly string[]> {
    const nothing = { keys: [] as readonly string[], damage: [] };
    return (await this.read(condition, nothing, async (snapshot, wanted) => ({ keys: await keysOf(snapshot, { ...wanted, upToSequence }) }))).keys;
  }

  async count(condition: Condition, intervalMs: number): Promise<Counts> {
    const nothing: Counts = { byBegin: new Map(), damage: [] };
    return this.read(condition, nothing, async (snapshot, wanted) => ({ byBegin: await countLogs(snapshot, wanted, intervalMs) }));
  }

  async analyse(condition: Condition, select: Select, samplingRate: number): Promise<Analysis> {
    return this.read(condition, undefined, (snapshot, wanted) => analyse(snapshot, wanted, { topics: condition.topics, select, samplingRate }));
  }

  /** Reads one state of the store; what cannot be read of it is told, and the rest is answered. */
  private async read<R extends { readonly damage: readonly Damage[] }>(
    condition: Condition,
    nothing: R | undefined,
    work: (snapshot: Snapshot, wanted: Wanted) => Promise<Omit<R, "damage">>,
  ): Promise<R> {
    if (this.isEmpty && nothing !== undefined) return nothing;
    await this.engine.open();
    const topicIds = new Set(condition.topics.map(({ id }) => id));
    return this.withSnapshot(async (snapshot) => {
      const answer = await work(snapshot, this.wanted(condition));
      const damage = this.integrity?.damageOf(snapshot.catalogue.segments) ?? [];
      return { ...answer, damage: damage.filter(({ topicId }) => topicIds.has(topicId)) } as unknown as R;
    });
  }

  private wanted(condition: Condition): Wanted {
    const topics = new Map(
      condition.topics.flatMap((topic) => {
        const number = this.dictionaries.topics.find(topic.id);
        return number === undefined ? [] : [[number, topic] as const];
      }),
    );
    // A topic that nothing was ever written to has no number; none has the number 0.
    if (topics.size === 0) topics.set(0, condition.topics[0]!);
    const keptFromMs = Math.min(...[...topics.values()].map((topic) => topic.keptFromMs));
    const { query, syntax, fromMs, toMs } = condition;
    return { query, syntax, topics, fromMs: Math.max(fromMs, keptFromMs), toMs };
  }

  private async withSnapshot<R>(work: (snapshot: Snapshot) => Promise<R>): Promise<R> {
    for (;;) {
      const release = this.files?.pin(this.catalogues.version);
      try {
        return await this.engine.read(async (reader) => work(await this.snapshot(reader)), searchLimitMs);
      } catch (error) {
        if (!(error instanceof StoreFailure) || error instanceof SearchTooSlow) throw error;
        if (!(await this.findDamage(error))) throw error;
      } finally {
        release?.();
      }
    }
  }

  private async snapshot(reader: Reader): Promise<Snapshot> {
    return {
      ...(await this.catalogues.stateOf(reader)),
      run: reader.run,
      readable: (segments) => this.integrity?.readable(segments) ?? Promise.resolve(segments),
      hasRollUp: (segment, name) => this.integrity!.hasRollUp(segment, name),
      ground: { dictionaries: this.dictionaries, cells: this.cells, files: this.files },
    };
  }

  /** Looks for the segment that made a read fail; false when all that were not known as damaged can be read. */
  private async findDamage(error: StoreFailure): Promise<boolean> {
    if (this.integrity === undefined || /Out of Memory/i.test(error.message)) return false;
    return this.integrity.lookAgain(this.catalogues.segments);
  }

  async findLine(stream: string, timeMs: number, text: string): Promise<KeptLog | undefined> {
    if (this.isEmpty) return undefined;
    await this.engine.open();
    return this.withSnapshot(async ({ run, catalogue, readable }) => {
      const enis = [...this.dictionaries.placements.entries()].filter(([, { eni }]) => eni === stream).map(([id]) => id);
      if (enis.length === 0) return undefined;
      const hour = Math.floor(timeMs / hourMs);
      const files = await readable(catalogue.segments.filter((each) => each.kind === Kind.record && each.hour === hour));
      const places = ["record", ...files.map(({ id }) => sealedRows(Kind.record, [this.files!.path(id)]))];
      const where = `eni IN (${enis.join(", ")}) AND start_s = ${Math.floor(timeMs / 1000)}`;
      for (const place of places) {
        const rows = await rowsOf(run, `SELECT * FROM ${place} WHERE ${where}`);
        const found = rows.map((row) => recordLog(row, this.dictionaries)).find((log) => log.text === text);
        if (found !== undefined) return found;
      }
      return undefined;
    });
  }

  async usage(topicId: string): Promise<Usage> {
    const usage = { logs: 0, storedBytes: 0, ingestedBytes: 0, segmentBytes: 0 };
    if (this.isEmpty) return usage;
    await this.engine.open();
    const topic = this.dictionaries.topics.find(topicId);
    if (topic === undefined) return usage;
    usage.ingestedBytes = this.catalogues.ingestedBytes(topic);
    for (const part of [...this.catalogues.hotHours(), ...this.catalogues.segments]) {
      if (part.topic !== topic) continue;
      usage.logs += part.logs;
      usage.storedBytes += part.textBytes;
      if ("fileBytes" in part) usage.segmentBytes += part.fileBytes + this.files!.besideBytes(part.id);
    }
    return usage;
  }

  async countStreams(topicId: string): Promise<number> {
    if (this.isEmpty) return 0;
    await this.engine.open();
    const topic = this.dictionaries.topics.find(topicId);
    if (topic === undefined) return 0;
    return this.withSnapshot(async (snapshot) => (await streamsOf(snapshot, topic)).size);
  }

  async open(): Promise<void> {
    if (!this.isEmpty) await this.engine.open();
  }

  damage(): readonly Damage[] {
    const { segments } = this.catalogues;
    const filters = segments.flatMap(({ id, topic }) => {
      const words = this.files?.filters.lost.get(id);
      return words === undefined ? [] : [{ topicId: this.dictionaries.topics.get(topic)!, words }];
    });
    const lost = this.files?.lostSegments().map((path) => ({ topicId: "", words: `${this.path} has lost its latest writes: it does not know of the logs in ${path}` })) ?? [];
    return [...(this.integrity?.damageOf(segments) ?? []), ...(this.integrity?.rollUpDamageOf(segments) ?? []), ...filters, ...lost];
  }

  async deleteTopic(topicId: string): Promise<void> {
    if (this.isEmpty) return;
    await this.engine.open();
    const topic = this.dictionaries.topics.find(topicId);
    if (topic !== undefined) await this.sealing.deleteTopic(topic);
  }

  async keepOnly(topicIds: ReadonlySet<string>): Promise<void> {
    if (this.isEmpty) return;
    await this.engine.open();
    const held = new Set([...this.catalogues.hotHours(), ...this.catalogues.segments].map(({ topic }) => topic));
    for (const topic of held) {
      if (!topicIds.has(this.dictionaries.topics.get(topic)!)) await this.sealing.deleteTopic(topic);
    }
  }

  async tend(nowMs: number, keptFromMs: ReadonlyMap<string, number>): Promise<number | undefined> {
    if (this.isEmpty) return undefined;
    await this.engine.open();
    return this.sealing.tend(nowMs, (topic) => keptFromMs.get(this.dictionaries.topics.get(topic)!) ?? Number.NEGATIVE_INFINITY);
  }

  beginCopy(folder: string): Promise<void> {
    return this.copying.begin(folder);
  }

  finishCopy(): Promise<void> {
    return this.copying.finish();
  }

  async takeUp(folder: string): Promise<number> {
    this.pagesAhead.forget();
    await this.engine.open();
    await takeUpCopy(this.engine, folder, this.files);
    await this.engine.read(({ run }) => this.load(run));
    this.tidy();
    return this.catalogues.nextSequence - 1;
  }

  async close(): Promise<void> {
    await this.sealing.finish();
    await this.engine.close();
    this.files?.filters.close();
    this.integrity?.end();
  }
}
