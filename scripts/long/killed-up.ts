/**
 * `pulumi up` killed (-9) at seeded calls: `npm run long -- killed-up [SEED...]`, one round of kills for each seed. Even
 * seeds run with PULUMI_SKIP_CHECKPOINTS, where a killed run leaves no word of what it did in the state.
 */
import { type Kill, killedUps } from "../../test/support/kills.ts";
import { markdownTable, provenance, writeSection } from "../report.ts";

const defaultSeeds = [11, 12, 13, 14];
const killsPerRound = 6;

/** Runs the rounds, writes the page, and fails when anything was left behind. */
export async function run(options: string[]): Promise<void> {
  const seeds = options.length === 0 ? defaultSeeds : options.map(Number);
  if (seeds.some((seed) => !Number.isInteger(seed) || seed < 0)) throw new Error(`seeds: ${options.join(" ")} must be whole numbers`);
  const started = Date.now();
  const kills: Kill[] = [];
  const faults: string[] = [];
  for (const [index, seed] of seeds.entries()) {
    const round = { seed, enough: killsPerRound, killsPerPassage: 1 + (index % 3), checkpoints: seed % 2 === 1 };
    for (const passage of await killedUps({ ...round, report: console.log })) {
      kills.push(...passage.kills);
      faults.push(...passage.faults.map((fault) => `seed ${seed}: ${fault}`));
    }
  }
  writeSection("docs/reliability.md", "killed-up", "`pulumi up` killed", pageText(seeds, kills, faults, (Date.now() - started) / 1000));
  console.log(`${kills.length} kills, ${faults.length} faults`);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

function pageText(seeds: readonly number[], kills: readonly Kill[], faults: readonly string[], seconds: number): string {
  const rows = kills.map(({ seed, program, action, call, when, whom, checkpoints }) => {
    const moment = typeof when === "number" ? `${when} ms after its answer` : when === "asked" ? "when it arrived" : "when it was done, before its answer";
    return [seed, program, `${action} (change ${call} of the run), ${moment}`, whom === "all" ? "all processes" : "pulumi alone", checkpoints ? "yes" : "no"];
  });
  return `${provenance(`npm run long -- killed-up ${seeds.join(" ")}`)}

A stack of 14 resources of every kind is made, changed (updates, replacements of both orders, additions, removals) and emptied.
On the way \`pulumi up\` is killed with SIGKILL at calls that the seed chooses. After each row's passage one undisturbed \`pulumi up\`
must succeed, a preview must find nothing to do, the backend must hold exactly the program's resources, and
\`flowlogs status --orphans\` must list nothing. Between a kill and the next run stands \`pulumi cancel\`: Pulumi's own lock on a state in a
folder outlives a killed Pulumi. Such a state's URL ends in \`?metadata=skip\`, because without it a kill can leave an empty \`.attrs\`
file beside the state, which Pulumi then refuses to read ("failed to load checkpoint: EOF").

**${kills.length} kills, ${faults.length} faults**, ${Math.round(seconds)} s.

${faults.map((fault) => `- ${fault.replaceAll("\n", " ").slice(0, 600)}`).join("\n")}

${markdownTable(["seed", "on the way to", "killed at", "who was killed", "state written after each step"], rows)}`;
}
