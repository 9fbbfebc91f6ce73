/** An export gives page by page what one search gives at once, however its pages are cut and whatever is written meanwhile. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { beginSeconds, randomBatch, randomLogs, randomRule } from "../../scripts/oracle/random-logs.ts";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import type { Found, KeptLog, Search } from "../../src/backend/logs/log-store.ts";
import { parseQuery } from "../../src/backend/logs/query/parser.ts";

let folder: string;
let store: EmbeddedStore;

const open = () => new EmbeddedStore({ folder, aheadRows: 40 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-pages-ahead-"));
  store = open();
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const rule = randomRule(new Chance(4));
const topics = ["a", "b"].map((id) => ({ id, index: rule, keptFromMs: 0 }));
const wanted = (query: string): Search => ({ query: parseQuery(query, "cql"), syntax: "cql", topics, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, newestFirst: false, limit: 17 });

/** Records and logs of keys and values in two topics, a part of them sealed. */
async function fill(seed: number): Promise<void> {
  const chance = new Chance(seed);
  for (const id of ["a", "b"]) {
    await store.writeRecords(id, rule, randomBatch(chance, `batch ${seed} ${id}`, 150, true));
    await store.writeLogs(id, rule, randomLogs(chance, 60));
  }
}

async function exported(search: Search, between: (page: Found) => Promise<Partial<Search>> = () => Promise.resolve({})): Promise<KeptLog[]> {
  const logs: KeptLog[] = [];
  let page = await store.search({ ...search, isExport: true });
  for (let pages = 0; ; pages++) {
    expect(pages).toBeLessThan(1000);
    logs.push(...page.logs);
    if (page.isAll) return logs;
    expect(page.logs).toHaveLength(search.limit);
    const after = page.logs.at(-1)!;
    const changed = await between(page);
    page = await store.search({ ...search, isExport: true, after, upToSequence: page.upToSequence, ...changed });
  }
}

const laterMs = (beginSeconds + 86_400) * 1000;

test.each([
  { query: "", limit: 17 },
  { query: "", limit: 400 },
  { query: "REJECT OR 22", limit: 3 },
  { query: "action:ACCEPT", limit: 40 },
  { query: "203.0.113.12", limit: 5 },
  { query: "nothing-at-all", limit: 5 },
])("pages of $limit of the query '$query' are what one search finds", async ({ query, limit }) => {
  await fill(1);
  await store.tend(laterMs, new Map());
  await fill(2);
  const search = { ...wanted(query), limit };
  const all = await store.search({ ...search, limit: 100_000 });
  expect(await exported(search)).toEqual(all.logs);
});

test("what arrives meanwhile is not among them, and a restart in the middle changes nothing", async () => {
  await fill(1);
  const all = await store.search({ ...wanted(""), limit: 100_000 });
  let pages = 0;
  const found = await exported(wanted(""), async () => {
    pages++;
    if (pages % 3 === 0) await fill(100 + pages);
    if (pages % 5 === 0) await store.tend(laterMs, new Map());
    if (pages % 4 === 0) {
      await store.close();
      store = open();
    }
    return {};
  });
  expect(pages).toBeGreaterThan(20);
  expect(found).toEqual(all.logs);
});

test("logs that outlive their retention between two pages are left out", async () => {
  await fill(1);
  const all = await store.search({ ...wanted(""), limit: 100_000 });
  const edge = all.logs[200]!.timeMs;
  const found = await exported(wanted(""), () => Promise.resolve({ topics: topics.map((topic) => ({ ...topic, keptFromMs: edge })) }));
  expect(found).toEqual([...all.logs.slice(0, 17), ...all.logs.slice(17).filter(({ timeMs }) => timeMs >= edge)]);
});

test("several exports at a time do not disturb each other", async () => {
  await fill(1);
  const queries = ["", "REJECT", "ACCEPT", "action:REJECT"];
  const alone = await Promise.all(queries.map((query) => store.search({ ...wanted(query), limit: 100_000 })));
  const together = await Promise.all(queries.map((query) => exported({ ...wanted(query), limit: 2 })));
  expect(together).toEqual(alone.map(({ logs }) => logs));
});
