/** The parts beside questions: bytes, growth, ingestion, grep. */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { formatIpv4 } from "../../../src/net/address.ts";
import { EmbeddedStore } from "../../../src/backend/logs/duckdb/embedded-store.ts";
import type { RecordBatch } from "../../../src/backend/record-batch.ts";
import { markdownTable, median } from "../../report.ts";
import { benchFolder } from "../capture/mixes.ts";
import type { Wanted } from "../search.ts";
import { measure, quantile } from "./cells.ts";
import { cloudWithTopics, databaseOf } from "./database.ts";
import { memoryMb } from "./engine.ts";
import { evict } from "./eviction.ts";
import { startFlowlogsOn } from "./flowlogs.ts";
import { startEngines } from "./question-parts.ts";
import { absentAddress, addressQuestion, multiQuestion, popularAddress, type Question, questions, rareAddress } from "./questions.ts";
import { Chance, linesOf, needle, publications } from "./records.ts";
import { verdict } from "./targets.ts";
import { TextRecords } from "./text-records.ts";

/** Columns that say what a line does not: the order of arrival, the index, the deciding rule, what was skipped. */
const besideLine = ["topic", "sequence", "rule", "direction", "reason", "skipped_packets", "skipped_bytes"];

/** What the records take on disk. */
export async function sizesPart({ records }: Wanted): Promise<string> {
  const built = await databaseOf(records);
  const engines = await startEngines(records);
  const bytes = new Map(engines.map((engine) => [engine.name, (engine as unknown as { bytes?: number }).bytes]));
  for (const engine of engines) await engine.stop();
  const columns = await columnBytes(join(built.folder, "logs", "segments"));
  const line = [...columns].filter(([name]) => !besideLine.includes(name)).reduce((sum, [, size]) => sum + size, 0);
  const per = (size: number) => (size / records).toFixed(2);
  const { parquet = 0, filter = 0, filters = 0, ...others } = built.bytes;
  const sums = Object.entries(others).filter(([name]) => name.endsWith(".sums"));
  const allIn = parquet + filter + filters + sums.reduce((sum, [, size]) => sum + size, 0);
  const rows: (readonly [string, string, string])[] = [
    ["the 14 fields", per(line), `≤ 18: ${verdict(line / records, 18)}`],
    ["+ order of arrival, index, rule and direction, footers: the segments", per(parquet), ""],
    ["+ filters of addresses", per(filter + filters), ""],
    ...sums.map(([name, size]) => [`+ roll-up ${name.replace(".sums", "")}`, per(size), ""] as const),
    ["all in", per(allIn), `≤ 20: ${verdict(allIn / records, 20)}`],
    ["the hot table's file, which keeps its size when its records are sealed", per(others["hot.duckdb"] ?? 0), ""],
    ["as text", per(built.textBytes), ""],
    ["ClickHouse, 14 fields, with its bloom filters", per(bytes.get("ClickHouse")!), ""],
    ["DuckDB file, 14 fields", per(bytes.get("DuckDB file")!), ""],
  ];
  const cpu = `Written through the store's own write path in commits of ${Math.round(records / 1152).toLocaleString("en")} records on average and sealed: ${((built.writeCpuS + built.sealCpuS) / (records / 1e6)).toFixed(2)} s of processor time for a million records, sealing and joining included.`;
  const largest = [...columns].toSorted(([, a], [, b]) => b - a).slice(0, 10).map(([name, size]) => `${name} ${per(size)}`).join(", ");
  return `${markdownTable(["", "bytes a record", "target"], rows)}\n\nColumns: ${largest}.\n\n${cpu}`;
}

async function columnBytes(segments: string): Promise<Map<string, number>> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`SELECT path_in_schema, sum(total_compressed_size) FROM parquet_metadata('${segments}/*.parquet') GROUP BY ALL`);
  const columns = new Map(reader.getRows().map(([name, size]) => [String(name), Number(size)]));
  instance.closeSync();
  return columns;
}

