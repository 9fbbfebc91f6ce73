/** Files damaged one at a time, as a round of the long run. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Chance } from "../oracle/chance.ts";
import type { RoundResult } from "../long/seeds.ts";
import { damageOnce, kindOf, type Outcome, temporaryFolder } from "./damage.ts";
import { makeSpecimens } from "./specimen.ts";

const casesOfRound = 10;
const outcomes: readonly Outcome[] = ["all there", "named, the rest read", "named and refused", "last writes missing"];

const folder = temporaryFolder();
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const specimens = makeSpecimens(folder);

/** Damages files that the seed decides. */
export async function round(seed: number): Promise<RoundResult> {
  const { closed, killed, contents } = await specimens;
  const counts: Record<string, number> = { cases: 0, ...Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) };
  const failures: string[] = [];
  for (let place = 0; place < casesOfRound; place++) {
    const chance = new Chance(seed * casesOfRound + place);
    let what = "";
    try {
      const { outcome } = await damageOnce(chance.of([closed, killed]), contents, chance, join(folder, "case"), ({ file, how }) => {
        what = `${kindOf(file)}, ${how}`;
      });
      counts[outcome] = counts[outcome]! + 1;
    } catch (error) {
      failures.push(`case ${place} (${what}): ${error instanceof Error ? error.message : String(error)}`);
    }
    counts["cases"] = counts["cases"]! + 1;
  }
  return { counts, failures };
}
