/**
 * `npm run long -- simulation [--from SEED] [--seeds N]`: simulations against the naive re-count. Stopped, it goes on where it
 * was. Writes its section of docs/reliability.md; the exit code is 1 when a seed fails.
 */
import { parseArgs } from "node:util";
import { markdownTable, provenance, writeSection } from "../report.ts";
import { simulate } from "../simulation/simulate.ts";
import { Progress } from "./progress.ts";

interface Totals {
  seeds: number;
  twice: number;
  packets: number;
  records: number;
  skippedPackets: number;
  restarts: number;
  readonly failed: { readonly seed: number; readonly why: string }[];
}

/** Every so many seeds, one is run a second time and must give the same bytes. */
const twiceEvery = 10;

/** Runs the simulations. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { from: { type: "string", default: "100000" }, seeds: { type: "string", default: "12000" } },
  });
  const [from, seeds] = [Number(values.from), Number(values.seeds)];
  const none: Totals = { seeds: 0, twice: 0, packets: 0, records: 0, skippedPackets: 0, restarts: 0, failed: [] };
  const progress = new Progress(`simulation-${from}`, none);
  const { totals } = progress;
  while (totals.seeds < seeds) {
    await runSeed(from + totals.seeds, totals);
    totals.seeds++;
    if (totals.seeds % 100 === 0) {
      progress.keep();
      console.error(`${totals.seeds} of ${seeds} seeds, ${totals.failed.length} failed`);
    }
  }
  report(totals, from);
  progress.forget();
  if (totals.failed.length > 0) process.exitCode = 1;
}

async function runSeed(seed: number, totals: Totals): Promise<void> {
  try {
    const result = await simulate(seed);
    totals.packets += result.packets;
    totals.records += result.records;
    totals.skippedPackets += result.skippedPackets;
    totals.restarts += result.restarts;
    if (result.differences.length > 0) fail(totals, seed, result.differences[0]!);
    if (seed % twiceEvery !== 0) return;
    totals.twice++;
    if ((await simulate(seed)).digest !== result.digest) fail(totals, seed, "the second run gave other bytes");
  } catch (error) {
    fail(totals, seed, error instanceof Error ? error.message : String(error));
  }
}

function fail(totals: Totals, seed: number, why: string): void {
  totals.failed.push({ seed, why });
  console.error(`seed ${seed}: ${why}`);
}

function report(totals: Totals, from: number): void {
  const number = (value: number) => value.toLocaleString("en");
  const table = markdownTable(
    ["seeds", "packets", "records", "packets skipped, and told of", "restarts", "run twice, same bytes", "failures"],
    [[totals.seeds, totals.packets, totals.records, totals.skippedPackets, totals.restarts, totals.twice, totals.failed.length].map(number)],
  );
  const failures = totals.failed.map(({ seed, why }) => `- seed ${seed}: ${why}`).join("\n");
  const text = [
    provenance("npm run long -- simulation"),
    `Seeds ${from} to ${from + totals.seeds - 1}. A seed decides topology, rules, traffic (late, early, out of order, repeated chunks), flow ` +
      "logs made, switched and deleted midway, restarts and how many flows fit into memory. Required: for every topic exactly the OK and " +
      "NODATA records that a naive re-count expects, and for every ENI and window exactly the skipped packets and bytes.",
    table,
    failures === "" ? "No seed fails." : failures,
  ].join("\n\n");
  writeSection("docs/reliability.md", "simulation", "Records against a naive re-count", text);
}
