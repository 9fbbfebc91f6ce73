/**
 * Exports: all that a search finds, page after page. What many pages need is read at once, and kept as the engine holds
 * it until it is asked for; asking page by page would read each hour once for every page of it.
 *
 * What is kept only saves work: a page whose rows are not at hand, after a restart say, is read like the first one.
 */
import type { DuckDBMaterializedResult } from "@duckdb/node-api";
import type { Damage, Found, KeptLog, Place, Search } from "../log-store.ts";
import type { Segment } from "./catalogue.ts";
import { rowsOfChunk } from "./chunk-rows.ts";
import { keptLog } from "./logs.ts";
import { allLegs, candidates, columnsOf, type Snapshot, steps, unionOf } from "./reading.ts";
import { recordLog } from "./records.ts";
import { Kind, type Row, rowsOf } from "./schema.ts";
import { paging, rowMs, type Wanted } from "./sources.ts";

/** Rows that are read at once, unless an export is told otherwise: about 15 MB. */
const defaultAheadRows = 131_072;

/** Exports for which rows are kept; the one that was asked for longest ago is read anew. */
const maxExports = 2;

/** Reads one state of the store. */
type Reading = <R extends { readonly damage: readonly Damage[] }>(
  search: Search,
  nothing: R | undefined,
  work: (snapshot: Snapshot, wanted: Wanted) => Promise<Omit<R, "damage">>,
) => Promise<R>;

/** Rows that were read and not given yet. */
interface Ahead {
  readonly rows: readonly Rows[];
  /** Nothing lies behind them. */
  readonly isEnd: boolean;
  readonly upToSequence: number;
  readonly damage: readonly Damage[];
}

/** The pages of exports, oldest first. */
export class PagesAhead {
  private readonly read: Reading;
  private readonly aheadRows: number;
  private readonly kept = new Map<string, Ahead>();

  constructor(read: Reading, aheadRows = defaultAheadRows) {
    this.read = read;
    this.aheadRows = aheadRows;
  }

  /** A page, as a search would give it. */
  async page(search: Search): Promise<Found> {
    const keptFrom = new Map(search.topics.map(({ id, keptFromMs }) => [id, keptFromMs]));
    const logs: KeptLog[] = [];
    let ahead = this.take(search) ?? (await this.readOn(search, search.after));
    const { upToSequence } = ahead;
    let last = search.after;
    for (;;) {
      const log = logs.length < search.limit ? next(ahead.rows) : undefined;
      if (log !== undefined) {
        last = log;
        if (log.timeMs >= keptFrom.get(log.topicId)!) logs.push(log);
      } else if (ahead.isEnd || ahead.rows.some((each) => each.peek() !== undefined)) {
        break;
      } else {
        ahead = await this.readOn({ ...search, upToSequence }, last);
      }
    }
    const isAll = ahead.rows.every((each) => each.peek() === undefined);
    if (!isAll) this.keep({ ...search, upToSequence }, last!, ahead);
    return { logs, isAll, upToSequence, damage: ahead.damage };
  }

  /** What is kept is of other logs. */
  forget(): void {
    this.kept.clear();
  }

  private take(search: Search): Ahead | undefined {
    if (search.after === undefined) return undefined;
    const key = keyOf(search, search.after);
    const found = this.kept.get(key);
    this.kept.delete(key);
    return found;
  }

  private keep(search: Search, last: Place, ahead: Ahead): void {
    this.kept.set(keyOf(search, last), ahead);
    for (const key of this.kept.keys()) if (this.kept.size > maxExports) this.kept.delete(key);
  }

  private readOn(search: Search, after: Place | undefined): Promise<Ahead> {
    const nothing: Ahead = { rows: [], isEnd: true, upToSequence: 0, damage: [] };
    return this.read<Ahead>(search, nothing, async (snapshot, wanted) => {
      const { upToSequence = snapshot.nextSequence - 1 } = search;
      const behind: Wanted = { ...wanted, ...paging({ ...search, ...(after === undefined ? {} : { after }), upToSequence }, wanted) };
      return { ...(await rowsAhead(snapshot, behind, { atOnce: this.aheadRows, textOnly: search.textOnly === true })), upToSequence };
    });
  }
}

