/**
 * `npm run oracle -- nftables [--from SEED] [--cases N] [--packets N] [--jobs N]`: the judge against the Linux kernel over
 * random networks. `npm run oracle -- queries`: the log store against a naive scan (`oracle/many-queries.ts`). Writes its section of docs/reliability.md; the exit code is 1 when a case differs.
 */
import { parseArgs } from "node:util";
import { kernelUnavailable, runCase, type CaseResult } from "../oracle/against-kernel.ts";
import { markdownTable, provenance, writeSection } from "../report.ts";
import { queries } from "../oracle/many-queries.ts";

/** Runs the oracle that is named. */
export async function run([name = "", ...options]: readonly string[]): Promise<void> {
  const oracles: Readonly<Record<string, (options: readonly string[]) => Promise<void>>> = { nftables, queries };
  const oracle = Object.hasOwn(oracles, name) ? oracles[name] : undefined;
  if (oracle === undefined) {
    console.error(`${JSON.stringify(name)} is no oracle; there are: ${Object.keys(oracles).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  await oracle(options);
}

interface Totals {
  readonly results: CaseResult[];
  readonly failed: { readonly seed: number; readonly why: string }[];
}

async function nftables(options: readonly string[]): Promise<void> {
  const unavailable = kernelUnavailable();
  if (unavailable !== undefined) throw new Error(unavailable.words);
  const { values } = parseArgs({
    args: [...options],
    options: {
      from: { type: "string", default: "1000" },
      cases: { type: "string", default: "250" },
      packets: { type: "string", default: "600" },
      jobs: { type: "string", default: "5" },
    },
  });
  const [from, cases, packets, jobs] = [values.from, values.cases, values.packets, values.jobs].map(Number) as [number, number, number, number];
  const totals: Totals = { results: [], failed: [] };
  let next = from;
  // A case mostly waits for timeouts to pass, so several share the machine.
  const work = async () => {
    while (next < from + cases) await runOne(next++, packets, totals);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  report(totals, { from, cases, packets });
  if (totals.failed.length > 0) process.exitCode = 1;
}

async function runOne(seed: number, packets: number, { results, failed }: Totals): Promise<void> {
  try {
    const result = await runCase(seed, packets);
    results.push(result);
    if (result.differences.length > 0) failed.push({ seed, why: result.differences[0]! });
  } catch (error) {
    failed.push({ seed, why: error instanceof Error ? error.message : String(error) });
  }
  const last = failed.at(-1);
  if (last?.seed === seed) console.error(`seed ${seed}: ${last.why}`);
  if ((results.length + failed.length) % 10 === 0) console.error(`${results.length} cases, ${failed.length} failed`);
}

function report({ results, failed }: Totals, { from, cases, packets }: { from: number; cases: number; packets: number }): void {
  const sum = (of: (result: CaseResult) => number) => results.reduce((total, result) => total + of(result), 0).toLocaleString("en");
  const table = markdownTable(
    ["networks", "packets", "verdicts", "of them REJECT", "passed as tracked or related", "cases that differ"],
    [[results.length, sum((each) => each.packets), sum((each) => each.verdicts), sum((each) => each.rejected), sum((each) => each.tracked), failed.length]],
  );
  const failures = failed.map(({ seed, why }) => `- seed ${seed}: ${why.split("\n")[0]!}`).join("\n");
  const text = [
    provenance("npm run oracle -- nftables"),
    `Seeds ${from} to ${from + cases - 1}, ${packets} packets each. Every case is a network of four ENIs in three subnets with ` +
      "security groups, EIPs and ACLs of both forms, compiled to nftables rulesets in a namespace per ENI. Real frames go through " +
      "them in four bursts, between which connection tracking's timeouts pass. Required: the same verdict for each packet at each " +
      "ENI, and each rule deciding as often.",
    table,
    failures === "" ? "No case differs." : failures,
  ].join("\n\n");
  writeSection("docs/reliability.md", "oracle-nftables", "Verdicts against the Linux kernel", text);
}
