/**
 * `npm run bench -- stores [--records N]`: what a record costs in ClickHouse and in the embedded store (to write, to keep,
 * to find), as numbers to size machines by. Writes its section of docs/benchmarks.md.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startClickhouse, type ClickhouseServer } from "../../test/support/clickhouse.ts";
import type { IndexRule, LogStore } from "../../src/backend/logs/log-store.ts";
import { parseQuery } from "../../src/backend/logs/query/parser.ts";
import { parseSelect } from "../../src/backend/logs/sql/parser.ts";
import { Chance } from "../oracle/chance.ts";
import { clickhouseStore, embeddedStore, type OpenStore, statement } from "../oracle/stores.ts";
import { markdownTable, provenance, writeSection } from "../report.ts";
import { realisticBatch } from "./stores/records.ts";

/** Records of one batch. */
const batchRecords = 100_000;

/** How often each question is asked; the fastest answer counts, and the least CPU. */
const repeats = 5;

const keys = ["dstport", "bytes"].map((key) => ({ key, type: "long", tokenizer: "", sql: true }) as const);
const texts = ["srcaddr", "dstaddr", "action"].map((key) => ({ key, type: "text", tokenizer: "", sql: true }) as const);
const rule: IndexRule = { fullText: { caseSensitive: false, tokenizer: " " }, keyValue: { caseSensitive: false, keys: [...keys, ...texts] }, tag: undefined };

interface Side {
  readonly name: string;
  readonly opened: OpenStore;
  /** CPU seconds used so far, by the store and by what feeds it. */
  readonly cpuSeconds: () => number;
  readonly cost: { seconds: number; cpu: number };
}

const questions: readonly [name: string, ask: (store: LogStore) => Promise<unknown>][] = [
  ["a rare address, latest 100", (store) => store.search(search("203.0.113.12"))],
  ["an absent address", (store) => store.search(search("198.51.100.77"))],
  ["dstport:22 AND action:REJECT, latest 100", (store) => store.search(search("dstport:22 AND action:REJECT"))],
  ["dstport:22 AND action:REJECT, counted by minutes", (store) => store.count(search("dstport:22 AND action:REJECT"), 60_000)],
  ["sum of bytes by source, the ten largest", (store) => store.analyse(search("*"), parseSelect("SELECT srcaddr, sum(bytes) AS total GROUP BY srcaddr ORDER BY total DESC LIMIT 10", 0), 1)],
];

function search(text: string) {
  const topics = [{ id: "t", index: rule, keptFromMs: 0 }];
  return { query: parseQuery(text, "cql"), syntax: "cql", topics, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, newestFirst: true, limit: 100 } as const;
}

/** Measures and writes. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...options], options: { records: { type: "string", default: "4000000" } } });
  const batches = Math.max(1, Math.round(Number(values.records) / batchRecords));
  const [server] = (await startClickhouse()) as [ClickhouseServer];
  try {
    const own = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
    const sides: Side[] = [
      { name: "ClickHouse", opened: await clickhouseStore([server])(), cpuSeconds: () => own() + cpuOf(server.pid), cost: { seconds: 0, cpu: 0 } },
      { name: "embedded", opened: await embeddedStore(), cpuSeconds: own, cost: { seconds: 0, cpu: 0 } },
    ];
    await fill(sides, batches);
    const columns = await settle(server);
    await sides[1]!.opened.store.tend(Number.MAX_SAFE_INTEGER, new Map());
    const usage = await Promise.all(sides.map(({ opened }) => opened.store.usage("t")));
    const answers = await ask(sides);
    report({ sides, records: batches * batchRecords, bytes: usage.map(({ segmentBytes }) => segmentBytes), answers, columns });
    for (const { opened } of sides) await opened.end();
  } finally {
    await server.stop();
  }
}

/** CPU seconds of a process, from the kernel's ticks of 10 ms. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Writes every batch to both, in turns, so that what else the machine does falls on both alike. */
async function fill(sides: readonly Side[], batches: number): Promise<void> {
  const chance = new Chance(1);
  for (let number = 0; number < batches; number++) {
    const batch = realisticBatch(chance, number, batches, batchRecords);
    for (const side of number % 2 === 0 ? sides : sides.toReversed()) {
      const [begin, cpu] = [performance.now(), side.cpuSeconds()];
      await side.opened.store.writeRecords("t", rule, batch);
      side.cost.seconds += (performance.now() - begin) / 1000;
      side.cost.cpu += side.cpuSeconds() - cpu;
    }
  }
}

