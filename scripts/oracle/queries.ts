/**
 * The store against a naive scan: random logs under changing index rules, some sealed and some hot, and random queries,
 * whose answers must be the same logs in the same order.
 */
import type { IndexRule, KeptLog, Log, LogStore, Search } from "../../src/backend/logs/log-store.ts";
import { type Query, QuerySyntaxError, type Syntax } from "../../src/backend/logs/query/ast.ts";
import { checkQuery } from "../../src/backend/logs/query/fields.ts";
import { parseQuery } from "../../src/backend/logs/query/parser.ts";
import { parseSelect } from "../../src/backend/logs/sql/parser.ts";
import type { IndexedKey } from "../../src/backend/logs/topic.ts";
import { pastMatcher, type Searchable } from "../../test/support/naive-matcher.ts";
import { type Cells, naiveSelect, typed } from "../../test/support/naive-sql.ts";
import { type PlainLog, recordLogs } from "../../test/support/plain-records.ts";
import { Chance } from "./chance.ts";
import { beginSeconds, randomBatch, randomLogs, randomRule } from "./random-logs.ts";
import { randomQuery } from "./random-query.ts";
import { randomSelect } from "./random-sql.ts";
import { embeddedStore, type StoreMaker } from "./stores.ts";

/** What one round came to. */
export interface Round {
  readonly queries: number;
  /** Of them: refused alike by the index's rules. */
  readonly refused: number;
  /** Of them: found nothing. */
  readonly empty: number;
  /** Of them: read page by page while more was written; counted by stretches of time; with a SELECT. */
  readonly paged: number;
  readonly counted: number;
  readonly selects: number;
  readonly differences: readonly string[];
}

type Counting = { -readonly [K in keyof Round]: Round[K] extends number ? number : string[] };

/** What is asked of a store. */
export interface Asking {
  /** SELECTs too; not where an engine reads numbers otherwise in corners that only random logs have. */
  readonly selects?: boolean;
  /** Most hours that the logs lie in: the more, the more statements for each query. */
  readonly hours?: number;
}

interface Written extends PlainLog {
  readonly topicId: string;
  readonly rule: IndexRule | undefined;
  readonly sequence: number;
  /** The same as the matcher reads it. */
  readonly searchable: Searchable;
}

const topics = ["one", "two"] as const;

/** Fills a store from a seed and asks it so many queries. */
export async function queryRound(seed: number, queries: number, make: StoreMaker = embeddedStore, { selects = false, hours = 4 }: Asking = {}): Promise<Round> {
  const chance = new Chance(seed);
  const { store, end } = await make();
  try {
    const rules = new Map<string, IndexRule>();
    const written = await fill(store, chance, rules, hours);
    const round: Counting = { queries: 0, refused: 0, empty: 0, paged: 0, counted: 0, selects: 0, differences: [] };
    for (; round.queries < queries; round.queries++) await ask({ store, chance, written, rules, selects, hours }, round);
    return round;
  } finally {
    await end();
  }
}

/** Writes a few batches under rules that change, and seals what has been written by then. */
async function fill(store: LogStore, chance: Chance, rules: Map<string, IndexRule>, hours: number): Promise<Written[]> {
  const written: Written[] = [];
  const hasIpv6 = chance.percent(60);
  for (const topic of topics) rules.set(topic, randomRule(chance));
  for (let batch = 0; batch < 6; batch++) {
    const topicId = chance.of(topics);
    if (chance.percent(30)) rules.set(topicId, randomRule(chance));
    const rule = chance.percent(90) ? rules.get(topicId) : undefined;
    if (chance.percent(70)) {
      const records = randomBatch(chance, `batch ${batch}`, 30 + chance.below(60), hasIpv6, hours);
      await store.writeRecords(topicId, rule, records);
      put(recordLogs(records));
    } else {
      const logs = randomLogs(chance, 20 + chance.below(30), hours);
      await store.writeLogs(topicId, rule, logs);
      put(logs.map(withText));
    }
    // The first hours are over at some time, the last ones never.
    if (chance.percent(30)) await store.tend((beginSeconds + 3600 * (2 + chance.below(3))) * 1000, new Map());

    function put(logs: readonly PlainLog[]): void {
      for (const log of logs) written.push(writtenLog(log, topicId, rule, written.length + 1));
    }
  }
  return written;
}

