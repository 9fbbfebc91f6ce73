/** Two shards on one machine: the same answers, each record on one shard, and a shard that is missing told by its name. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chance } from "../../../scripts/oracle/chance.ts";
import { queryRound } from "../../../scripts/oracle/queries.ts";
import { randomBatch, randomLogs } from "../../../scripts/oracle/random-logs.ts";
import { statement, storeUrl } from "../../../scripts/oracle/stores.ts";
import { readStoreAddress } from "../../../src/backend/logs/clickhouse/address.ts";
import { ClickhouseStore } from "../../../src/backend/logs/clickhouse/clickhouse-store.ts";
import type { Condition, IndexRule } from "../../../src/backend/logs/log-store.ts";
import { parseSelect } from "../../../src/backend/logs/sql/parser.ts";
import { onClickhouse } from "../../support/every-store.ts";

const keys = ["srcaddr", "bytes"].map((key) => ({ key, type: key === "bytes" ? "long" : "text", tokenizer: "", sql: true }) as const);
const rule: IndexRule = { fullText: { caseSensitive: false, tokenizer: " " }, keyValue: { caseSensitive: true, keys }, tag: undefined };
const everything: Condition = { query: { kind: "all" }, syntax: "cql", topics: [{ id: "t", index: rule, keptFromMs: 0 }], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const batch = (seed: number) => randomBatch(new Chance(seed), `batch ${seed}`, 100, true);

onClickhouse(2, (kind, servers) => {
  let store: ClickhouseStore;
  let count = 0;
  let database: string;

  const open = (url = storeUrl(servers(), database)) => new ClickhouseStore({ address: readStoreAddress(url), owner: "me", writer: String(count) });

  beforeEach(() => {
    database = `p${++count}`;
    store = open();
  });

  afterEach(() => store.close());

  const rowsOf = (place: number, table = "record") => statement(servers()[place]!, `SELECT count() FROM ${database}.${table}_local`).then(Number);

  test("the query oracle", async () => {
    const { differences } = await queryRound(2, 60, kind.make);
    expect(differences).toEqual([]);
  }, 180_000);

  test("records and logs are spread by ENI and stream; sums, deletion and retention reach both shards", async () => {
    await store.writeRecords("t", rule, batch(1));
    await store.writeRecords("t", rule, batch(1));
    await store.writeLogs("t", rule, randomLogs(new Chance(1), 60));
    const [first, second] = [await rowsOf(0), await rowsOf(1)];
    expect(first + second).toBe(100);
    expect(Math.min(first, second)).toBeGreaterThan(0);
    const [eni] = (await statement(servers()[0]!, `SELECT DISTINCT eni FROM ${database}.record_local`)).trim().split("\n");
    expect(await statement(servers()[1]!, `SELECT count() FROM ${database}.record_local WHERE eni = '${eni!}'`)).toBe("0\n");
    const answer = await store.analyse(everything, parseSelect("SELECT count(*), count(DISTINCT srcaddr)", 0), 1);
    expect(answer.rows[0]![0]).toBe(160);
    const within = "(SELECT srcaddr, count(*) AS n GROUP BY srcaddr)";
    const compared = parseSelect(`SELECT count(*), count(d[1]), count(d[2]), sum(d[3]) FROM (SELECT compare(n, 60) AS d FROM ${within})`, 0);
    const [groups] = (await store.analyse(everything, parseSelect(`SELECT count(*) FROM ${within}`, 0), 1)).rows[0]!;
    expect((await store.analyse(everything, compared, 1)).rows).toEqual([[groups, groups, groups, groups]]);
    await store.tend(0, new Map([["t", Number.MAX_SAFE_INTEGER / 2]]));
    expect(await Promise.all([rowsOf(0), rowsOf(1), rowsOf(0, "log"), rowsOf(1, "log")])).toEqual([0, 0, 0, 0]);
    await store.writeRecords("t", rule, batch(2));
    await store.deleteTopic("t");
    expect((await store.search({ ...everything, newestFirst: true, limit: 10 })).logs).toEqual([]);
    expect(await store.countStreams("t")).toBe(0);
  });

  test("a shard that is down fails reads and writes by its name; back again, what was not acknowledged is completed", async () => {
    await store.writeRecords("t", rule, batch(1));
    const down = servers()[1]!;
    await down.kill();
    const missing = new RegExp(`a server of the log store's cluster cannot be reached: .*127\\.0\\.0\\.1:${down.tcpPort}`);
    await expect(store.search({ ...everything, newestFirst: true, limit: 10 })).rejects.toThrow(missing);
    await expect(store.count(everything, 60_000)).rejects.toThrow(missing);
    await expect(store.analyse(everything, parseSelect("SELECT count(*)", 0), 1)).rejects.toThrow(missing);
    await expect(store.writeRecords("t", rule, batch(2))).rejects.toThrow(missing);
    const other = open();
    await expect(other.open()).rejects.toThrow(`127.0.0.1:${down.httpPort} cannot be reached`);
    await other.close();
    await down.restart();
    await store.writeRecords("t", rule, batch(2));
    const { logs } = await store.search({ ...everything, newestFirst: true, limit: 1000 });
    expect(logs).toHaveLength(200);
    expect(await rowsOf(0) + (await rowsOf(1))).toBe(200);
  }, 60_000);

  test("an address that names too few servers, or a cluster that there is not, is refused", async () => {
    const few = open(storeUrl(servers().slice(0, 1), database) + "?cluster=pair");
    await expect(few.open()).rejects.toThrow('the cluster "pair" has 2 servers, and the store\'s address names 1: it must name all');
    await few.close();
    const none = open(storeUrl(servers(), database).replace("=pair", "=trio"));
    await expect(none.open()).rejects.toThrow(/the log store's server 127\.0\.0\.1:\d+ knows no cluster "trio"/);
    await none.close();
  });
});
