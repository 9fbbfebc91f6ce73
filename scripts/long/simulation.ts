/**
 * `npm run long -- simulation [--from SEED] [--seeds N] [--jobs N]`: simulations against the naive re-count. Stopped, it goes
 * on where it was. Writes its section of docs/reliability.md; the exit code is 1 when a seed fails.
 */
import { parseArgs } from "node:util";
import { runSeeds } from "./seeds.ts";

/** Runs the simulations. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { from: { type: "string", default: "100000" }, seeds: { type: "string", default: "12000" }, jobs: { type: "string", default: "2" } },
  });
  await runSeeds({
    name: "simulation",
    title: "Records against a naive re-count",
    command: "npm run long -- simulation",
    module: new URL("../simulation/round.ts", import.meta.url),
    from: Number(values.from),
    jobs: Number(values.jobs),
    counted: "seeds",
    wanted: Number(values.seeds),
    words: (seeds) =>
      `${seeds}. A seed decides topology, rules, traffic (late, early, out of order, repeated chunks), flow ` +
      "logs made, switched and deleted midway, restarts and how many flows fit into memory. Required: for every topic exactly the OK and " +
      "NODATA records that a naive re-count expects, and for every ENI and window exactly the skipped packets and bytes.",
    fine: "No seed fails.",
  });
}
