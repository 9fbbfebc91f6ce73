/** The ledger's promise: what is settled is on disk, what failed never happened, and neither touches the others. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Collection, Ledger } from "../../src/backend/ledger.ts";

let folder: string;
let ledger: Ledger;
let things: Collection<number>;

const path = () => join(folder, "state.sqlite");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-ledger-"));
  ledger = new Ledger(path());
  things = ledger.collection("thing");
});

afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the next process would find. */
function kept(): Record<string, number> {
  ledger.close();
  ledger = new Ledger(path());
  things = ledger.collection("thing");
  return shown();
}

const keys = ["a", "b", "c", "d"];
const shown = () => Object.fromEntries(keys.filter((key) => things.has(key)).map((key) => [key, things.get(key)!]));
const database = () => (ledger as unknown as { database: DatabaseSync }).database;

/** How often the disk is written to from now on. */
function countCommits(): () => number {
  const exec = database().exec.bind(database());
  let commits = 0;
  database().exec = (sql) => {
    if (sql === "COMMIT") commits++;
    exec(sql);
  };
  return () => commits;
}

const put = (key: string, value: number) => ledger.transaction(() => things.put(key, value));
const refuse = (key: string) =>
  ledger.transaction(() => {
    things.put(key, -1);
    things.delete("a");
    throw new Error("refused");
  });

test("transactions of one turn share a write, and all are there when it is settled", async () => {
  const commits = countCommits();
  put("a", 1);
  put("b", 2);
  await ledger.settled();
  expect(commits()).toBe(1);
  put("c", 3);
  await ledger.settled();
  await ledger.settled();
  expect(commits()).toBe(2);
  expect(kept()).toEqual({ a: 1, b: 2, c: 3 });
});

test("one that fails leaves the others of its batch alone", async () => {
  put("a", 1);
  expect(() => refuse("b")).toThrow("refused");
  put("c", 3);
  expect(shown()).toEqual({ a: 1, c: 3 });
  await ledger.settled();
  expect(kept()).toEqual({ a: 1, c: 3 });
});

test("a write outside a transaction is settled too, and closing settles everything", async () => {
  things.put("a", 1);
  await ledger.settled();
  things.put("b", 2);
  things.delete("a");
  expect(kept()).toEqual({ b: 2 });
});

test("reading costs no write", async () => {
  const commits = countCommits();
  ledger.transaction(() => shown());
  await ledger.settled();
  expect(commits()).toBe(0);
});

describe("a disk that does not take it", () => {
  test("at the end of a batch: everybody in it is told, and nothing of it happened", async () => {
    put("a", 1);
    await ledger.settled();
    const exec = database().exec.bind(database());
    database().exec = (sql) => {
      if (sql === "COMMIT") throw new Error("disk I/O error");
      exec(sql);
    };
    put("b", 2);
    const first = ledger.settled();
    put("a", 10);
    const second = ledger.settled();
    await expect(first).rejects.toThrow("disk I/O error");
    await expect(second).rejects.toThrow("disk I/O error");
    expect(shown()).toEqual({ a: 1 });
    database().exec = exec;
    put("d", 4);
    await ledger.settled();
    expect(kept()).toEqual({ a: 1, d: 4 });
  });

  test("in the middle of a transaction: that one fails, and memory and disk agree again", async () => {
    const texts = ledger.collection<string>("text");
    put("a", 1);
    await ledger.settled();
    const pages = Number(database().prepare("PRAGMA page_count").get()!["page_count"]);
    database().exec(`PRAGMA max_page_count = ${pages + 2}`);
    put("b", 2);
    const settled = ledger.settled().then(() => "written", (error: unknown) => String(error));
    expect(() => ledger.transaction(() => texts.put("long", "x".repeat(100_000)))).toThrow("full");
    expect(texts.has("long")).toBe(false);
    const isWritten = (await settled) === "written";
    database().exec("PRAGMA max_page_count = 1000000");
    expect(shown()).toEqual(isWritten ? { a: 1, b: 2 } : { a: 1 });
    put("c", 3);
    await ledger.settled();
    const before = shown();
    expect(kept()).toEqual(before);
  });
});

test("in memory everything is settled at once", () => {
  const own = new Ledger(":memory:");
  const collection = own.collection<number>("thing");
  own.transaction(() => collection.put("a", 1));
  expect(() => own.transaction(() => {
    collection.put("a", 2);
    throw new Error("refused");
  })).toThrow("refused");
  expect(collection.get("a")).toBe(1);
  own.close();
});
