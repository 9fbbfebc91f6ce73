/** `flowlogs search`: finds records in topics. */
import type { Command } from "commander";
import type { Client } from "../client/client.ts";
import { QuerySyntaxError } from "../backend/logs/query/ast.ts";
import { parseQuery } from "../backend/logs/query/parser.ts";
import { barOf } from "../backend/logs/sql/lexer.ts";
import type { LogInfo, SearchLogAnswer } from "../wire/objects.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { UsageError } from "./errors.ts";
import { asObject, csvLine, keysOf, LogLines, tableCells, tableHeader } from "./log-lines.ts";
import { print, printJson, say, table } from "./output.ts";
import { queryWords } from "./query-words.ts";
import { findTopics } from "./topics.ts";
import { choiceOption, readInteger, readMoment } from "./values.ts";

interface SearchOptions extends ConnectOptions {
  readonly topic: string[];
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
  readonly sort: "asc" | "desc";
  readonly syntax: "cql" | "lucene";
  readonly format?: (typeof formats)[number];
  readonly json?: true;
  readonly explain?: true;
}

const formats = ["table", "json", "csv", "raw"] as const;

/** Most logs of one answer; more are asked for page by page. */
const pageSize = 1000;

/** Adds the command. */
export function registerSearch(program: Command): void {
  connectOptions(program.command("search").argument("[query]", "what to look for; everything, if left out", ""))
    .description("Finds records, the newest first, in one topic, several, or all that have an index.")
    .option("--topic <name-or-id>", "search this topic (repeatable; default: all with an index)", collect, [])
    .option("--from <moment>", "from this moment on (default: the beginning)")
    .option("--to <moment>", "up to this moment (default: the end)")
    .option("--limit <n>", "at most so many", "100")
    .addOption(choiceOption("--sort <order>", "newest first, or oldest", ["desc", "asc"], "desc"))
    .addOption(choiceOption("--syntax <syntax>", "how the query is read", ["cql", "lucene"], "cql"))
    .addOption(choiceOption("--format <format>", "a table, or raw: the lines themselves (default: table)", formats))
    .option("--json", "the same as --format json")
    .option("--explain", "say how the query was read, on standard error")
    .addHelpText("after", examples)
    .action((query: string, options: SearchOptions) => withClient(options, (client) => search(client, query, options)));
}

const examples = `
Examples:
  flowlogs search 203.0.113.12                                  every record with this address
  flowlogs search 'action:REJECT AND dstport:22' --from now-1h
  flowlogs search 'REJECT NOT 443' --topic web --format raw
  flowlogs search 'REJECT | select srcaddr, count(*) as n group by srcaddr order by n desc'`;

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

async function search(client: Client, query: string, options: SearchOptions): Promise<void> {
  if (options.json && options.format !== undefined) throw new UsageError("--json and --format cannot be given together");
  const format = options.json ? "json" : (options.format ?? "table");
  const { NowMs } = await client.call("DescribeClock", {});
  const range = {
    From: options.from === undefined ? 0 : readMoment(options.from, "--from", NowMs),
    To: options.to === undefined ? Number.MAX_SAFE_INTEGER : readMoment(options.to, "--to", NowMs),
  };
  const limit = readInteger(options.limit, "--limit", 1, 10_000_000);
  const topics = await findTopics(client, options.topic);
  const QuerySyntax = options.syntax === "cql" ? 1 : 0;
  const Sort = options.sort;
  const request = { QueryString: query, QuerySyntax, Topics: topics.map(({ TopicId }) => ({ TopicId })), Sort, ...range };
  const bar = barOf(query, options.syntax);
  if (options.explain) {
    for (const words of explained(query.slice(0, bar ?? query.length), options.syntax, bar)) say(words);
  }
  if (bar !== undefined) {
    printAnalysis(await client.call("SearchLog", { ...request, UseNewAnalysis: true }), format);
    return;
  }
  const { logs, isAll } = await collectPages(client, request, limit);
  printLogs(logs, format);
  if (!isAll) say(`there are more: --limit ${limit} was reached (\`flowlogs export\` writes all of them to a file)`);
}

type SearchRequest = Parameters<typeof collectPages>[1];

/** How the query was read; what cannot be read, the backend refuses in its own words. */
function explained(condition: string, syntax: "cql" | "lucene", bar: number | undefined): string[] {
  try {
    const words = queryWords(parseQuery(condition, syntax));
    const sql = bar === undefined ? [] : ["and over what is found: the SQL part"];
    return [`read as ${syntax === "cql" ? "CQL" : "Lucene"}:`, ...words.map((each) => `  ${each}`), ...sql];
  } catch (error) {
    if (error instanceof QuerySyntaxError) return [];
    throw error;
  }
}

/** Prints the rows of a query with an SQL part. */
function printAnalysis({ Columns, AnalysisRecords }: SearchLogAnswer, format: (typeof formats)[number]): void {
  const rows = (AnalysisRecords ?? []).map((each) => JSON.parse(each) as Record<string, string | number | null>);
  const names = (Columns ?? []).map(({ Name }) => Name);
  const cells = rows.map((row) => names.map((name) => String(row[name] ?? "")));
  if (format === "json") printJson(rows);
  else if (format === "table") print(table(names, cells));
  else if (format === "csv") for (const line of [names, ...cells]) print(csvLine(line));
  else for (const each of AnalysisRecords ?? []) print(each);
}

/** The logs that one chain of pages gives; then the next one begins behind them. */
const logsOfChain = 10_000;

/** Asks page after page until the limit or the end. */
export async function collectPages(
  client: Client,
  request: { QueryString: string; QuerySyntax: number; Topics: { TopicId: string }[]; Sort: "asc" | "desc"; From: number; To: number },
  limit: number,
): Promise<{ logs: LogInfo[]; isAll: boolean }> {
  const logs: LogInfo[] = [];
  let Context = "";
  for (;;) {
    const Limit = Math.min(pageSize, limit - logs.length);
    const isNewChain = Context === "" || logs.length % logsOfChain === 0;
    const answer: SearchLogAnswer = await client.call("SearchLog", {
      ...(request satisfies SearchRequest),
      Limit,
      ...(isNewChain ? { Offset: logs.length } : { Context }),
    });
    ({ Context } = answer);
    logs.push(...(answer.Results ?? []));
    if (answer.ListOver || logs.length >= limit) return { logs, isAll: answer.ListOver };
  }
}

function printLogs(logs: readonly LogInfo[], format: (typeof formats)[number]): void {
  if (format === "raw") for (const { RawLog } of logs) print(RawLog);
  else if (format === "json") {
    printJson(logs.map(asObject));
  } else if (format === "csv") printCsv(logs);
  else print(logsTable(logs));
}

function printCsv(logs: readonly LogInfo[]): void {
  const keys = new Set(logs.flatMap((log) => keysOf(log)));
  const lines = new LogLines("csv", [...keys]);
  for (const line of [...lines.header(), ...logs.map((log) => lines.line(log))]) print(line);
}

function logsTable(logs: readonly LogInfo[]): string {
  return logs.length === 0 ? "no record found" : table(tableHeader, logs.map(tableCells));
}
