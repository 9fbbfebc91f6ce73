/**
 * `npm run long -- kill-logs [--from SEED] [--kills N]`: the log store killed at random points. Stopped, it goes on where
 * it was. Writes its section of docs/reliability.md; the exit code is 1 when a kill lost, halved or doubled anything.
 */
import { parseArgs } from "node:util";
import { killRound } from "../kill/kill-logs.ts";
import { markdownTable, provenance, writeSection } from "../report.ts";
import { Progress } from "./progress.ts";

interface Totals {
  seeds: number;
  kills: number;
  early: number;
  acknowledged: number;
  logs: number;
  readonly failed: { readonly seed: number; readonly why: string }[];
}

/** Kills of one seed. */
const killsOfSeed = 24;

/** Kills until it was done so many times. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { from: { type: "string", default: "1" }, kills: { type: "string", default: "1000" } },
  });
  const [from, kills] = [Number(values.from), Number(values.kills)];
  const none: Totals = { seeds: 0, kills: 0, early: 0, acknowledged: 0, logs: 0, failed: [] };
  const progress = new Progress(`kill-logs-${from}`, none);
  const { totals } = progress;
  while (totals.kills < kills) {
    const seed = from + totals.seeds++;
    const round = await killRound(seed, killsOfSeed);
    totals.kills += round.kills;
    totals.early += round.early;
    totals.acknowledged += round.acknowledged;
    totals.logs += round.logs;
    for (const why of round.failures) {
      totals.failed.push({ seed, why });
      console.error(`seed ${seed}: ${why}`);
    }
    progress.keep();
    console.error(`${totals.kills} of ${kills} kills, ${totals.failed.length} failures`);
  }
  report(totals, from);
  progress.forget();
  if (totals.failed.length > 0) process.exitCode = 1;
}

function report(totals: Totals, from: number): void {
  const number = (value: number) => value.toLocaleString("en");
  const table = markdownTable(
    ["kills", "of them before a write was acknowledged", "writes acknowledged", "logs read back, in all", "failures"],
    [[totals.kills, totals.early, totals.acknowledged, totals.logs, totals.failed.length].map(number)],
  );
  const failures = totals.failed.map(({ seed, why }) => `- seed ${seed}: ${why}`).join("\n");
  const text = [
    provenance("npm run long -- kill-logs"),
    `Seeds ${from} to ${from + totals.seeds - 1}. A process writes batches of records and uploaded logs, seals hours into segments and joins ` +
      "segments all the while, and is ended with `kill -9` at a random point, also while it opens. The last batches of records are " +
      "sent again. Required after each kill, reading everything: each write that was acknowledged is there once and whole, and the one " +
      "that was under way is there once and whole or not at all.",
    table,
    failures === "" ? "Nothing was lost, halved or doubled." : failures,
  ].join("\n\n");
  writeSection("docs/reliability.md", "kill-logs", "The log store under `kill -9`", text);
}
