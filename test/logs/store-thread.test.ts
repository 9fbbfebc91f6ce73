/** The store in a thread of its own says what the store in this one says: the same logs, the same damage, the same errors. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { beginSeconds, randomBatch } from "../../scripts/oracle/random-logs.ts";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import { type Condition, type IndexRule, type Log, type LogStore, QueryFailure, StoreFailure } from "../../src/backend/logs/log-store.ts";
import { QuerySyntaxError } from "../../src/backend/logs/query/ast.ts";
import { parseSelect } from "../../src/backend/logs/sql/parser.ts";
import { storeThread } from "../../src/backend/logs/store-thread.ts";
import { UnreadableUpload } from "../../src/backend/logs/upload/upload.ts";

let folder: string;
let here: LogStore;
let there: LogStore;
const deaths: Error[] = [];
const beginMs = beginSeconds * 1000;
const laterMs = beginMs + 86_400_000;
const rule: IndexRule = {
  fullText: { caseSensitive: false, tokenizer: " " },
  keyValue: { caseSensitive: false, keys: [{ key: "srcaddr", type: "text", sql: true, tokenizer: "" }] },
  tag: undefined,
};
const everything: Condition = { query: { kind: "all" }, syntax: "cql", topics: [{ id: "t", index: rule, keptFromMs: 0 }], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

const open = () => {
  here = new EmbeddedStore({ folder: join(folder, "here") });
  there = storeThread({ folder: join(folder, "there") }, (error) => deaths.push(error));
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-store-thread-"));
  deaths.length = 0;
  open();
});

afterEach(async () => {
  await Promise.all([here.close(), there.close()]);
  rmSync(folder, { recursive: true, force: true });
  expect(deaths).toEqual([]);
});

/** Asks both stores. */
async function both<R>(ask: (store: LogStore) => R | Promise<R>): Promise<{ here: R; there: R }> {
  return { here: await ask(here), there: await ask(there) };
}

const searchAll = (store: LogStore) => store.search({ ...everything, newestFirst: true, limit: 1000 });
const uploaded: readonly Log[] = [{ timeMs: beginMs, stream: "s", source: "192.0.2.1", values: [["key", "väl"]], tags: [["tag", "1"]] }];

test("every question gets the same answer, before and after sealing", async () => {
  await both((store) => store.writeRecords("t", rule, randomBatch(new Chance(1), "batch 1", 300, true)));
  await both((store) => store.writeLogs("t", rule, uploaded));
  await both((store) => store.writeRecords("gone", rule, randomBatch(new Chance(2), "batch 2", 50, true)));
  await both((store) => store.deleteTopic("gone"));
  await both((store) => store.writeRecords("other", rule, randomBatch(new Chance(3), "batch 3", 50, true)));
  await both((store) => store.keepOnly(new Set(["t"])));
  const line = (await searchAll(here)).logs.find(({ source }) => source === "flow-log")!;
  const questions: Readonly<Record<string, (store: LogStore) => unknown>> = {
    search: searchAll,
    arrivals: (store) => store.arrivals({ query: everything.query, syntax: "cql", topics: everything.topics, afterSequence: 40, limit: 205 }),
    keys: (store) => store.keys(everything, Number.MAX_SAFE_INTEGER),
    count: (store) => store.count(everything, 600_000),
    analyse: (store) => store.analyse(everything, parseSelect("select srcaddr, count(*) as n group by srcaddr order by n desc, srcaddr", 0), 1),
    findLine: (store) => store.findLine(line.stream, line.timeMs, line.text),
    usage: async (store) => ({ ...(await store.usage("t")), segmentBytes: 0 }),
    "usage of none": (store) => store.usage("other"),
    countStreams: (store) => store.countStreams("t"),
    tend: (store) => store.tend(laterMs, new Map([["t", beginMs - 1]])),
    damage: (store) => store.damage(),
    upload: (store) => store.writeUpload("t", rule, { body: new Uint8Array(), compression: "" }),
  };
  for (const round of ["hot", "sealed"]) {
    for (const [name, question] of Object.entries(questions)) {
      const answers = await both(question);
      expect([round, name, answers.there]).toEqual([round, name, answers.here]);
    }
  }
});

test("errors keep their class, their words and their place", async () => {
  await both((store) => store.writeRecords("t", rule, randomBatch(new Chance(1), "batch 1", 100, true)));
  const refusal = async (sql: string) => {
    const { here: own, there: other } = await both((store) => store.analyse(everything, parseSelect(sql, 0), 1).catch((error: unknown) => error));
    expect(other).toEqual(own);
    return other;
  };
  const unreadable = await both((store) => store.writeUpload("t", rule, { body: new Uint8Array([1, 2, 3]), compression: "lz4" }).catch((error: unknown) => error));
  expect(unreadable.there).toBeInstanceOf(UnreadableUpload);
  expect(unreadable.there).toEqual(unreadable.here);
  expect(await refusal("select nothing")).toBeInstanceOf(QuerySyntaxError);
  expect(await refusal("select sum(srcaddr)")).toBeInstanceOf(QueryFailure);
  await there.close();
  writeFileSync(join(folder, "there", "hot.duckdb"), "no database at all, but something that is long enough to be looked at".repeat(200));
  there = storeThread({ folder: join(folder, "there") }, (error) => deaths.push(error));
  const failure = await there.usage("t").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreFailure);
  expect((failure as StoreFailure).message).toContain("hot.duckdb");
});

test("damage is known on this side as soon as a read has met it", async () => {
  await both((store) => store.writeRecords("t", rule, randomBatch(new Chance(1), "batch 1", 100, true)));
  await both((store) => store.tend(laterMs, new Map()));
  await Promise.all([here.close(), there.close()]);
  for (const name of ["here", "there"]) {
    const segment = readdirSync(join(folder, name, "segments")).find((each) => each.endsWith(".parquet"))!;
    writeFileSync(join(folder, name, "segments", segment), Buffer.alloc(5000));
  }
  open();
  expect(there.damage()).toEqual([]);
  const found = await both(searchAll);
  expect(found.there.logs).toEqual(found.here.logs);
  expect(there.damage()).toHaveLength(1);
  expect(there.damage()).toEqual(here.damage().map((each) => ({ ...each, words: each.words.replaceAll(join(folder, "here"), join(folder, "there")) })));
});