const withText = (log: Log): PlainLog => ({ ...log, text: log.values.map(([, value]) => value).join(" ") });

function writtenLog(log: PlainLog, topicId: string, rule: IndexRule | undefined, sequence: number): Written {
  return { ...log, topicId, rule, sequence, searchable: { ...log, values: new Map(log.values), tags: new Map(log.tags) } };
}

interface Ground {
  readonly store: LogStore;
  readonly chance: Chance;
  readonly written: Written[];
  readonly rules: ReadonlyMap<string, IndexRule>;
  readonly selects: boolean;
  readonly hours: number;
}

/** Asks one query in one way. */
async function ask(ground: Ground, round: Counting): Promise<void> {
  const { chance, rules, written } = ground;
  const syntax = chance.of(["cql", "lucene"] as const);
  const text = randomQuery(chance, syntax);
  const asked = chance.percent(50) ? topics : [chance.of(topics)];
  const query = readable(text, syntax, asked.map((id) => rules.get(id)!));
  if (query === undefined) {
    round.refused++;
    return;
  }
  const search = randomSearch(chance, query, syntax, asked, rules, ground.hours);
  const expected = naive(written, search);
  if (expected.length === 0) round.empty++;
  const way = chance.weighted([[50, searchOnce], [20, countByStretches], [5, page], [25, ground.selects ? selectOnce : searchOnce]] as const);
  const difference = await way(ground, search, expected, round);
  if (difference !== undefined) round.differences.push(`${syntax} ${text}: ${difference}`);
}

type Way = (ground: Ground, search: Search, expected: readonly Written[], round: Counting) => Promise<string | undefined>;

const searchOnce: Way = async ({ store }, search, expected) => {
  const found = await store.search(search);
  const wanted = expected.slice(search.offset, search.offset! + search.limit);
  if (!areSameLogs(wanted, found.logs)) return `expected ${expected.length} (${wanted.length} on the page), found ${found.logs.length}`;
  return found.isAll === expected.length <= search.offset! + search.limit ? undefined : `isAll is ${found.isAll}`;
};

const countByStretches: Way = async ({ store, chance }, search, expected, round) => {
  round.counted++;
  const intervalMs = chance.of([1000, 60_000, 420_000, 3_600_000]);
  const { byBegin } = await store.count(search, intervalMs);
  const wanted = new Map<number, number>();
  for (const { timeMs } of expected) {
    const begin = Math.floor(timeMs / intervalMs) * intervalMs;
    wanted.set(begin, (wanted.get(begin) ?? 0) + 1);
  }
  const shown = (counts: ReadonlyMap<number, number>) => JSON.stringify([...counts].toSorted(([a], [b]) => a - b));
  return shown(byBegin) === shown(wanted) ? undefined : `by ${intervalMs} ms: expected ${shown(wanted)}, counted ${shown(byBegin)}`;
};

/** Most pages of one search, those that writes add aside. */
const mostPages = 10;

/** Page by page, while more logs are written, which no later page shows. */
const page: Way = async (ground, search, expected, round) => {
  round.paged++;
  const { store, chance } = ground;
  const limit = Math.max(1 + chance.below(40), Math.ceil(expected.length / mostPages));
  const found: KeptLog[] = [];
  let next: Partial<Search> = {};
  for (;;) {
    const { logs, isAll, upToSequence } = await store.search({ ...search, ...next, limit, offset: 0 });
    found.push(...logs);
    if (isAll) break;
    next = { after: logs.at(-1)!, upToSequence: search.upToSequence ?? next.upToSequence ?? upToSequence };
    if (chance.percent(10)) await writeMore(ground);
  }
  return areSameLogs(expected, found) ? undefined : `expected ${expected.length}, found ${found.length} on pages of ${limit}`;
};

async function writeMore({ store, chance, written, rules, hours }: Ground): Promise<void> {
  const topicId = chance.of(topics);
  const rule = rules.get(topicId)!;
  const logs = randomLogs(chance, 1 + chance.below(3), hours);
  await store.writeLogs(topicId, rule, logs);
  for (const log of logs) written.push(writtenLog(withText(log), topicId, rule, written.length + 1));
}