/** Merges what was inserted into few parts, as a server does by and by; gives what each column costs then. */
async function settle(server: ClickhouseServer): Promise<string[][]> {
  const database = (await statement(server, "SELECT database FROM system.tables WHERE name = 'record_local'")).trim();
  await statement(server, `OPTIMIZE TABLE ${database}.record_local FINAL`);
  const sql = `SELECT column, sum(column_data_compressed_bytes) AS bytes, sum(rows) AS all FROM system.parts_columns
    WHERE active AND database = '${database}' AND table = 'record_local' GROUP BY column ORDER BY bytes DESC`;
  const rows = (await statement(server, sql)).trim().split("\n").map((line) => line.split("\t"));
  const indexes = await statement(server, `SELECT sum(data_compressed_bytes) FROM system.data_skipping_indices WHERE database = '${database}'`);
  return [...rows.map(([name, bytes, all]) => [name!, (Number(bytes) / Number(all)).toFixed(2)]), ["filters of addresses", (Number(indexes) / Number(rows[0]![2])).toFixed(2)]];
}

async function ask(sides: readonly Side[]): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [name, question] of questions) {
    const row = [name];
    for (const side of sides) {
      const [seconds, cpu] = [[] as number[], [] as number[]];
      for (let time = 0; time < repeats; time++) {
        const [begin, before] = [performance.now(), side.cpuSeconds()];
        await question(side.opened.store);
        seconds.push(performance.now() - begin);
        cpu.push((side.cpuSeconds() - before) * 1000);
      }
      row.push(`${Math.min(...seconds).toFixed(0)} / ${Math.min(...cpu).toFixed(0)}`);
    }
    rows.push(row);
  }
  return rows;
}

interface Measured {
  readonly sides: readonly Side[];
  readonly records: number;
  readonly bytes: readonly number[];
  readonly answers: readonly string[][];
  readonly columns: readonly string[][];
}

function report({ sides, records, bytes, answers, columns }: Measured): void {
  const rate = (seconds: number) => Math.round(records / seconds).toLocaleString("en");
  const written = sides.map(({ name, cost }, place) => [name, rate(cost.seconds), rate(cost.cpu), (bytes[place]! / records).toFixed(1)]);
  const shown = columns.filter(([, each]) => Number(each) >= 0.01);
  const text = [
    provenance("npm run bench -- stores"),
    `${records.toLocaleString("en")} records in batches of ${batchRecords.toLocaleString("en")} (20,000 ENIs and 2.5 million sources by Zipf's law, random ports and sums, 5 % REJECT, in ` +
      "the order of time), written to both stores in turns; CPU is that of the store and of what feeds it. ClickHouse is the one that chdb carries, a server of its own, every insert " +
      "flushed to the disk. Bytes are those of the files, after ClickHouse has merged its parts and the embedded store has sealed its hours.",
    markdownTable(["store", "records/s", "records per CPU-second", "bytes a record"], written),
    `Questions over all of it, warm, ms of wall clock / of CPU (the least of ${repeats}; ClickHouse's in ticks of 10 ms):`,
    markdownTable(["question", ...sides.map(({ name }) => name)], answers),
    `What a record's columns cost in ClickHouse, in bytes (those below 0.01 left out): ${shown.map(([name, each]) => `${name} ${each}`).join(", ")}.`,
  ].join("\n\n");
  writeSection("docs/benchmarks.md", "stores", "Records in ClickHouse and in the embedded store", text);
}
