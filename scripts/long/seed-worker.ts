/** The other side of `seeds.ts`: `seed-worker.ts MODULE` runs the module's `round` for each seed that it is told. */
import type { RoundResult } from "./seeds.ts";

const { round } = (await import(process.argv[2]!)) as { round: (seed: number) => Promise<RoundResult> };

process.on("message", (seed) => {
  void round(seed as number)
    .catch((error: unknown): RoundResult => ({ counts: {}, failures: [error instanceof Error ? error.message : String(error)] }))
    .then((result) => process.send!(result));
});
