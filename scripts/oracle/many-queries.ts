/**
 * `npm run oracle -- queries [--from SEED] [--queries N] [--store embedded|clickhouse|shards] [--jobs N]`: a log store against
 * a naive scan; `shards` is ClickHouse with two of them. Stopped, it goes on where it was.
 */
import { parseArgs } from "node:util";
import { Progress } from "../long/progress.ts";
import { runSeeds } from "../long/seeds.ts";
import { markdownTable, provenance, writeSection } from "../report.ts";
import { startClickhouse } from "../../test/support/clickhouse.ts";
import { queryRound, type Round } from "./queries.ts";
import { clickhouseStore } from "./stores.ts";

interface Totals {
  seeds: number;
  asked: number;
  refused: number;
  empty: number;
  readonly failed: { readonly seed: number; readonly why: string }[];
}

/** What is said of each store, and how many servers it needs. */
const stores = {
  embedded: { title: "Queries against a naive scan", section: "oracle-queries", servers: 0 },
  clickhouse: { title: "Queries against a naive scan, in ClickHouse", section: "oracle-queries-clickhouse", servers: 1 },
  shards: { title: "Queries against a naive scan, in two shards of ClickHouse", section: "oracle-queries-shards", servers: 2 },
} as const;

type StoreName = keyof typeof stores;

/** Queries of one store. */
const queriesOfSeed = 200;

/** Asks until so many queries were answered, those refused not counted. */
export async function queries(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      from: { type: "string", default: "1" },
      queries: { type: "string", default: "100000" },
      store: { type: "string", default: "embedded" },
      jobs: { type: "string", default: "2" },
    },
  });
  if (!Object.hasOwn(stores, values.store)) throw new Error(`--store: ${JSON.stringify(values.store)} is none of ${Object.keys(stores).join(", ")}`);
  const store = values.store as StoreName;
  const [from, wanted] = [Number(values.from), Number(values.queries)];
  if (store === "embedded") {
    await embedded(from, wanted, Number(values.jobs));
    return;
  }
  const none: Totals = { seeds: 0, asked: 0, refused: 0, empty: 0, failed: [] };
  const progress = new Progress(`queries-${store}-${from}`, none);
  const { totals } = progress;
  const servers = await startClickhouse(stores[store].servers);
  try {
    while (totals.asked < wanted) {
      count(totals, from + totals.seeds, await queryRound(from + totals.seeds, queriesOfSeed, clickhouseStore(servers)));
      progress.keep();
      if (totals.seeds % 20 === 0) console.error(`${totals.asked} of ${wanted} queries, ${totals.failed.length} differ`);
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  report(totals, from, store);
  progress.forget();
  if (totals.failed.length > 0) process.exitCode = 1;
}

async function embedded(from: number, wanted: number, jobs: number): Promise<void> {
  await runSeeds({
    ...{ name: stores.embedded.section, title: stores.embedded.title, command: "npm run oracle -- queries" },
    module: new URL("query-round.ts", import.meta.url),
    ...{ from, jobs, counted: "queries", wanted },
    words: (seeds) =>
      `${seeds}. A seed fills a store with records (IPv4 and IPv6, NODATA, SKIPDATA) and logs of keys and values under index rules that change ` +
      "midway, some of it sealed, some hot, and asks random queries in both syntaxes (full text and keys, phrases, wildcards, ranges, what exists or " +
      "is empty, AND, OR, NOT), over one topic or two, in both orders, with random ranges, retention, limits and offsets. Required: the logs, " +
      "their values and their order exactly as a naive scan gives them; the same counts; the same on pages while more is written; and for SELECTs " +
      "(sums, groups, conditions, orders, limits) the rows that a naive evaluator gives.",
    fine: "No query differs.",
  });
}

function count(totals: Totals, seed: number, round: Round): void {
  totals.seeds++;
  totals.asked += round.queries - round.refused;
  totals.refused += round.refused;
  totals.empty += round.empty;
  for (const why of round.differences) {
    totals.failed.push({ seed, why });
    console.error(`seed ${seed}: ${why}`);
  }
}

function report(totals: Totals, from: number, store: Exclude<StoreName, "embedded">): void {
  const number = (value: number) => value.toLocaleString("en");
  const table = markdownTable(
    ["stores", "queries", "of them found nothing", "refused beside them", "differences"],
    [[totals.seeds, totals.asked, totals.empty, totals.refused, totals.failed.length].map(number)],
  );
  const failures = totals.failed.map(({ seed, why }) => `- seed ${seed}: ${why}`).join("\n");
  const text = [
    provenance(`npm run oracle -- queries --store ${store}`),
    `Seeds ${from} to ${from + totals.seeds - 1}. A seed fills a store with records (IPv4 and IPv6, NODATA, SKIPDATA) and logs of keys and ` +
      "values under index rules that change midway, and asks random queries in both syntaxes, over one topic " +
      "or two, in both orders, with random ranges, retention, limits and offsets. Required: the logs, their values and their order " +
      "exactly as a naive scan gives them, and the same count.",
    table,
    failures === "" ? "No query differs." : failures,
  ].join("\n\n");
  writeSection("docs/reliability.md", stores[store].section, stores[store].title, text);
}
