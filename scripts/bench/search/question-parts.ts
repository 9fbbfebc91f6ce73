/** The parts in which engines are asked questions: addresses of all kinds, and everything else. */
import type { Wanted } from "../search.ts";
import { markdownTable } from "../../report.ts";
import { type Cell, type Cells, measure, quantile, type Times } from "./cells.ts";
import { startClickhouseOn } from "./clickhouse.ts";
import { databaseOf } from "./database.ts";
import { startDuckdbOn } from "./duckdb-file.ts";
import { type Engine, memoryMb } from "./engine.ts";
import { startFlowlogsOn } from "./flowlogs.ts";
import { absentAddress, addressQuestion, drawnAddress, multiQuestion, popularAddress, popularButNotFirst, questions, rareAddress, seldomQuestion } from "./questions.ts";
import { Chance, enis, topics } from "./records.ts";
import { targetTable } from "./targets.ts";

/** The number of the first topic's first ENI in our dictionary: topics come one after the other. */
const eni1 = enis / topics + 1;

/** All engines, with the records in them. */
export async function startEngines(records: number): Promise<Engine[]> {
  const built = await databaseOf(records);
  const [clickhouse, duckdb] = [await startClickhouseOn(built, eni1), await startDuckdbOn(built, eni1)];
  return [await startFlowlogsOn(built), clickhouse, duckdb];
}

async function withEngines(records: number, work: (engines: Engine[]) => Promise<string>): Promise<string> {
  const engines = await startEngines(records);
  try {
    const text = await work(engines);
    const memory = engines.map(({ name, pid }) => `${name} ${memoryMb(pid).peak.toFixed(0)} MB`).join(", ");
    return `${text}\n\nResident memory at its highest: ${memory}.`;
  } finally {
    for (const engine of engines) await engine.stop();
  }
}

const ms = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));

function shown(cell: Cell | undefined): string[] {
  if (cell === undefined || cell.cold.length === 0) return ["-", "-", "-", "-"];
  const of = (values: readonly number[]) => `${ms(quantile(values, 0.5))} / ${ms(quantile(values, 0.95))}`;
  return [String(cell.cold.length), of(cell.cold), of(cell.warm), ms(quantile(cell.warmCpu, 0.5))];
}

function table(cells: Cells): string {
  const rows = Object.entries(cells).flatMap(([question, byEngine]) =>
    (["flowlogs", "ClickHouse", "DuckDB file"] as const).map((engine, place) => {
      const found = byEngine[engine];
      const counts = found === undefined || found.counts.length === 0 ? "-" : `${Math.min(...found.counts)}–${Math.max(...found.counts)}`;
      return [place === 0 ? question : "", engine, ...shown(found), counts];
    }),
  );
  return markdownTable(["", "engine", "asked", "cold p50 / p95, ms", "warm p50 / p95, ms", "warm CPU, ms", "found"], rows);
}

/** Rare, absent, drawn and popular addresses. */
export function addressesPart({ records, addresses }: Wanted): Promise<string> {
  return withEngines(records, async (engines) => {
    const times: Times = { "flowlogs": addresses, "ClickHouse": addresses, "DuckDB file": Math.min(addresses, 40) };
    // What takes seconds is asked less often.
    const slowTimes: Times = { "flowlogs": addresses, "ClickHouse": Math.min(addresses, 40), "DuckDB file": Math.min(addresses, 20) };
    const slowestTimes: Times = { "flowlogs": Math.min(addresses, 10), "ClickHouse": Math.min(addresses, 5), "DuckDB file": Math.min(addresses, 3) };
    const cells: Cells = {};
    const part = async (name: string, draw: (chance: Chance) => number, question: (address: number) => ReturnType<typeof multiQuestion>, asked = times) => {
      const chance = new Chance(name.length);
      console.error(name);
      cells[name] = await measure(engines, Array.from({ length: Math.max(...Object.values(asked)) }, () => question(draw(chance))), asked);
    };
    await part("rare address", rareAddress, (address) => addressQuestion("rare address", address, true));
    await part("absent address", absentAddress, (address) => addressQuestion("absent address", address, true));
    await part("address drawn by traffic, latest 100", drawnAddress, (address) => addressQuestion("drawn address", address, false));
    await part("REJECT, 3389 and a popular address", popularAddress, multiQuestion, slowTimes);
    await part("60001 and a popular address, all hours", popularButNotFirst, seldomQuestion, slowestTimes);
    return `${table(cells)}\n\n${targetTable(cells, [
      { of: "rare address", what: "p95 cold", most: 700, value: ({ cold }) => quantile(cold, 0.95) },
      { of: "rare address", what: "p95 warm", most: 300, value: ({ warm }) => quantile(warm, 0.95) },
      { of: "rare address", what: "median cold, as a share of ClickHouse's", most: 0.5, value: ({ cold }, other) => quantile(cold, 0.5) / quantile(other!.cold, 0.5) },
      { of: "absent address", what: "p95 cold", most: 25, value: ({ cold }) => quantile(cold, 0.95) },
      { of: "REJECT, 3389 and a popular address", what: "p95 cold", most: 1000, value: ({ cold }) => quantile(cold, 0.95) },
      { of: "60001 and a popular address, all hours", what: "p95 cold", most: 1000, value: ({ cold }) => quantile(cold, 0.95) },
    ])}`;
  });
}

/** Everything else that is asked. */
export function questionsPart({ records, rounds }: Wanted): Promise<string> {
  return withEngines(records, async (engines) => {
    const times: Times = { "flowlogs": rounds, "ClickHouse": rounds, "DuckDB file": Math.min(rounds, 3) };
    const cells: Cells = {};
    for (const question of questions) {
      console.error(question.name);
      cells[question.name] = await measure(engines, Array.from({ length: rounds }, () => question), times);
    }
    const cold = (of: string, most: number) => ({ of, what: "median cold", most, value: (cell: Cell) => quantile(cell.cold, 0.5) });
    const warm = (of: string, most: number) => ({ of, what: "median warm", most, value: (cell: Cell) => quantile(cell.warm, 0.5) });
    const second = ["key:value count", "prefix 203.0.113.*", "histogram, all topics", "histogram of a condition, one topic", "one stream's latest 100"];
    return `${table(cells)}\n\n${targetTable(cells, [
      ...second.map((name) => cold(name, 1000)),
      ...["key:value latest 100", "latest 100 of all"].map((name) => cold(name, 150)),
      ...["top talkers", "fan-out, one topic"].map((name) => warm(name, 1000)),
    ])}`;
  });
}
