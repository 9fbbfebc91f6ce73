/** `flowlogs verify`: holds expectations against records and searches, for a pipeline. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import type { Client } from "../client/client.ts";
import type { LogInfo } from "../wire/objects.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { Failed } from "./errors.ts";
import { type Bound, type Check, readChecks } from "./expectations.ts";
import { junit } from "./junit.ts";
import { print, printJson } from "./output.ts";
import { collectPages } from "./search.ts";
import { findTopics } from "./topics.ts";

type VerifyOptions = ConnectOptions & { readonly junit?: string; readonly json?: true };

/** One expectation and what was found. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  /** What was expected and what was found, in words. */
  readonly found: string;
}

/** Most records that one check looks at. */
const maxRecords = 1_000_000;

/** Adds the command. */
export function registerVerify(program: Command): void {
  connectOptions(program.command("verify").argument("<file>", "expectations, as YAML"))
    .description("Checks expectations over records and searches; prints each with what was found; ends with 1 when one fails.")
    .option("--junit <file>", "also write the outcomes as JUnit XML")
    .option("--json", "print JSON")
    .addHelpText("after", examples)
    .action((file: string, options: VerifyOptions) => withClient(options, (client) => verify(client, file, options)));
}

const examples = `
A file of expectations:
  records:
    - name: RDP from outside is rejected
      topic: flow-logs                          # or topics: [a, b]; all with an index, if left out
      match: {dstport: 3389, action: REJECT}    # fields of the record, compared whole
      expect: {records: 1, packets: {min: 20}}  # records, packets, bytes: a number, or min and max
  searches:
    - name: nothing talks to the scanner
      query: 198.51.100.77 AND ACCEPT
      syntax: cql                               # or lucene
      expect: {records: 0}

Example:
  flowlogs verify expectations.yaml --junit report.xml`;

async function verify(client: Client, file: string, options: VerifyOptions): Promise<void> {
  const outcomes: Outcome[] = [];
  for (const check of readChecks(readFileSync(file, "utf8"), file)) outcomes.push(await run(client, check));
  if (options.junit !== undefined) writeFileSync(options.junit, junit(file, outcomes));
  const failed = outcomes.filter(({ passed }) => !passed).length;
  if (options.json) printJson({ passed: outcomes.length - failed, failed, outcomes });
  else {
    for (const { name, passed, found } of outcomes) print(`${passed ? "ok  " : "FAIL"} ${name}: ${found}`);
    print(`${outcomes.length - failed} passed, ${failed} failed`);
  }
  if (failed > 0) throw new Failed("");
}

async function run(client: Client, check: Check): Promise<Outcome> {
  const topics = await findTopics(client, check.topics);
  const { logs } = await collectPages(
    client,
    {
      QueryString: check.query,
      QuerySyntax: check.syntax === "cql" ? 1 : 0,
      Topics: topics.map(({ TopicId }) => ({ TopicId })),
      Sort: "asc",
      From: 0,
      To: Number.MAX_SAFE_INTEGER,
    },
    maxRecords,
  );
  const hits = logs.map(valuesOf).filter((values) => isMatch(values, check.match));
  const sum = (key: string) => hits.reduce((total, values) => total + (Number(values[key]) || 0), 0);
  const found = { records: hits.length, packets: sum("packets"), bytes: sum("bytes") };
  const compared = Object.entries(check.expect).map(([key, bound]) => {
    const value = found[key as keyof typeof found];
    const passed = value >= bound.min && value <= bound.max;
    return { passed, words: passed ? `${value} ${key}` : `${value} ${key}, expected ${shownBound(bound)}` };
  });
  return {
    name: check.name,
    passed: compared.every(({ passed }) => passed),
    found: compared.map(({ words }) => words).join("; "),
  };
}

function valuesOf(log: LogInfo): Record<string, string> {
  return JSON.parse(log.LogJson) as Record<string, string>;
}

function isMatch(values: Readonly<Record<string, string>>, match: Readonly<Record<string, string>>): boolean {
  return Object.entries(match).every(([key, wanted]) => values[key] === wanted);
}

function shownBound({ min, max }: Bound): string {
  if (min === max) return String(min);
  if (max === Number.POSITIVE_INFINITY) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}
