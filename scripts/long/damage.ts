/**
 * `npm run long -- damage [--from SEED] [--cases N] [--jobs N]`: files of the data folder damaged at random places. Stopped, it
 * goes on where it was. Writes its section of docs/reliability.md; the exit code is 1 when anything was wrong.
 */
import { parseArgs } from "node:util";
import { runSeeds } from "./seeds.ts";

/** Damages files. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { from: { type: "string", default: "1" }, cases: { type: "string", default: "2000" }, jobs: { type: "string", default: "2" } },
  });
  await runSeeds({
    name: "damage",
    title: "Damaged files",
    command: "npm run long -- damage",
    module: new URL("../damage/round.ts", import.meta.url),
    from: Number(values.from),
    jobs: Number(values.jobs),
    counted: "cases",
    wanted: Number(values.cases),
    words: (seeds) =>
      `${seeds}. A data folder with two topics (sealed hours and hot ones), as a good stop or a \`kill -9\` leaves it. One of its files ` +
      "(segment, filter of addresses, roll-up, `hot.duckdb`, its log of writes, `state.sqlite`, its log of writes), each kind as often, has a bit turned, 64 bytes " +
      "overwritten, is cut short or removed. The folder is then opened twice and everything read, once tended. Required: no log that was never " +
      "written, none twice; what is missing is told of by the file's name and, for a segment, to the number; the second opening finds what the " +
      "first did; no process dies. A log of writes that is cut short or removed looks as a crash leaves it, and so does that of `state.sqlite` with damage anywhere in it (SQLite takes the " +
      "first frame that is not whole for the end): the writes behind are missing without a word.",
    fine: "No damage went unnoticed but that in a log of writes, as said.",
  });
}
