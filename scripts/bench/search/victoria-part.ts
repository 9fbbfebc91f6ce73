/** The part beside VictoriaLogs, at ten million records. */
import { markdownTable } from "../../report.ts";
import type { Wanted } from "../search.ts";
import { type Cell, type Cells, measure, quantile } from "./cells.ts";
import { databaseOf } from "./database.ts";
import { memoryMb } from "./engine.ts";
import { startFlowlogsOn } from "./flowlogs.ts";
import { absentAddress, addressQuestion, questions, rareAddress } from "./questions.ts";
import { Chance } from "./records.ts";
import { startVictoriaOn, victoriaQueries, VictoriaUnavailable } from "./victoria.ts";

const names = ["flowlogs", "VictoriaLogs"] as const;

/** Addresses and everything else that it has words for. */
export async function victoriaPart({ records, addresses, rounds }: Wanted): Promise<string> {
  const size = Math.min(records, 10_000_000);
  try {
    const engines = [await startFlowlogsOn(await databaseOf(size)), await startVictoriaOn(size)] as const;
    try {
      const cells: Cells = {};
      const asked = Math.min(addresses, 40);
      const part = async (name: string, draw: (chance: Chance) => number) => {
        const chance = new Chance(name.length);
        cells[name] = await measure(engines, Array.from({ length: asked }, () => addressQuestion(name, draw(chance), true)));
      };
      await part("rare address", rareAddress);
      await part("absent address", absentAddress);
      for (const question of questions.filter(({ name }) => Object.hasOwn(victoriaQueries, name))) {
        cells[question.name] = await measure(engines, Array.from({ length: rounds }, () => question));
      }
      const [own, victoria] = engines;
      const written = victoria.writeCpuS === undefined ? "" : `, written with ${((victoria.writeCpuS / size) * 1e6).toFixed(1)} s of processor time for a million`;
      return `${size.toLocaleString("en")} records; VictoriaLogs v1.52.1 with a stream for each topic and ENI, each field a field. It holds them in ${(victoria.bytes / size).toFixed(1)} bytes a record${written}. Cold: its files are evicted; the caches in its process stay.

${table(cells)}

Resident memory at its highest: flowlogs ${memoryMb(own.pid).peak.toFixed(0)} MB, VictoriaLogs ${memoryMb(victoria.pid).peak.toFixed(0)} MB.`;
    } finally {
      for (const engine of engines) await engine.stop();
    }
  } catch (error) {
    if (!(error instanceof VictoriaUnavailable)) throw error;
    return error.message;
  }
}

function table(cells: Cells): string {
  const ms = (values: readonly number[], share: number) => quantile(values, share).toFixed(0);
  const both = (values: readonly number[]) => `${ms(values, 0.5)} / ${ms(values, 0.95)}`;
  const shown = (cell: Cell) => [both(cell.cold), both(cell.warm), ms(cell.warmCpu, 0.5)];
  const rows = Object.entries(cells).flatMap(([question, byEngine]) =>
    names.map((name, place) => {
      const cell = byEngine[name]!;
      return [place === 0 ? question : "", name, cell.cold.length, ...shown(cell), `${Math.min(...cell.counts)}–${Math.max(...cell.counts)}`];
    }),
  );
  return markdownTable(["", "engine", "asked", "cold p50 / p95, ms", "warm p50 / p95, ms", "warm CPU, ms", "found"], rows);
}
