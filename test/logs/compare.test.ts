/** `compare` gives what two queries give, each over its own time. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { beginSeconds, randomBatch, randomLogs } from "../../scripts/oracle/random-logs.ts";
import type { OpenStore } from "../../scripts/oracle/stores.ts";
import type { Condition, IndexRule } from "../../src/backend/logs/log-store.ts";
import { parseQuery } from "../../src/backend/logs/query/parser.ts";
import { parseSelect } from "../../src/backend/logs/sql/parser.ts";
import { onEveryStore } from "../support/every-store.ts";

const text = (key: string) => ({ key, type: "text" as const, tokenizer: "", sql: true });
const long = (key: string) => ({ key, type: "long" as const, tokenizer: "", sql: true });
const keys = [...["srcaddr", "action", "interface-id"].map(text), ...["dstport", "packets"].map(long)];
const rule: IndexRule = { fullText: { caseSensitive: false, tokenizer: " " }, keyValue: { caseSensitive: false, keys }, tag: undefined };

const time = "histogram(cast(__TIMESTAMP__ as timestamp), interval 10 minute)";

/** What rows are told apart by: nothing, one column, several of which some are NULL or moments. */
const groups: readonly (readonly [name: string, value: string])[][] = [
  [],
  [["action", "action"]],
  [["host", "srcaddr"]],
  [["port", "dstport"], ["eni", '"interface-id"']],
  [["t", time]],
  [["t", time], ["eni", '"interface-id"']],
];
const measures = ["count(*)", "sum(packets)", "avg(packets)", "count(distinct srcaddr)", "max(dstport) - 22"];
const conditions = ["*", "REJECT", "203.0.113.12", "dstport:22", "NOT action:ACCEPT"];

type Row = readonly (string | number | null)[];

onEveryStore((kind) => {
  let open: OpenStore;

  beforeAll(async () => {
    open = await kind.make();
    const { store } = open;
    const chance = new Chance(7);
    for (let batch = 0; batch < 3; batch++) {
      await store.writeRecords("a", rule, randomBatch(chance, `a${batch}`, 300, true));
      await store.writeRecords("b", rule, randomBatch(chance, `b${batch}`, 200, false));
      await store.writeLogs("c", rule, randomLogs(chance, 100));
      // The embedded store seals its hours: the latest logs stay where they are.
      if (batch === 1) await store.tend((beginSeconds + 86_400) * 1000, new Map());
    }
  });

  afterAll(() => open.end());

  const answer = async (condition: Condition, select: string): Promise<readonly Row[]> => (await open.store.analyse(condition, parseSelect(select, 0), 1)).rows;

  test("a SELECT within gives all its rows where it has no LIMIT", async () => {
    const all: Condition = { query: { kind: "all" }, syntax: "cql", topics: [{ id: "a", index: rule, keptFromMs: 0 }], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    expect(await answer(all, "select count(*) from (select action)")).toEqual([[900]]);
    expect(await answer(all, "select count(*) from (select action limit 7)")).toEqual([[7]]);
  });

  test.each([1, 2, 3])("seed %i", async (seed) => {
    const chance = new Chance(seed);
    let matched = 0;
    for (let round = 0; round < 12; round++) {
      const fromMs = (beginSeconds + 60 * chance.below(180)) * 1000;
      const toMs = fromMs + 60_000 * (1 + chance.below(120));
      const kept = () => (chance.percent(50) ? 0 : (beginSeconds + 60 * chance.below(120)) * 1000);
      const topics = chance.many(1, 3, (place) => "abc"[place]!).map((id) => ({ id, index: rule, keptFromMs: kept() }));
      const condition: Condition = { query: parseQuery(chance.of(conditions), "cql"), syntax: "cql", topics, fromMs, toMs };
      const seconds = chance.many(1, 3, () => 600 * (1 + chance.below(9)));
      const group = chance.of(groups);
      const measure = chance.of(measures);
      const names = group.map(([name]) => name);
      const within = `select ${[...group.map(([name, value]) => `${value} as ${name}`), `${measure} as n`].join(", ")}${names.length === 0 ? "" : ` group by ${names.join(", ")}`}`;
      const compared = await answer(condition, `select ${[...names, `compare(n, ${seconds.join(", ")})`].join(", ")} from (${within}) limit 10000`);

      const parts = [0, ...seconds].map((each) => answer({ ...condition, fromMs: fromMs - each * 1000, toMs: toMs - each * 1000 }, `${within} limit 10000`));
      const [now, ...before] = await Promise.all(parts);
      const beforeOf = before.map((rows, place) => new Map(rows.map((row) => [keyOf(row, seconds[place]!), row.at(-1)! as number | null])));
      const expected = now!.map((row) => {
        const value = row.at(-1) as number | null;
        const earlier = beforeOf.map((values) => values.get(keyOf(row, 0)) ?? null);
        const ratios = earlier.map((each) => (value === null || each === null || each === 0 ? null : value / each));
        return [...row.slice(0, -1), JSON.stringify([value, ...earlier, ...ratios])];
      });
      expect(sorted(compared), `${names.join()} ${measure} ${seconds.join()}`).toEqual(sorted(expected));
      matched += compared.filter((row) => (JSON.parse(String(row.at(-1))) as (number | null)[])[1] !== null).length;
    }
    expect(matched).toBeGreaterThan(20);
  }, 60_000);
});

/** What tells a row apart from others of its answer, moments as much later as the answer is earlier. */
function keyOf(row: Row, seconds: number): string {
  const moved = (value: string | number | null) => (typeof value === "string" && /^\d{4}-.*Z$/.test(value) ? new Date(Date.parse(value) + seconds * 1000).toISOString() : value);
  return JSON.stringify(row.slice(0, -1).map(moved));
}

function sorted(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted();
}