const growthQuestions = (): Question[] => [
  addressQuestion("the needle", needle, true),
  addressQuestion("a rare address", rareAddress(new Chance(3)), true),
  addressQuestion("an absent address", absentAddress(new Chance(3)), true),
  multiQuestion(popularAddress(new Chance(3))),
  ...questions.filter(({ name }) => name !== "the needle"),
];

/** The same questions at three sizes. */
export async function growthPart({ records, rounds }: Wanted): Promise<string> {
  const sizes = [records / 100, records / 10, records];
  const rows = new Map(growthQuestions().map(({ name }) => [name, [name] as string[]]));
  const memory: string[] = [];
  for (const size of sizes) {
    const engine = await startFlowlogsOn(await databaseOf(size));
    for (const question of growthQuestions()) {
      const { flowlogs } = await measure([engine], Array.from({ length: rounds }, () => question), { "flowlogs": rounds, "ClickHouse": 0, "DuckDB file": 0 });
      rows.get(question.name)!.push(`${quantile(flowlogs!.cold, 0.5).toFixed(0)} / ${quantile(flowlogs!.warm, 0.5).toFixed(0)}`);
    }
    memory.push(`${memoryMb(engine.pid).peak.toFixed(0)} MB`);
    await engine.stop();
  }
  rows.set("memory", ["resident memory at its highest", ...memory]);
  return markdownTable(["flowlogs, median cold / warm, ms", ...sizes.map((size) => `${size.toLocaleString("en")} records`)], [...rows.values()]);
}

interface Text {
  readonly topic: number;
  readonly batch: RecordBatch;
  readonly text: Buffer;
}

/** Commits of about this many records. */
const commitRecords = 25_000;

function textsOf(batches: number): Text[] {
  const texts: Text[] = [];
  // A day of so many records has windows of the wanted size.
  for (const { topic, batch } of publications(commitRecords * 1152, 60)) {
    texts.push({ topic, batch, text: Buffer.from(linesOf(batch)) });
    if (texts.length === batches) break;
  }
  return texts;
}

const cpuS = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Text into the hot table, and what searches suffer from it. */
export async function ingestPart({ rounds }: Wanted): Promise<string> {
  const texts = textsOf(48);
  const count = texts.reduce((sum, { batch }) => sum + batch.count, 0);
  const readers = texts.map(({ batch }) => new TextRecords(batch));
  const rates: number[] = [];
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-ingest-"));
  const store = new EmbeddedStore({ folder, maxHotLogs: 1e9 });
  for (let round = 0; round <= Math.max(3, rounds); round++) {
    const before = cpuS();
    for (const [place, { topic, text, batch }] of texts.entries()) {
      await store.writeRecords(`topic-${topic}`, undefined, readers[place]!.read(text, batch.count, `${round} ${place}`));
    }
    // The first time the ENIs come to be known.
    if (round > 0) rates.push(count / (cpuS() - before));
  }
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  const rate = Math.max(...rates);
  const text = `${count.toLocaleString("en")} records as lines, read into columns and kept in the hot table, in ${texts.length} commits of ${Math.round(count / texts.length).toLocaleString("en")}, one after the other:
the best of ${rates.length} rounds is **${(rate / 1e6).toFixed(2)} M records per second of processor time** (median ${(median(rates) / 1e6).toFixed(2)}); target ≥ 0.5: ${rate >= 5e5 ? "met" : `**missed** by ${((1 - rate / 5e5) * 100).toFixed(0)} %`}.`;
  return `${text}\n\n${await whileWriting(texts)}`;
}