/** Which rows follow: the search without how its pages are cut, and the place they follow. */
function keyOf({ query, syntax, topics, fromMs, toMs, upToSequence, stream, textOnly }: Search, { timeMs, sequence }: Place): string {
  const asked = topics.map(({ id, index }) => [id, index]);
  return JSON.stringify([query, syntax, asked, fromMs, toMs, upToSequence, stream, textOnly, timeMs, sequence]);
}

/** The next log of several kinds of rows, each in order. */
function next(rows: readonly Rows[]): KeptLog | undefined {
  let first: Rows | undefined;
  for (const each of rows) {
    const log = each.peek();
    const other = first?.peek();
    if (log !== undefined && (other === undefined || log.timeMs < other.timeMs || (log.timeMs === other.timeMs && log.sequence < other.sequence))) first = each;
  }
  return first?.next();
}

/** The rows that come first, of hours that grow in number while little is found in them. */
async function rowsAhead(snapshot: Snapshot, wanted: Wanted, { atOnce, textOnly }: { readonly atOnce: number; readonly textOnly: boolean }): Promise<Pick<Ahead, "rows" | "isEnd">> {
  const segments = await candidates(snapshot, wanted);
  for (const step of steps(snapshot, segments, wanted, 1)) {
    const part = { ...wanted, ...step };
    const edgeMs = await edgeOf(snapshot, segments, part, atOnce);
    if (edgeMs === undefined) continue;
    const isEnd = edgeMs >= wanted.toMs;
    return { rows: await sortedRows(snapshot, segments, { ...part, toMs: edgeMs }, textOnly), isEnd };
  }
  return { rows: [], isEnd: true };
}

/** The moment before which so many rows lie as are read at once, at most the end of what is wanted; undefined where there are none. */
async function edgeOf(snapshot: Snapshot, segments: readonly Segment[], wanted: Wanted, atOnce: number): Promise<number | undefined> {
  const seconds = allLegs(snapshot, segments, wanted).map(({ kind, from, where }) => `SELECT ${rowMs[kind]} // 1000 AS second, count(*) AS logs FROM ${from} AS r WHERE ${where} GROUP BY second`);
  if (seconds.length === 0) return undefined;
  const rows = await rowsOf(snapshot.run, `SELECT second, sum(logs) AS logs FROM (${seconds.join(" UNION ALL ")}) GROUP BY second ORDER BY second`);
  let logs = 0;
  for (const row of rows) {
    if (logs > 0 && logs + Number(row["logs"]) > atOnce) return Number(row["second"]) * 1000;
    logs += Number(row["logs"]);
  }
  return logs === 0 ? undefined : wanted.toMs;
}

async function sortedRows(snapshot: Snapshot, segments: readonly Segment[], wanted: Wanted, textOnly: boolean): Promise<Rows[]> {
  const { run, ground } = snapshot;
  const legs = allLegs(snapshot, segments, wanted);
  const found: Rows[] = [];
  for (const kind of [Kind.record, Kind.log]) {
    const union = unionOf(legs, kind, columnsOf[kind]);
    if (union === undefined) continue;
    const result = await run(`SELECT * FROM (${union}) ORDER BY ${rowMs[kind]}, sequence`);
    const read = kind === Kind.record ? recordLog : keptLog;
    found.push(new Rows(result, (row) => read(row, ground.dictionaries, textOnly)));
  }
  return found;
}

/** Rows as the engine holds them, made into logs one after the other. */
class Rows {
  private readonly result: DuckDBMaterializedResult;
  private readonly read: (row: Row) => KeptLog;
  private readonly names: readonly string[];
  private chunk = 0;
  private rows: readonly Row[] = [];
  private place = 0;
  private ready: KeptLog | undefined;

  constructor(result: DuckDBMaterializedResult, read: (row: Row) => KeptLog) {
    this.result = result;
    this.read = read;
    this.names = result.deduplicatedColumnNames();
  }

  /** The next log, which stays the next one; undefined behind the last. */
  peek(): KeptLog | undefined {
    if (this.ready !== undefined) return this.ready;
    while (this.place === this.rows.length) {
      if (this.chunk === this.result.chunkCount) return undefined;
      this.rows = rowsOfChunk(this.result.getChunk(this.chunk++), this.names);
      this.place = 0;
    }
    this.ready = this.read(this.rows[this.place++]!);
    return this.ready;
  }

  next(): KeptLog | undefined {
    const log = this.peek();
    this.ready = undefined;
    return log;
  }
}
