/** A seed's simulation as a round of the long run; every tenth is run a second time and must give the same bytes. */
import type { RoundResult } from "../long/seeds.ts";
import { simulate } from "./simulate.ts";

const twiceEvery = 10;

/** Runs the simulation of a seed. */
export async function round(seed: number): Promise<RoundResult> {
  const result = await simulate(seed);
  const isTwice = seed % twiceEvery === 0;
  const failures = result.differences.slice(0, 1);
  if (isTwice && (await simulate(seed)).digest !== result.digest) failures.push("the second run gave other bytes");
  const counts = {
    seeds: 1,
    packets: result.packets,
    records: result.records,
    "packets skipped, and told of": result.skippedPackets,
    restarts: result.restarts,
    "run twice, same bytes": isTwice ? 1 : 0,
  };
  return { counts, failures };
}
