/** The SQL part of a query answers the same in both stores, function by function. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chance } from "../../../scripts/oracle/chance.ts";
import { randomBatch, randomLogs } from "../../../scripts/oracle/random-logs.ts";
import { embeddedStore, type OpenStore } from "../../../scripts/oracle/stores.ts";
import type { Condition, IndexRule } from "../../../src/backend/logs/log-store.ts";
import { parseSelect } from "../../../src/backend/logs/sql/parser.ts";
import { onClickhouse } from "../../support/every-store.ts";

const long = (key: string) => ({ key, type: "long", tokenizer: "", sql: true }) as const;
const text = (key: string) => ({ key, type: "text", tokenizer: " ", sql: true }) as const;
const keys = [
  ...["srcport", "dstport", "packets", "bytes", "code"].map(long),
  ...["srcaddr", "dstaddr", "action", "log-status", "interface-id", "message", "level"].map(text),
  { key: "start", type: "double", tokenizer: "", sql: true } as const,
];
const rule: IndexRule = { fullText: undefined, keyValue: { caseSensitive: true, keys }, tag: undefined };

/** Of the records, of the logs, of both. */
const topics = { records: ["r"], logs: ["l"], both: ["r", "l"], none: ["n"] } as const;

const selects: [of: keyof typeof topics, select: string][] = [
  ...(["records", "logs", "both", "none"] as const).flatMap((of): [typeof of, string][] => [
    [of, "SELECT count(*), count(srcaddr), count(DISTINCT srcaddr), sum(bytes), avg(bytes), min(srcport), max(srcaddr)"],
    [of, "SELECT action, count(*) AS n, sum(packets) AS total GROUP BY action ORDER BY n DESC, action"],
    [of, "SELECT srcaddr, dstport, __SOURCE__, __FILENAME__ ORDER BY srcaddr, dstport, __SOURCE__, __FILENAME__ LIMIT 40"],
    [of, "SELECT count_if(dstport > 100), approx_distinct(__SOURCE__), max_by(srcport, __TIMESTAMP__), min_by(srcaddr, __TIMESTAMP__)"],
    [of, "SELECT message, code, level WHERE code IS NOT NULL ORDER BY message, code, level"],
  ]),
  ["records", "SELECT * ORDER BY __TIMESTAMP__, srcaddr, dstaddr, srcport, dstport, bytes LIMIT 20"],
  ["records", "SELECT histogram(CAST(__TIMESTAMP__ AS TIMESTAMP), INTERVAL 7 MINUTE) AS t, sum(bytes) GROUP BY t ORDER BY t"],
  ["records", "SELECT histogram(CAST(__TIMESTAMP__ AS TIMESTAMP), INTERVAL 1 WEEK) AS t, histogram(CAST(__TIMESTAMP__ AS TIMESTAMP), INTERVAL 5 MONTH) AS m, count(*) GROUP BY t, m ORDER BY t, m"],
  ["records", "SELECT date_trunc('hour', CAST(__TIMESTAMP__ AS TIMESTAMP)) AS t, date_trunc('month', CAST(__TIMESTAMP__ AS TIMESTAMP)) AS m, count(*) GROUP BY t, m ORDER BY t, m"],
  ["records", "SELECT to_unixtime(from_unixtime(start)) AS s, from_unixtime(1.5) AS half ORDER BY s LIMIT 3"],
  ["records", "SELECT srcaddr, sum(bytes) AS total GROUP BY srcaddr HAVING sum(bytes) > 1000 ORDER BY total DESC, srcaddr LIMIT 3, 2"],
  ["records", "SELECT 1, 2 AS one, 1.5, -3, 7 % 4, 7 / 2, 1 + 2 * 3, 'it''s \\ a', NULL, TRUE LIMIT 1"],
  ["records", "SELECT abs(-3), ceil(1.2), floor(-1.2), round(2.5), round(-2.5), round(3.14159, 2), sqrt(16), ln(1), mod(7, 4) LIMIT 1"],
  ["records", "SELECT concat('a', NULL, 1), split_part('a,b,c', ',', 2), split_part('a', ',', 5), regexp_like('abc', '^a.c$'), length('日志'), lower('ABC'), upper('ä') LIMIT 1"],
  ["records", "SELECT trim('  a '), substr('日志abc', 2, 3), substr('abc', 2), replace('aXbX', 'X', '-'), strpos('日志', '志'), strpos('a', 'z') LIMIT 1"],
  ["records", "SELECT if(1 = 1, 'y', 'n'), if(1 = 2, 'y'), coalesce(NULL, NULL, 5), nullif(3, 3), greatest(1, 5, 3), least(4, 2) LIMIT 1"],
  ["records", "SELECT CASE WHEN dstport = 22 THEN 'ssh' WHEN dstport > 1000 THEN 'high' END AS kind, count(*) GROUP BY kind ORDER BY kind"],
  ["records", "SELECT count(*) WHERE dstport IN (22, 80, srcport) AND srcaddr NOT IN ('10.0.0.1', dstaddr) AND bytes NOT BETWEEN 1 AND 100"],
  ["records", "SELECT count(*) WHERE srcaddr LIKE '203.%' OR srcaddr NOT LIKE '%:%'"],
  ["records", "SELECT CAST('12' AS BIGINT), CAST(2.7 AS BIGINT), CAST('2.5' AS DOUBLE), CAST(12 AS VARCHAR), CAST('true' AS BOOLEAN), CAST('2026-11-22 10:00:00' AS TIMESTAMP) LIMIT 1"],
  ["records", "SELECT max(n) AS most, count(*), count(*) FROM (SELECT srcaddr, count(*) AS n FROM log GROUP BY srcaddr) WHERE n > 2"],
  ["records", "SELECT bytes / 2 AS bytes, bytes AS half WHERE bytes > 1000 ORDER BY 1 DESC, 2 LIMIT 4"],
  ["records", "SELECT sum(bytes), sum(packets * 1000000), sum(bytes / 3), sum(DISTINCT dstport), avg(DISTINCT dstport)"],
  ["records", "SELECT \"interface-id\", \"log-status\", count(*) AS n GROUP BY \"interface-id\", \"log-status\" ORDER BY n DESC, 1, 2"],
  ["records", "SELECT bytes, bytes, srcaddr || ':' || CAST(dstport AS VARCHAR) AS at WHERE NOT (bytes < 50) ORDER BY at, bytes LIMIT 5"],
  ["records", "SELECT dstport = 22 AS ssh, srcaddr IS NULL AS odd, NOT (dstport > 5) AS low, count(*) GROUP BY ssh, odd, low ORDER BY 1, 2, 3"],
  ["records", "SELECT CAST(__TIMESTAMP__ AS TIMESTAMP) + INTERVAL 1 HOUR AS later ORDER BY later LIMIT 2"],
  ["both", "SELECT * FROM (SELECT action, compare(n / total, 60, 3600) AS d FROM (SELECT action, count(*) AS n, sum(packets) AS total GROUP BY action)) ORDER BY action"],
  ["none", "SELECT compare(total, 60) FROM (SELECT sum(bytes) AS total)"],
  ["records", "SELECT d[1] AS now, d[3] AS ratio, t FROM (SELECT t, compare(n, 3600) AS d FROM (SELECT date_trunc('hour', CAST(__TIMESTAMP__ AS TIMESTAMP)) AS t, count(*) AS n GROUP BY t)) WHERE d[2] IS NOT NULL ORDER BY t"],
  ["records", "SELECT count(*), sum(compare(n, 60)[2]) FROM (SELECT srcaddr, dstport, srcport, count(*) AS n GROUP BY srcaddr, dstport, srcport)"],
];

