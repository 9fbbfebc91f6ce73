/** The filters of a day's segments in one file: what they tell, and what becomes of them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { beginSeconds, randomBatch } from "../../scripts/oracle/random-logs.ts";
import { AddressFilters } from "../../src/backend/logs/duckdb/address-filter.ts";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import { JoinedFilter } from "../../src/backend/logs/duckdb/joined-filter.ts";
import type { IndexRule } from "../../src/backend/logs/log-store.ts";

let folder: string;
let store: EmbeddedStore;
const rule: IndexRule = { fullText: { caseSensitive: false, tokenizer: " " }, keyValue: undefined, tag: undefined };
const hours = 24;
const overMs = (beginSeconds + (hours + 2) * 3600) * 1000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-filters-"));
  store = new EmbeddedStore({ folder });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function reopen(): Promise<void> {
  await store.close();
  store = new EmbeddedStore({ folder });
}

const files = (ending: string) => readdirSync(join(folder, "segments")).filter((name) => name.endsWith(ending));
const addresses = ["203.0.113.12", "203.0.113.1", "172.16.16.34", "10.0.0.1", "198.51.100.7", "203.0.113.*"];

async function found(): Promise<unknown[]> {
  const logs: unknown[] = [];
  for (const address of addresses) {
    const piece = address.endsWith("*") ? [address.slice(0, -1), { wildcard: "many" } as const] : [address];
    const query = { kind: "word", key: undefined, pieces: piece, at: 0 } as const;
    logs.push((await store.search({ query, syntax: "cql", topics: [{ id: "t", index: rule, keptFromMs: 0 }], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, newestFirst: true, limit: 1000 })).logs);
  }
  return logs;
}

const writeDay = (seed: number) => store.writeRecords("t", rule, randomBatch(new Chance(seed), `batch ${seed}`, 500, true, hours));

test("a day that is over has one file of filters; searches find the same, also after a start", async () => {
  await writeDay(1);
  const before = await found();
  await store.tend(overMs, new Map());
  expect([files(".parquet").length, files(".filter"), files(".filters")]).toEqual([hours, [], ["1.filters"]]);
  expect(await found()).toEqual(before);
  await reopen();
  expect(await found()).toEqual(before);
  expect(store.damage()).toEqual([]);
  const { segmentBytes } = await store.usage("t");
  const bytes = readdirSync(join(folder, "segments")).reduce((sum, name) => sum + readFileSync(join(folder, "segments", name)).length, 0);
  expect(Math.abs(segmentBytes - bytes)).toBeLessThan(hours);
}, 60_000);

test("one that is damaged is told by its name and passed over, and made anew with the next tending", async () => {
  await writeDay(2);
  await store.tend(overMs, new Map());
  const before = await found();
  await store.close();
  const path = join(folder, "segments", "1.filters");
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xff, 4096));
  store = new EmbeddedStore({ folder });
  expect(await found()).toEqual(before);
  expect(store.damage().map(({ words }) => words)).toEqual(Array<unknown>(hours).fill(expect.stringContaining(`filter ${path} cannot be read: its bytes are not those that were written`)));
  await store.tend(overMs, new Map());
  expect([store.damage(), files(".filter").length, files(".filters").length]).toEqual([[], 0, 1]);
  await reopen();
  expect(await found()).toEqual(before);
}, 60_000);

test("one that is missing, or is cut off, is made anew as well", async () => {
  await writeDay(3);
  await store.tend(overMs, new Map());
  const before = await found();
  for (const damage of [(path: string) => rmSync(path), (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 5000))]) {
    await store.close();
    damage(join(folder, "segments", files(".filters")[0]!));
    store = new EmbeddedStore({ folder });
    expect(await found()).toEqual(before);
    expect(store.damage()).toHaveLength(hours);
    await store.tend(overMs, new Map());
    expect([store.damage(), files(".filter").length, files(".filters").length]).toEqual([[], 0, 1]);
  }
}, 60_000);

test("it stays while a segment of it is there, and goes with the last", async () => {
  await writeDay(4);
  await store.tend(overMs, new Map());
  const ofLastHour = (beginSeconds + (hours - 1) * 3600) * 1000;
  await store.tend(overMs, new Map([["t", ofLastHour]]));
  expect([files(".parquet").length, files(".filters")]).toEqual([1, ["1.filters"]]);
  const before = await found();
  await reopen();
  expect(await found()).toEqual(before);
  await store.deleteTopic("t");
  expect(readdirSync(join(folder, "segments"))).toEqual([]);
}, 60_000);

test("a copy of the store has it too", async () => {
  await store.close();
  const copyFolder = join(folder, "copies");
  store = new EmbeddedStore({ folder, copyFolder });
  await writeDay(7);
  await store.tend(overMs, new Map());
  const before = await found();
  await store.beginCopy(join(copyFolder, "one"));
  await store.finishCopy();
  await store.close();
  const other = join(folder, "other");
  store = new EmbeddedStore({ folder: other, copyFolder });
  await store.takeUp(join(copyFolder, "one"));
  const names = readdirSync(join(other, "segments"));
  expect([names.filter((name) => name.endsWith(".filter")), names.filter((name) => name.endsWith(".filters"))]).toEqual([[], ["1.filters"]]);
  expect(await found()).toEqual(before);
  expect(store.damage()).toEqual([]);
}, 60_000);

test("segments that come later have a filter of their own, beside the day's", async () => {
  await writeDay(5);
  await store.tend(overMs, new Map());
  await store.writeRecords("t", rule, randomBatch(new Chance(6), "late", 10, false, 1));
  const before = await found();
  await store.tend(overMs, new Map());
  expect([files(".filter").length, files(".filters").length]).toEqual([1, 1]);
  expect(await found()).toEqual(before);
}, 60_000);

test("no address that a segment holds is denied, and few that it does not hold are affirmed", async () => {
  const ids = Array.from({ length: 24 }, (_, place) => place + 1);
  const held = new Map(ids.map((id) => [id, Array.from({ length: 400 * id }, (_, place) => (Math.imul(place * 31 + id, 0x9e3779b1) ^ 0x5bd1e995) >>> 0)]));
  const joined = new JoinedFilter(ids, (12 / 8) * [...held.values()].reduce((sum, each) => sum + 2 * each.length, 0));
  for (const [id, each] of held) joined.fill(id, each);
  const path = join(folder, "1.filters");
  writeFileSync(path, joined.close());
  const filters = new AddressFilters((id) => join(folder, `${id}.filter`));
  expect(filters.join(path, () => true)).toBe(true);
  const mayHold = filters.lookUp();
  for (const [id, each] of held) expect(each.filter((address) => !mayHold(id, [address, address]))).toEqual([]);
  const others = Array.from({ length: 20_000 }, (_, place) => (Math.imul(place + 7, 0x85ebca6b) ^ 0x0badcafe) >>> 0);
  const falseHits = ids.reduce((sum, id) => {
    const own = new Set(held.get(id));
    return sum + others.filter((address) => !own.has(address) && mayHold(id, [address, address])).length;
  }, 0);
  expect(falseHits / (others.length * ids.length)).toBeLessThan(0.03);
  filters.close();
}, 60_000);
