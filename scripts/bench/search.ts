/**
 * `npm run bench -- search [--records N] [--addresses N] [--only sizes,addresses,questions,growth,ingest,grep,victorialogs]`: searches
 * over so many records, a hundred million by default, beside ClickHouse and a plain DuckDB file, all asked over HTTP.
 *
 * Databases are made once and kept; each part's results are kept too, so that a part can be run again alone. Writes its
 * section of docs/benchmarks.md, with what missed its target.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { provenance, writeSection } from "../report.ts";
import { benchFolder } from "./capture/mixes.ts";
import { grepPart, growthPart, ingestPart, sizesPart } from "./search/other-parts.ts";
import { addressesPart, questionsPart } from "./search/question-parts.ts";
import { victoriaPart } from "./search/victoria-part.ts";

/** What a run is asked for. */
export interface Wanted {
  readonly records: number;
  readonly addresses: number;
  /** Repetitions of each of the other questions. */
  readonly rounds: number;
}

const parts: Readonly<Record<string, { readonly title: string; readonly measure: (wanted: Wanted) => Promise<string> }>> = {
  sizes: { title: "Bytes on disk", measure: sizesPart },
  addresses: { title: "Addresses", measure: addressesPart },
  questions: { title: "Other questions", measure: questionsPart },
  growth: { title: "From one million records to a hundred million", measure: growthPart },
  ingest: { title: "Ingestion", measure: ingestPart },
  grep: { title: "Beside grep", measure: grepPart },
  victorialogs: { title: "Beside VictoriaLogs", measure: victoriaPart },
};

const intro = `Records of 24 hours from a seeded generator: 20,000 ENIs that share the traffic log-uniformly (the first has 7 %), 8 topics, 2.5 million
addresses outside, 5 % REJECT, 22 records with the needle 203.0.113.12. Two threads for each engine. \`flowlogs\`: a real \`flowlogs serve\`, signed SearchLog and DescribeLogHistogram calls.
ClickHouse: the server that chdb carries, over HTTP, its records (without ours' reasons, order and index) sorted by topic, hour, ENI and start with bloom filters on both addresses. DuckDB file: one
table ordered by hour, topic and ENI behind a small HTTP server. Questions for the latest records go back hour by hour with all engines. Cold: the files are evicted from the page cache before each question and
ClickHouse's caches dropped (DuckDB started anew); warm: the same question again. What the engines find is compared.`;

/** Runs the parts that are asked for. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      records: { type: "string", default: "100000000" },
      addresses: { type: "string", default: "200" },
      rounds: { type: "string", default: "3" },
      only: { type: "string", default: Object.keys(parts).join(",") },
    },
  });
  const wanted: Wanted = { records: Number(values.records), addresses: Number(values.addresses), rounds: Number(values.rounds) };
  const only = values.only.split(",");
  const unknown = only.find((part) => !Object.hasOwn(parts, part));
  if (unknown !== undefined) throw new Error(`--only: ${JSON.stringify(unknown)} must be one of ${Object.keys(parts).join(", ")}`);
  mkdirSync(benchFolder, { recursive: true });
  const kept = join(benchFolder, `search-parts-${wanted.records}.json`);
  const texts = existsSync(kept) ? (JSON.parse(readFileSync(kept, "utf8")) as Record<string, string>) : {};
  for (const part of only) {
    const text = await parts[part]!.measure(wanted);
    texts[part] = `${provenance(`npm run bench -- search --records ${wanted.records} --only ${part}`)}\n\n${text}`;
    writeFileSync(kept, JSON.stringify(texts));
  }
  const body = Object.entries(parts).flatMap(([part, { title }]) => (texts[part] === undefined ? [] : [`### ${title}\n\n${texts[part]}`]));
  writeSection("docs/benchmarks.md", `search-${wanted.records}`, `Searching ${wanted.records.toLocaleString("en")} records`, [intro, ...body].join("\n\n"));
}
