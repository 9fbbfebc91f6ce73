/** What the embedded store promises beside what it finds: batches once, retention, deletion, sealing, damage told by name. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { beginSeconds, randomBatch } from "../../scripts/oracle/random-logs.ts";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import { parseSelect } from "../../src/backend/logs/sql/parser.ts";
import type { Condition, IndexRule } from "../../src/backend/logs/log-store.ts";

let folder: string;
let store: EmbeddedStore;
const rule: IndexRule = { fullText: { caseSensitive: false, tokenizer: " " }, keyValue: undefined, tag: undefined };
const beginMs = beginSeconds * 1000;
const laterMs = beginMs + 86_400_000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-store-"));
  store = new EmbeddedStore({ folder });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const batch = (seed: number) => randomBatch(new Chance(seed), `batch ${seed}`, 100, true);
const everything = (keptFromMs = 0): Condition => ({
  query: { kind: "all" },
  syntax: "cql",
  topics: [{ id: "t", index: rule, keptFromMs }],
  fromMs: 0,
  toMs: Number.MAX_SAFE_INTEGER,
});
const lines = async (keptFromMs = 0) => (await store.search({ ...everything(keptFromMs), newestFirst: false, limit: 1000 })).logs.map(({ text }) => text);
const segments = () => readdirSync(join(folder, "segments")).filter((name) => name.endsWith(".parquet"));

async function reopen(): Promise<void> {
  await store.close();
  store = new EmbeddedStore({ folder });
}

test("a batch that comes again is kept once: at once, after sealing, after a restart", async () => {
  await store.writeRecords("t", rule, batch(1));
  await store.writeRecords("t", rule, batch(1));
  expect(await lines()).toHaveLength(100);
  await store.tend(laterMs, new Map());
  await reopen();
  await store.writeRecords("t", rule, batch(1));
  expect(await lines()).toHaveLength(100);
  expect(await store.usage("t")).toMatchObject({ logs: 100 });
});

test("sealing and joining change nothing that is found", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    await store.writeRecords("t", rule, batch(seed));
    if (seed < 5) await store.tend(laterMs, new Map());
  }
  const before = await lines();
  const usage = await store.usage("t");
  await store.tend(laterMs, new Map());
  // Four hours, whose pieces were joined.
  expect(segments()).toHaveLength(4);
  expect(await lines()).toEqual(before);
  await reopen();
  expect(await lines()).toEqual(before);
  expect(await store.usage("t")).toMatchObject({ logs: 500, ingestedBytes: usage.ingestedBytes, storedBytes: usage.storedBytes });
});

test("what has outlived its retention is not found, and then removed; what was taken in stays counted", async () => {
  await store.writeRecords("t", rule, batch(1));
  await store.tend(beginMs + 3 * 3_600_000, new Map());
  const { ingestedBytes } = await store.usage("t");
  const all = await lines();
  const halfMs = beginMs + 5_400_000;
  const kept = all.filter((line) => Number(line.split(" ")[10]) * 1000 >= halfMs);
  expect(await lines(halfMs)).toEqual(kept);
  await store.tend(laterMs, new Map([["t", beginMs + 2 * 3_600_000]]));
  expect(segments()).toHaveLength(2);
  expect(await lines()).toEqual(all.filter((line) => Number(line.split(" ")[10]) >= beginSeconds + 7200));
  await store.tend(laterMs, new Map([["t", laterMs]]));
  expect(await lines()).toEqual([]);
  expect(segments()).toEqual([]);
  expect(await store.usage("t")).toMatchObject({ logs: 0, storedBytes: 0, ingestedBytes });
});

test("what is no number is none in a SELECT: words for infinity and for no number, and what no double can hold", async () => {
  const index: IndexRule = { ...rule, keyValue: { caseSensitive: false, keys: [{ key: "x", type: "double", tokenizer: "", sql: true }] } };
  const log = (x: string) => ({ timeMs: beginMs, stream: "", source: "", values: [["x", x]] as const, tags: [] });
  await store.writeLogs("t", index, ["2.5", "nan", "inf", "-Infinity", "1e400", "1e3"].map(log));
  const select = parseSelect("select count(x) as n, sum(x) as total", 0);
  const { rows } = await store.analyse({ ...everything(), topics: [{ id: "t", index, keptFromMs: 0 }] }, select, 1);
  expect(rows).toEqual([[2, 1002.5]]);
});

test("a deleted topic's files go, and a new one of its name is empty", async () => {
  await store.writeRecords("t", rule, batch(1));
  await store.tend(laterMs, new Map());
  await store.writeRecords("t", rule, batch(2));
  await store.deleteTopic("t");
  expect([segments(), await lines()]).toEqual([[], []]);
  await store.writeRecords("t", rule, batch(1));
  expect(await lines()).toHaveLength(100);
});

test("a damaged segment is told by its name, and the rest is read", async () => {
  await store.writeRecords("t", rule, batch(1));
  await store.tend(laterMs, new Map());
  const [damaged] = segments();
  const path = join(folder, "segments", damaged!);
  const bytes = readFileSync(path);
  const lost = (await store.search({ ...everything(), newestFirst: false, limit: 1000 })).logs.length;
  await store.close();
  writeFileSync(path, bytes.fill(0, 0, bytes.length));
  store = new EmbeddedStore({ folder });
  const found = await store.search({ ...everything(), newestFirst: false, limit: 1000 });
  expect(found.logs.length).toBeGreaterThan(0);
  expect(found.logs.length).toBeLessThan(lost);
  expect(found.damage).toMatchObject([{ topicId: "t" }]);
  expect(found.damage[0]!.words).toContain(`${path} (`);
});

test("a filter that is damaged is passed over, and leftovers of a crash are removed", async () => {
  await store.writeRecords("t", rule, batch(1));
  await store.tend(laterMs, new Map());
  const search = { ...everything(), query: { kind: "word", key: undefined, pieces: ["203.0.113.12"], at: 0 }, newestFirst: true, limit: 1000 } as const;
  const before = (await store.search(search)).logs;
  await store.close();
  for (const name of readdirSync(join(folder, "segments"))) if (name.endsWith(".filter")) writeFileSync(join(folder, "segments", name), "x");
  writeFileSync(join(folder, "segments", "999.parquet"), "a segment that the catalogue does not name");
  store = new EmbeddedStore({ folder });
  expect((await store.search(search)).logs).toEqual(before);
  expect(segments()).not.toContain("999.parquet");
});

test("a topic that nothing was written to has its say in which columns a SELECT finds, and in their types", async () => {
  const index = (type: "text" | "double", ...names: string[]): IndexRule => ({
    ...rule,
    keyValue: { caseSensitive: false, keys: names.map((key) => ({ key, type, tokenizer: "", sql: true })) },
  });
  await store.writeLogs("t", index("double", "code", "level"), [{ timeMs: beginMs, stream: "", source: "", values: [["code", "22"]], tags: [] }]);
  const topics = [
    { id: "empty", index: index("text", "code"), keptFromMs: 0 },
    { id: "t", index: index("double", "code", "level"), keptFromMs: 0 },
  ];
  const select = (text: string) => store.analyse({ ...everything(), topics }, parseSelect(text, 0), 1);
  expect((await select("select code where code like '2%'")).rows).toEqual([["22"]]);
  await expect(select("select level")).rejects.toThrow(/level/);
});
