/** A disk filled several times, as a round of the long run. */
import type { RoundResult } from "../long/seeds.ts";
import { fullDiskRound } from "./full-disk.ts";

const pointsOfRound = 5;

/** Fills a disk at moments that the seed decides. */
export async function round(seed: number): Promise<RoundResult> {
  const found = await fullDiskRound(seed, pointsOfRound);
  const counts = {
    "disk filled": found.points,
    "writes acknowledged on the full disk": found.acknowledged,
    "uploads refused": found.refusedUploads,
    "calls refused": found.refusedCalls,
    "publications refused": found.refusedPublications,
    "killed while full": found.kills,
    "stopped while full": found.stops,
    "everything read": found.reads,
    "logs read back": found.logs,
  };
  return { counts, failures: found.failures };
}
