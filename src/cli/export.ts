/** `flowlogs export`: all the logs that a query finds, into a file, page by page. */
import { closeSync, openSync } from "node:fs";
import type { Command } from "commander";
import { barOf } from "../backend/logs/sql/lexer.ts";
import { writeAll } from "../backend/traffic/descriptor.ts";
import type { Client } from "../client/client.ts";
import type { ExportObject } from "../wire/flowlogs.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { Failed, UsageError } from "./errors.ts";
import { type LineFormat, LogLines } from "./log-lines.ts";
import { clearProgress, grouped, say, showProgress, shownTime } from "./output.ts";
import { findTopics } from "./topics.ts";
import { choiceOption, readMoment } from "./values.ts";

type ExportFormat = Exclude<LineFormat, "table">;

interface ExportOptions extends ConnectOptions {
  readonly topic: string[];
  readonly from?: string;
  readonly to?: string;
  readonly syntax: "cql" | "lucene";
  readonly format?: ExportFormat;
}

const formats = ["raw", "csv", "json"] as const;

/** Logs of one page: what the command and the backend hold in memory at a time. */
const pageSize = 2000;

const help = `
The file's name decides what is written: .csv comma-separated values under a header, .json (or .jsonl, .ndjson) one object
a line, anything else the lines themselves; - writes lines to standard output. The logs are those that were there when the
command began, oldest first, each once; what arrives meanwhile is not among them.

Examples:
  flowlogs export flows.csv                                     everything
  flowlogs export rejected.json REJECT --from now-1d
  flowlogs export - 'dstport:22' --topic web | gzip > ssh.txt.gz`;

/** Adds the command. */
export function registerExport(program: Command): void {
  connectOptions(program.command("export").argument("<file>", "the file to write; - for standard output").argument("[query]", "which logs; all, if left out", ""))
    .description("Writes all the logs that a query finds to a file, however many they are.")
    .option("--topic <name-or-id>", "export this topic (repeatable; default: all with an index)", collect, [])
    .option("--from <moment>", "from this moment on (default: the beginning)")
    .option("--to <moment>", "up to this moment (default: the end)")
    .addOption(choiceOption("--syntax <syntax>", "how the query is read", ["cql", "lucene"], "cql"))
    .addOption(choiceOption("--format <format>", "instead of what the file's name says", formats))
    .addHelpText("after", help)
    .action((file: string, query: string, options: ExportOptions) => withClient(options, (client) => exportLogs(client, file, query, options)));
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

async function exportLogs(client: Client, file: string, query: string, options: ExportOptions): Promise<void> {
  if (barOf(query, options.syntax) !== undefined) {
    throw new UsageError(`query: ${JSON.stringify(query)} has an SQL part, whose answer is a small table: \`flowlogs search\` prints it`);
  }
  const { NowMs } = await client.call("DescribeClock", {});
  const From = options.from === undefined ? 0 : readMoment(options.from, "--from", NowMs);
  const To = options.to === undefined ? Number.MAX_SAFE_INTEGER : readMoment(options.to, "--to", NowMs);
  const topics = await findTopics(client, options.topic);
  const format = options.format ?? formatOf(file);
  const page = (Context: string, WithKeys: boolean) =>
    client.call("ExportLogs", {
      ...{ QueryString: query, QuerySyntax: options.syntax === "cql" ? 1 : 0, TopicIds: topics.map(({ TopicId }) => TopicId) },
      ...{ From, To, Limit: pageSize, Context, WithKeys, TextOnly: format === "raw" },
    });
  // Nothing is written where nothing can be read.
  const first = await page("", format === "csv");
  const lines = new LogLines(format, first.Keys);
  const names = new Map(topics.map(({ TopicId, TopicName }) => [TopicId, TopicName]));
  const target = new Target(file);
  try {
    for (const line of lines.header()) target.write(`${line}\n`);
    for (let at: ExportObject = first; ; at = await page(at.Context, false)) {
      const shown = at.Results.map((log) => `${lines.line({ ...log, TopicName: names.get(log.TopicId)! })}\n`);
      target.write(shown.join(""));
      target.count(at);
      if (at.ListOver) break;
    }
    target.finish();
  } catch (error) {
    target.fail(error);
  } finally {
    target.close();
  }
}

function formatOf(file: string): ExportFormat {
  if (/\.csv$/i.test(file)) return "csv";
  return /\.(json|jsonl|ndjson)$/i.test(file) ? "json" : "raw";
}

/** Where the logs go, and how far they have come. */
class Target {
  private readonly name: string;
  private readonly descriptor: number;
  private written = 0;
  private lastMs: number | undefined;
  private readonly unread = new Set<string>();

  constructor(file: string) {
    this.name = file === "-" ? "standard output" : file;
    this.descriptor = file === "-" ? 1 : openSync(file, "w", 0o600);
  }

  write(text: string): void {
    writeAll(this.descriptor, Buffer.from(text));
  }

  count({ Results, Unread }: ExportObject): void {
    this.written += Results.length;
    this.lastMs = Results.at(-1)?.Time ?? this.lastMs;
    for (const { ErrorMsg } of Unread) this.unread.add(ErrorMsg);
    showProgress(`${grouped(this.written)} logs${this.lastMs === undefined ? "" : `, up to ${shownTime(this.lastMs)}`}`);
  }

  finish(): void {
    clearProgress();
    for (const words of this.unread) say(`error: ${words}`);
    if (this.unread.size > 0) throw new Failed(`${this.name} holds ${grouped(this.written)} logs: all but those that cannot be read`);
    say(`${grouped(this.written)} logs written to ${this.name}`);
  }

  /** Says how far it came; whoever reads the logs may have read enough, and then nothing is wrong. */
  fail(error: unknown): void {
    clearProgress();
    if (error instanceof Failed) throw error;
    if (!(error instanceof Error) || !("code" in error || error.name === "Unreachable")) throw error;
    if ("code" in error && error.code === "EPIPE") return;
    const upTo = this.lastMs === undefined ? "" : `, up to ${shownTime(this.lastMs)}`;
    throw new Failed(`error: ${error.message}\n${this.name} holds the first ${grouped(this.written)} logs${upTo}; the rest is missing`);
  }

  close(): void {
    if (this.descriptor !== 1) closeSync(this.descriptor);
  }
}
