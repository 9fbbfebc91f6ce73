/**
 * The store against a naive scan: random logs under changing index rules, some sealed and some hot, and random queries,
 * whose answers must be the same logs in the same order.
 */
import type { IndexRule, LogStore, Search } from "../../src/backend/logs/log-store.ts";
import { type Query, QuerySyntaxError, type Syntax } from "../../src/backend/logs/query/ast.ts";
import { checkQuery } from "../../src/backend/logs/query/fields.ts";
import { parseQuery } from "../../src/backend/logs/query/parser.ts";
import { pastMatcher } from "../../test/support/naive-matcher.ts";
import { type PlainLog, recordLogs } from "../../test/support/plain-records.ts";
import { Chance } from "./chance.ts";
import { beginSeconds, randomBatch, randomLogs, randomRule } from "./random-logs.ts";
import { randomQuery } from "./random-query.ts";
import { embeddedStore, type StoreMaker } from "./stores.ts";

/** What one round came to. */
export interface Round {
  readonly queries: number;
  /** Of them: refused alike by the index's rules. */
  readonly refused: number;
  /** Of them: found nothing. */
  readonly empty: number;
  readonly differences: readonly string[];
}

interface Written extends PlainLog {
  readonly topicId: string;
  readonly rule: IndexRule | undefined;
  readonly sequence: number;
}

const topics = ["one", "two"] as const;

/** Fills a store from a seed and asks it so many queries. */
export async function queryRound(seed: number, queries: number, make: StoreMaker = embeddedStore): Promise<Round> {
  const chance = new Chance(seed);
  const { store, end } = await make();
  try {
    const rules = new Map<string, IndexRule>();
    const written = await fill(store, chance, rules);
    const round = { queries: 0, refused: 0, empty: 0, differences: [] as string[] };
    for (; round.queries < queries; round.queries++) await ask(store, chance, written, rules, round);
    return round;
  } finally {
    await end();
  }
}

/** Writes a few batches under rules that change, and seals what has been written by then. */
async function fill(store: LogStore, chance: Chance, rules: Map<string, IndexRule>): Promise<Written[]> {
  const written: Written[] = [];
  const hasIpv6 = chance.percent(60);
  for (const topic of topics) rules.set(topic, randomRule(chance));
  for (let batch = 0; batch < 6; batch++) {
    const topicId = chance.of(topics);
    if (chance.percent(30)) rules.set(topicId, randomRule(chance));
    const rule = chance.percent(90) ? rules.get(topicId) : undefined;
    if (chance.percent(70)) {
      const records = randomBatch(chance, `batch ${batch}`, 30 + chance.below(60), hasIpv6);
      await store.writeRecords(topicId, rule, records);
      put(recordLogs(records));
    } else {
      const logs = randomLogs(chance, 20 + chance.below(30));
      await store.writeLogs(topicId, rule, logs);
      put(logs.map((log) => ({ ...log, text: log.values.map(([, value]) => value).join(" ") })));
    }
    // The first hours are over at some time, the last ones never.
    if (chance.percent(30)) await store.tend((beginSeconds + 3600 * (2 + chance.below(3))) * 1000, new Map());

    function put(logs: readonly PlainLog[]): void {
      for (const log of logs) written.push({ ...log, topicId, rule, sequence: written.length + 1 });
    }
  }
  return written;
}

async function ask(
  store: LogStore,
  chance: Chance,
  written: readonly Written[],
  rules: ReadonlyMap<string, IndexRule>,
  round: { refused: number; empty: number; differences: string[] },
): Promise<void> {
  const syntax = chance.of(["cql", "lucene"] as const);
  const text = randomQuery(chance, syntax);
  const asked = chance.percent(50) ? topics : [chance.of(topics)];
  const query = readable(text, syntax, asked.map((id) => rules.get(id)!));
  if (query === undefined) {
    round.refused++;
    return;
  }
  const search = randomSearch(chance, query, syntax, asked, rules);
  const expected = naive(written, search);
  const found = await store.search(search);
  const count = [...(await store.count(search, 60_000)).byBegin.values()].reduce((sum, each) => sum + each, 0);
  if (expected.length === 0) round.empty++;
  const page = expected.slice(search.offset, search.offset! + search.limit);
  const isSame = page.length === found.logs.length && page.every((log, place) => isSameLog(log, found.logs[place]!));
  if (isSame && count === expected.length && found.isAll === expected.length <= search.offset! + search.limit) return;
  round.differences.push(`${syntax} ${text}: expected ${expected.length} (${page.length} on the page), found ${found.logs.length}, counted ${count}`);
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

function randomSearch(chance: Chance, query: Query, syntax: Syntax, asked: readonly string[], rules: ReadonlyMap<string, IndexRule>): Search {
  const moment = () => (beginSeconds + chance.below(4 * 3600)) * 1000 + chance.below(2) * 500;
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
      return matcher({ ...log, values: new Map(log.values), tags: new Map(log.tags) });
    })
    .toSorted((a, b) => sign * (a.timeMs - b.timeMs || a.sequence - b.sequence));
}

function isSameLog(expected: Written, found: PlainLog & { readonly sequence: number; readonly topicId: string }): boolean {
  const shown = ({ topicId, sequence, timeMs, stream, source, text, values, tags }: Omit<Written, "rule">) =>
    JSON.stringify([topicId, sequence, timeMs, stream, source, text, values, tags]);
  return shown(expected) === shown(found);
}
