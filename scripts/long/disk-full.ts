/**
 * `npm run long -- disk-full [--from SEED] [--points N] [--jobs N]`: a backend on a disk that is filled up again and again.
 * Stopped, it goes on where it was. Writes its section of docs/reliability.md; the exit code is 1 when anything was wrong.
 */
import { parseArgs } from "node:util";
import { diskUnavailable } from "../disk-full/full-disk.ts";
import { runSeeds } from "./seeds.ts";

/** Fills disks. */
export async function run(options: readonly string[]): Promise<void> {
  const unavailable = diskUnavailable();
  if (unavailable !== undefined) throw new Error(`there can be no disk of our own here: ${unavailable}`);
  const { values } = parseArgs({
    args: [...options],
    options: { from: { type: "string", default: "1" }, points: { type: "string", default: "200" }, jobs: { type: "string", default: "2" } },
  });
  await runSeeds({
    name: "disk-full",
    title: "A full disk",
    command: "npm run long -- disk-full",
    module: new URL("../disk-full/round.ts", import.meta.url),
    from: Number(values.from),
    jobs: Number(values.jobs),
    counted: "disk filled",
    wanted: Number(values.points),
    words: (seeds) =>
      `${seeds}. \`flowlogs serve\` on a small tmpfs of its own, which is filled but for a random rest (0 to 300 KB) while logs are uploaded, ` +
      "VPCs made and deleted, packets pushed, windows published and hours sealed; at times it is killed or stopped meanwhile and started again. " +
      "Required: a write is acknowledged, or refused with `ResourceInsufficient` naming the disk; every search and listing is answered; " +
      "what was acknowledged is there once, what was refused is not; and when space is freed every kind of write succeeds again. " +
      "(Packets that were counted and not yet published go with a `kill -9`, as always.)",
    fine: "Nothing was lost, doubled or corrupt, and everything went on.",
  });
}
