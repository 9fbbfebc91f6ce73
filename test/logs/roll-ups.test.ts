/** What is answered from roll-ups and grouped rows is what the rows themselves answer. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { beginSeconds, randomBatch } from "../../scripts/oracle/random-logs.ts";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import type { Condition, IndexRule } from "../../src/backend/logs/log-store.ts";
import { parseQuery } from "../../src/backend/logs/query/parser.ts";
import { parseSelect } from "../../src/backend/logs/sql/parser.ts";

const text = (key: string) => ({ key, type: "text" as const, tokenizer: "", sql: true });
const long = (key: string) => ({ key, type: "long" as const, tokenizer: "", sql: true });
const keys = [...["srcaddr", "dstaddr", "action", "interface-id"].map(text), ...["srcport", "dstport", "packets", "bytes", "start", "protocol"].map(long)];
const rule: IndexRule = { fullText: { caseSensitive: false, tokenizer: " " }, keyValue: { caseSensitive: false, keys }, tag: undefined };
const hourMs = 3_600_000;

const selects = [
  "select srcaddr, sum(bytes) as n group by srcaddr order by n desc, srcaddr limit 3",
  "select srcaddr as who, sum(packets) as n, count(*) as m group by who order by 2 desc limit 2",
  "select dstaddr, count(*) as n group by dstaddr order by n desc, dstaddr",
  "select count(*) as n, sum(bytes) as b, sum(packets) as p, avg(bytes) as mean",
  "select srcaddr, count(distinct dstaddr) as n group by srcaddr order by n desc limit 3",
  "select srcaddr, count(distinct dstport) as n, sum(bytes) as b group by srcaddr order by n desc limit 2",
  "select action, count(*) as n, count_if(action = 'REJECT') as r group by action order by action",
  "select histogram(cast(__TIMESTAMP__ as timestamp), interval 10 minute) as t, action, count(*) as n group by t, action order by t, action",
  "select count(distinct srcaddr) as n, approx_distinct(action) as m, min(srcaddr) as low, max(dstaddr) as high",
  'select "interface-id", sum(bytes) as n group by "interface-id" order by n desc, 1',
  "select srcaddr, dstaddr, count(*) as n group by srcaddr, dstaddr having n > 1 order by n desc, srcaddr, dstaddr",
  "select concat(srcaddr, '!') as s, count(srcaddr) as n group by s order by s",
  "select dstport, max(bytes) as n group by dstport order by dstport",
  "select srcaddr, sum(bytes) as bytes group by srcaddr order by bytes desc limit 1",
  "select srcaddr, srcaddr, count(*) as n group by srcaddr order by n desc, srcaddr",
];
const conditions = ["*", "REJECT", "action:REJECT", "NOT action:ACCEPT", "203.0.113.12", "srcaddr:203.0.113.12", "dstport:22", "action:REJECT AND 10.0.0.1"];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-roll-ups-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Whole answers, their rows sorted where the order is not told apart by what is asked. */
async function answers(store: EmbeddedStore, range: Pick<Condition, "fromMs" | "toMs">): Promise<string[]> {
  const found: string[] = [];
  for (const condition of conditions) {
    for (const select of selects) {
      const query = parseQuery(condition, "cql");
      const { columns, rows } = await store.analyse({ query, syntax: "cql", topics: [{ id: "t", index: rule, keptFromMs: 0 }], ...range }, parseSelect(select, 0), 1);
      // Of groups that are equal in what orders them, any may be the last: their measures tell enough.
      const isCut = select.includes("limit");
      const shown = rows.map((row) => JSON.stringify(isCut ? row.slice(1, 2) : row));
      found.push(`${condition} | ${select}: ${columns.map(({ name, type }) => `${name} ${type}`).join()} ${shown.join(" ")}`);
    }
  }
  return found;
}

test.each([1, 2])("seed %i", async (seed) => {
  const chance = new Chance(seed);
  const [sealed, plain] = [new EmbeddedStore({ folder }), new EmbeddedStore({ folder: undefined })];
  for (let batch = 0; batch < 4; batch++) {
    const records = randomBatch(chance, `batch ${batch}`, 150, seed % 2 === 0);
    // Sums of many large numbers stay below what a roll-up takes.
    for (let row = 0; row < records.count; row++) records.bytes[row] = records.bytes[row]! > 2 ** 50 ? 2 ** 45 : records.bytes[row]!;
    await sealed.writeRecords("t", rule, records);
    await plain.writeRecords("t", rule, records);
    if (batch === 1 || batch === 2) await sealed.tend((beginSeconds + 2 * batch * 3600) * 1000, new Map());
  }
  expect(readdirSync(join(folder, "segments")).filter((name) => name.endsWith(".sums")).length).toBeGreaterThan(5);
  const begin = beginSeconds * 1000;
  for (const range of [{ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }, { fromMs: begin + hourMs / 3, toMs: begin + 2.5 * hourMs }]) {
    expect(await answers(sealed, range)).toEqual(await answers(plain, range));
  }
  await sealed.close();
  await plain.close();
}, 60_000);

test("a damaged roll-up is told by its name, and its segment is read instead", async () => {
  const store = new EmbeddedStore({ folder });
  await store.writeRecords("t", rule, { ...randomBatch(new Chance(5), "batch", 200, false), bytes: new Float64Array(200).fill(7) });
  await store.tend((beginSeconds + 86_400) * 1000, new Map());
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  const before = await answers(store, range);
  await store.close();
  const damaged = readdirSync(join(folder, "segments")).find((name) => name.endsWith(".by-src.sums"))!;
  writeFileSync(join(folder, "segments", damaged), "not a roll-up");
  const again = new EmbeddedStore({ folder });
  expect(await answers(again, range)).toEqual(before);
  expect(again.damage()).toMatchObject([{ topicId: "t", words: expect.stringContaining(damaged) as string }]);
  await again.close();
}, 30_000);
