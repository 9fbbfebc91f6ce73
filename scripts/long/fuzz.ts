/**
 * `npm run fuzz [-- --cases N] [--from N]`: mutated captures through the reader and through one written for plainness.
 * Goes on where it stopped; writes its section of docs/reliability.md; the exit code is 1 when a case differs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { benchFolder } from "../bench/capture/mixes.ts";
import { disagreement, FastReader, fuzzFile } from "../fuzz/captures.ts";
import { markdownTable, provenance, writeSection } from "../report.ts";

interface Progress {
  readonly from: number;
  readonly cases: number;
  next: number;
  seconds: number;
  failures: { readonly seed: number; readonly why: string }[];
}

const statePath = join(dirname(benchFolder), "fuzz", "captures.json");
const savedEvery = 50_000;

/** Runs the cases that are left. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { cases: { type: "string", default: "10000000" }, from: { type: "string", default: "0" } },
  });
  const progress = taken(Number(values.from), Number(values.cases));
  let fast = new FastReader();
  const end = progress.from + progress.cases;
  let since = performance.now();
  while (progress.next < end) {
    const seed = progress.next++;
    const why = disagreement(fast, fuzzFile(seed));
    if (why !== undefined) {
      progress.failures.push({ seed, why });
      console.error(`case ${seed}: ${why}`);
    }
    if (progress.next % savedEvery !== 0 && progress.next !== end) continue;
    progress.seconds += (performance.now() - since) / 1000;
    since = performance.now();
    save(progress);
    console.error(`${(progress.next - progress.from).toLocaleString("en")} cases, ${progress.failures.length} differ`);
    fast = new FastReader();
  }
  report(progress);
  if (progress.failures.length > 0) process.exitCode = 1;
}

/** The run that was interrupted, where it is the same one; a finished one begins anew. */
function taken(from: number, cases: number): Progress {
  if (existsSync(statePath)) {
    const saved = JSON.parse(readFileSync(statePath, "utf8")) as Progress;
    if (saved.from === from && saved.cases === cases && saved.next < from + cases) return saved;
  }
  return { from, cases, next: from, seconds: 0, failures: [] };
}

function save(progress: Progress): void {
  mkdirSync(dirname(statePath), { recursive: true });
  writeFileSync(statePath, JSON.stringify(progress));
}

function report({ from, cases, seconds, failures }: Progress): void {
  const table = markdownTable(
    ["cases", "seeds", "seconds", "differ"],
    [[cases.toLocaleString("en"), `${from} to ${from + cases - 1}`, Math.round(seconds), failures.length]],
  );
  const text = [
    provenance("npm run fuzz"),
    "Small captures (pcap and pcapng in both byte orders, every link type, IPv6 extensions, fragments), mutated: bits and bytes " +
      "changed, lengths overwritten, bytes cut out, doubled and appended. Required of each: the same flows, counts and refusal as a " +
      "second reader that is written for plainness (`test/support/naive-reader.ts`), and an end.",
    table,
    failures.length === 0 ? "No case differs." : failures.map(({ seed, why }) => `- case ${seed}: ${why.split("\n")[0]!}`).join("\n"),
  ].join("\n\n");
  writeSection("docs/reliability.md", "fuzz-captures", "Mutated captures", text);
}
