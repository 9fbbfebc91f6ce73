/**
 * A long run over seeds: rounds in a few processes, what they came to added up in the order of their seeds, and kept,
 * so that a run that was stopped goes on.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { markdownTable, provenance, writeSection } from "../report.ts";
import { Progress } from "./progress.ts";

/** What the rounds of a run came to. */
export interface Totals {
  rounds: number;
  readonly counts: Record<string, number>;
  readonly failed: { readonly seed: number; readonly why: string }[];
}

/** What one round came to: numbers that add up, by what they are called on the page, and what was wrong. */
export interface RoundResult {
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

/** A run over seeds. */
export interface SeedRun {
  /** Of its section, and of what is kept of it. */
  readonly name: string;
  readonly title: string;
  readonly command: string;
  /** A file that exports `round(seed)`; it is loaded in each process. */
  readonly module: URL;
  readonly from: number;
  readonly jobs: number;
  /** The count that is to reach `wanted`. */
  readonly counted: string;
  readonly wanted: number;
  /** What a round does and what is required of it. */
  readonly words: (seeds: string) => string;
  readonly fine: string;
}

/** Runs rounds until enough was counted, or until it is told to stop (SIGTERM), and writes the section. */
export async function runSeeds(run: SeedRun): Promise<Totals> {
  const progress = new Progress<Totals>(`${run.name}-${run.from}`, { rounds: 0, counts: {}, failed: [] });
  const { totals } = progress;
  let isStopped = false;
  const stop = () => {
    isStopped = true;
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);
  const enough = () => isStopped || (totals.counts[run.counted] ?? 0) >= run.wanted;
  const waiting = new Map<number, RoundResult>();
  let next = run.from + totals.rounds;
  const work = async () => {
    const worker = new Worker(run.module);
    while (!enough()) {
      const seed = next++;
      waiting.set(seed, await worker.round(seed));
      for (let first = run.from + totals.rounds; waiting.has(first); first = run.from + totals.rounds) {
        add(totals, first, waiting.get(first)!);
        waiting.delete(first);
        progress.keep();
        if (totals.rounds % 20 === 0) console.error(`${run.name}: ${totals.counts[run.counted] ?? 0} of ${run.wanted}, ${totals.failed.length} failures`);
      }
    }
    worker.end();
  };
  await Promise.all(Array.from({ length: run.jobs }, work));
  report(run, totals, progress.history);
  // One that was told to stop has written its page, and can go on nevertheless.
  if (!isStopped) progress.forget();
  if (totals.failed.length > 0) process.exitCode = 1;
  return totals;
}

function add(totals: Totals, seed: number, { counts, failures }: RoundResult): void {
  totals.rounds++;
  for (const [name, count] of Object.entries(counts)) totals.counts[name] = (totals.counts[name] ?? 0) + count;
  for (const why of failures) {
    totals.failed.push({ seed, why });
    console.error(`seed ${seed}: ${why}`);
  }
}

function report(run: SeedRun, { rounds, counts, failed }: Totals, history: string): void {
  const names = Object.keys(counts);
  const table = markdownTable([...names, "failures"], [[...names.map((name) => counts[name]!), failed.length].map((value) => value.toLocaleString("en"))]);
  const failures = failed.slice(0, 50).map(({ seed, why }) => `- seed ${seed}: ${why.split("\n")[0]!.slice(0, 500)}`);
  const reached = counts[run.counted] ?? 0;
  const missed = reached >= run.wanted ? [] : [`The target is ${run.wanted.toLocaleString("en")} (${run.counted}); this run was stopped at ${reached.toLocaleString("en")}.`];
  const text = [
    `${provenance(run.command)} ${history}`,
    run.words(`Seeds ${run.from} to ${run.from + rounds - 1}`),
    ...missed,
    table,
    failures.length === 0 ? run.fine : failures.join("\n"),
  ].join("\n\n");
  writeSection("docs/reliability.md", run.name, run.title, text);
}

const workerFile = fileURLToPath(new URL("seed-worker.ts", import.meta.url));

/** A process that runs one round after the other; one that dies in a round is a failure of it, and is started anew. */
class Worker {
  private readonly module: URL;
  private child: ChildProcess | undefined;

  constructor(module: URL) {
    this.module = module;
  }

  round(seed: number): Promise<RoundResult> {
    const child = (this.child ??= fork(workerFile, [this.module.href]));
    return new Promise((resolve) => {
      const settle = (result: RoundResult) => {
        child.removeAllListeners();
        resolve(result);
      };
      child.on("message", (result) => settle(result as RoundResult));
      child.on("exit", (code, signal) => {
        this.child = undefined;
        settle({ counts: {}, failures: [`the process ended with ${code ?? signal}`] });
      });
      child.send(seed);
    });
  }

  end(): void {
    this.child?.disconnect();
  }
}