const selectOnce: Way = async ({ store, chance }, search, expected, round) => {
  const [first, ...others] = search.topics.map(({ index }) => index.keyValue?.keys ?? []);
  const keys = first!.filter(({ key }) => others.every((each) => each.some((other) => other.key === key)));
  const select = randomSelect(chance, keys);
  if (select === undefined) return undefined;
  round.selects++;
  const rows = expected.map((log) => rowOf(log, keys));
  const wanted = naiveSelect(select.meaning, rows);
  const { rows: answered } = await store.analyse(search, parseSelect(select.text, 0), 1);
  return areSameRows(wanted, answered) ? undefined : `${select.text}: expected ${JSON.stringify(wanted).slice(0, 600)}, answered ${JSON.stringify(answered).slice(0, 600)}`;
};

function rowOf({ values, timeMs, source, stream }: Written, keys: readonly IndexedKey[]): Cells {
  const of = new Map(values);
  const cells = keys.map(({ key, type }) => [key, typed(of.get(key), type)] as const);
  return { ...Object.fromEntries(cells), __TIMESTAMP__: BigInt(timeMs), __SOURCE__: source, __FILENAME__: stream };
}

/** Fractions may differ in their last places: sums of them depend on their order. */
function areSameRows(wanted: readonly (readonly (string | number | null)[])[], answered: typeof wanted): boolean {
  const isSame = (a: string | number | null, b: string | number | null | undefined) =>
    a === b || (typeof a === "number" && typeof b === "number" && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)));
  return wanted.length === answered.length && wanted.every((row, place) => row.length === answered[place]!.length && row.every((cell, at) => isSame(cell, answered[place]![at])));
}

function areSameLogs(wanted: readonly Written[], found: readonly KeptLog[]): boolean {
  return wanted.length === found.length && wanted.every((log, place) => isSameLog(log, found[place]!));
}

function readable(text: string, syntax: Syntax, rules: readonly IndexRule[]): Query | undefined {
  try {
    const query = parseQuery(text, syntax);
    for (const rule of rules) checkQuery(query, rule);
    return query;
  } catch (error) {
    if (error instanceof QuerySyntaxError) return undefined;
    throw error;
  }
}

function randomSearch(chance: Chance, query: Query, syntax: Syntax, asked: readonly string[], rules: ReadonlyMap<string, IndexRule>, hours: number): Search {
  const moment = () => (beginSeconds + chance.below(hours * 3600)) * 1000 + chance.below(2) * 500;
  const keptFromMs = chance.percent(20) ? moment() : 0;
  return {
    query,
    syntax,
    topics: asked.map((id, place) => ({ id, index: rules.get(id)!, keptFromMs: place === 0 ? keptFromMs : 0 })),
    fromMs: chance.percent(70) ? 0 : moment(),
    toMs: chance.percent(70) ? Number.MAX_SAFE_INTEGER : moment() + 1,
    newestFirst: chance.percent(70),
    limit: chance.of([1, 5, 100, 1000]),
    offset: chance.of([0, 0, 3]),
  };
}

/** Every log held against the query, one after the other. */
function naive(written: readonly Written[], search: Search): Written[] {
  const matchers = new Map<IndexRule, ReturnType<typeof pastMatcher>>();
  const kept = new Map(search.topics.map(({ id, keptFromMs }) => [id, keptFromMs]));
  const sign = search.newestFirst ? -1 : 1;
  return written
    .filter(({ topicId, timeMs }) => kept.has(topicId) && timeMs >= Math.max(search.fromMs, kept.get(topicId)!) && timeMs < search.toMs)
    .filter((log) => {
      if (log.rule === undefined) return false;
      const matcher = matchers.get(log.rule) ?? pastMatcher(search.query, log.rule, search.syntax);
      matchers.set(log.rule, matcher);
      return matcher(log.searchable);
    })
    .toSorted((a, b) => sign * (a.timeMs - b.timeMs || a.sequence - b.sequence));
}

function isSameLog(expected: Written, found: PlainLog & { readonly sequence: number; readonly topicId: string }): boolean {
  const shown = ({ topicId, sequence, timeMs, stream, source, text, values, tags }: Omit<Written, "rule" | "searchable">) =>
    JSON.stringify([topicId, sequence, timeMs, stream, source, text, values, tags]);
  return shown(expected) === shown(found);
}