/** Searches in a store that is written to at half a million records a second, beside the same searches in peace. */
async function whileWriting(texts: readonly Text[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-ingest-"));
  const { cloud, topicIds } = await cloudWithTopics(folder);
  const { logs } = cloud.rooms;
  const range = { From: 0, To: Number.MAX_SAFE_INTEGER };
  const Topics = topicIds.map((TopicId) => ({ TopicId }));
  const write = async (round: number) => {
    for (const { topic, batch } of texts) await logs.writeRecords(topicIds[topic]!, { ...batch, id: `${round} ${batch.id}` });
  };
  for (let round = 0; round < 3; round++) await write(round);
  const asked = ["dstport:22 AND action:REJECT", formatIpv4(needle), "* | select srcaddr, sum(bytes) as n group by srcaddr order by n desc limit 10"];
  const ask = async (rounds: number) => {
    const times: number[][] = asked.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [place, QueryString] of asked.entries()) {
        const began = performance.now();
        await cloud.call("SearchLog", { Topics, QueryString, SyntaxRule: 1, Limit: 100, UseNewAnalysis: true, ...range });
        times[place]!.push(performance.now() - began);
      }
    }
    return times.map((each) => quantile(each, 0.5));
  };
  await ask(3);
  const peace = await ask(10);
  let isWriting = true;
  let written = 0;
  const beganMs = performance.now();
  const writing = (async () => {
    for (let round = 3; isWriting; round++) {
      const began = performance.now();
      await write(round);
      written += texts.length;
      const pause = (texts.reduce((sum, { batch }) => sum + batch.count, 0) / 500_000) * 1000 - (performance.now() - began);
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  })();
  const busy = await ask(10);
  const share = (written * texts.reduce((sum, { batch }) => sum + batch.count, 0)) / texts.length / (performance.now() - beganMs) / 1000;
  isWriting = false;
  await writing;
  await cloud.close();
  rmSync(folder, { recursive: true, force: true });
  const worst = Math.max(...busy.map((each, place) => each / peace[place]!));
  const rows = asked.map((query, place) => [`\`${query}\``, peace[place]!.toFixed(0), busy[place]!.toFixed(0), `${(busy[place]! / peace[place]!).toFixed(2)}×`]);
  return `Searches of a growing store of some million records, in peace and while half a million records a second are offered to it (it took ${share.toFixed(2)} M a second, sealing as it went):\n\n${markdownTable(["median of 10, ms", "in peace", "while written to", ""], rows)}\n\nTarget ≤ 2×: ${verdict(worst, 2)}.`;
}

/** grep over ten million lines, beside our store with as many records. */
export async function grepPart({ records, rounds }: Wanted): Promise<string> {
  const size = Math.min(records, 10_000_000);
  const built = await databaseOf(size);
  const file = join(benchFolder, `search-${size}.txt`);
  if (!existsSync(file)) await writeLines(size, file);
  const engine = await startFlowlogsOn(built);
  const question = addressQuestion("the needle", needle, true);
  const { flowlogs } = await measure([engine], Array.from({ length: rounds }, () => question), { "flowlogs": rounds, "ClickHouse": 0, "DuckDB file": 0 });
  await engine.stop();
  const times: { readonly cold: number[]; readonly warm: number[] } = { cold: [], warm: [] };
  let lines = 0;
  for (let round = 0; round < rounds; round++) {
    await evict(file);
    for (const kind of ["cold", "warm"] as const) {
      const began = performance.now();
      lines = await grep(file);
      times[kind].push(performance.now() - began);
    }
  }
  if (lines !== flowlogs!.counts[0]) throw new Error(`grep found ${lines} lines, flowlogs ${flowlogs!.counts[0]}`);
  const row = (name: string, { cold, warm }: { readonly cold: readonly number[]; readonly warm: readonly number[] }) => [name, median(cold).toFixed(0), median(warm).toFixed(0)];
  return `The needle in ${size.toLocaleString("en")} records.\n\n${markdownTable(["median, ms", "cold", "warm"], [row("`grep -cF` over the lines", times), row("flowlogs", flowlogs!)])}`;
}

async function writeLines(records: number, file: string): Promise<void> {
  const partial = createWriteStream(`${file}.partial`);
  for (const { batch } of publications(records)) {
    if (!partial.write(linesOf(batch))) await new Promise<void>((resolve) => partial.once("drain", () => resolve()));
  }
  await new Promise<void>((resolve) => void partial.end(() => resolve()));
  renameSync(`${file}.partial`, file);
}

function grep(file: string): Promise<number> {
  const child = spawn("grep", ["-cF", " 203.0.113.12 ", file], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  return new Promise((resolve) => child.once("close", () => resolve(Number(text))));
}