const refused: [select: string][] = [
  ["SELECT srcaddr, sum(bytes)"],
  ["SELECT sum(srcaddr)"],
  ["SELECT dstport, compare(a, 60) FROM (SELECT dstport, action AS a GROUP BY dstport, action)"],
  ["SELECT avg(action)"],
  ["SELECT sum(CAST(message AS BIGINT)) WHERE message IS NOT NULL"],
  ["SELECT sum(sum(bytes))"],
  ["SELECT count(*) WHERE regexp_like(srcaddr, '(')"],
  ["SELECT count(*) WHERE sum(bytes) > 3"],
  ["SELECT histogram(CAST(__TIMESTAMP__ AS TIMESTAMP), 5)"],
];

onClickhouse(1, (kind) => {
  let stores: OpenStore[];

  beforeAll(async () => {
    stores = [await embeddedStore(), await kind.make()];
    for (const { store } of stores) {
      await store.writeRecords("r", rule, randomBatch(new Chance(5), "b", 300, true));
      await store.writeLogs("l", rule, randomLogs(new Chance(6), 200));
    }
  });

  afterAll(async () => {
    for (const { end } of stores) await end();
  });

  const condition = (of: keyof typeof topics): Condition => ({
    query: { kind: "all" },
    syntax: "cql",
    topics: topics[of].map((id) => ({ id, index: rule, keptFromMs: 0 })),
    fromMs: 0,
    toMs: Number.MAX_SAFE_INTEGER,
  });
  const answers = (of: keyof typeof topics, select: string) =>
    Promise.all(stores.map(({ store }) => store.analyse(condition(of), parseSelect(select, 0), 1).then(plain, (error: unknown) => (error as Error).name)));

  test.each(selects)("%s: %s", async (of, select) => {
    const [embedded, clickhouse] = await answers(of, select);
    expect(embedded).toHaveProperty("rows");
    expect(clickhouse).toEqual(embedded);
  });

  test.each(refused)("refused by both: %s", async (select) => {
    expect(await answers("both", select)).toEqual(["QueryFailure", "QueryFailure"]);
  });
});

/** An answer whose doubles are compared by what a person sees of them. */
function plain({ columns, rows }: { readonly columns: unknown; readonly rows: readonly (readonly (string | number | null)[])[] }): object {
  const rounded = (value: string | number | null) => (typeof value === "number" && !Number.isSafeInteger(value) ? Number(value.toPrecision(12)) : value);
  return { columns, rows: rows.map((row) => row.map(rounded)) };
}
