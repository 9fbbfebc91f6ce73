/** A log store killed again and again, as a round of the long run. */
import type { RoundResult } from "../long/seeds.ts";
import { killRound } from "./kill-logs.ts";

const killsOfRound = 12;

/** Kills a store at moments that the seed decides. */
export async function round(seed: number): Promise<RoundResult> {
  const found = await killRound(seed, killsOfRound);
  const counts = {
    kills: found.kills,
    "before a write was acknowledged": found.early,
    "writes acknowledged": found.acknowledged,
    "topics deleted": found.deleted,
    "logs read back, in all": found.logs,
  };
  return { counts, failures: found.failures };
}
