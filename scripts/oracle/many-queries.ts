/** `npm run oracle -- queries [--from SEED] [--queries N]`: the log store against a naive scan. Stopped, it goes on where it was. */
import { parseArgs } from "node:util";
import { Progress } from "../long/progress.ts";
import { markdownTable, provenance, writeSection } from "../report.ts";
import { queryRound } from "./queries.ts";

interface Totals {
  seeds: number;
  asked: number;
  refused: number;
  empty: number;
  readonly failed: { readonly seed: number; readonly why: string }[];
}

/** Queries of one store. */
const queriesOfSeed = 200;

/** Asks until so many queries were answered, those refused not counted. */
export async function queries(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { from: { type: "string", default: "1" }, queries: { type: "string", default: "100000" } },
  });
  const [from, wanted] = [Number(values.from), Number(values.queries)];
  const none: Totals = { seeds: 0, asked: 0, refused: 0, empty: 0, failed: [] };
  const progress = new Progress(`queries-${from}`, none);
  const { totals } = progress;
  while (totals.asked < wanted) {
    const seed = from + totals.seeds;
    const round = await queryRound(seed, queriesOfSeed);
    totals.seeds++;
    totals.asked += round.queries - round.refused;
    totals.refused += round.refused;
    totals.empty += round.empty;
    for (const why of round.differences) {
      totals.failed.push({ seed, why });
      console.error(`seed ${seed}: ${why}`);
    }
    progress.keep();
    if (totals.seeds % 20 === 0) console.error(`${totals.asked} of ${wanted} queries, ${totals.failed.length} differ`);
  }
  report(totals, from);
  progress.forget();
  if (totals.failed.length > 0) process.exitCode = 1;
}

function report(totals: Totals, from: number): void {
  const number = (value: number) => value.toLocaleString("en");
  const table = markdownTable(
    ["stores", "queries", "of them found nothing", "refused beside them", "differences"],
    [[totals.seeds, totals.asked, totals.empty, totals.refused, totals.failed.length].map(number)],
  );
  const failures = totals.failed.map(({ seed, why }) => `- seed ${seed}: ${why}`).join("\n");
  const text = [
    provenance("npm run oracle -- queries"),
    `Seeds ${from} to ${from + totals.seeds - 1}. A seed fills a store with records (IPv4 and IPv6, NODATA, SKIPDATA) and logs of keys and ` +
      "values under index rules that change midway, some of it sealed, some hot, and asks random queries in both syntaxes, over one topic " +
      "or two, in both orders, with random ranges, retention, limits and offsets. Required: the logs, their values and their order " +
      "exactly as a naive scan gives them, and the same count.",
    table,
    failures === "" ? "No query differs." : failures,
  ].join("\n\n");
  writeSection("docs/reliability.md", "oracle-queries", "Queries against a naive scan", text);
}
