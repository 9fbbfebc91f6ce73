/**
 * `npm run long -- kill-logs [--from SEED] [--kills N] [--jobs N]`: the log store killed at random points. Stopped, it goes on
 * where it was. Writes its section of docs/reliability.md; the exit code is 1 when a kill lost, halved or doubled anything.
 */
import { parseArgs } from "node:util";
import { runSeeds } from "./seeds.ts";

/** Kills until it was done so many times. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { from: { type: "string", default: "1" }, kills: { type: "string", default: "1000" }, jobs: { type: "string", default: "3" } },
  });
  await runSeeds({
    name: "kill-logs",
    title: "The log store under `kill -9`",
    command: "npm run long -- kill-logs",
    module: new URL("../kill/round.ts", import.meta.url),
    from: Number(values.from),
    jobs: Number(values.jobs),
    counted: "kills",
    wanted: Number(values.kills),
    words: (seeds) =>
      `${seeds}. A process writes batches of records and uploaded logs, seals hours into segments, joins segments, lets hours expire and ` +
      "deletes topics, and is ended with `kill -9` at a random point, also while it opens. The last batches of records are sent again. " +
      "Required after each kill, reading everything: each write that was acknowledged is there once and whole, and the one that was under way is " +
      "there once and whole or not at all; of a topic whose deletion was acknowledged nothing is there, of one that was being deleted all or nothing; " +
      "of what has outlived its retention nothing is found.",
    fine: "Nothing was lost, halved or doubled, and nothing deleted came back.",
  });
}
