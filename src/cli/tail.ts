/** `flowlogs tail`: the latest logs, and those that arrive from then on. */
import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import { barOf } from "../backend/logs/sql/lexer.ts";
import type { Client } from "../client/client.ts";
import { CloudError, Unreachable } from "../client/errors.ts";
import type { LineObject, TailObject } from "../wire/flowlogs.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit-code.ts";
import { type LineFormat, lineFormats, LogLines } from "./log-lines.ts";
import { print, say } from "./output.ts";
import { findTopics } from "./topics.ts";
import { choiceOption, readInteger, readMoment } from "./values.ts";

interface TailOptions extends ConnectOptions {
  readonly topic: string[];
  readonly since?: string;
  readonly limit?: string;
  readonly follow?: true;
  readonly syntax: "cql" | "lucene";
  readonly format?: LineFormat;
  readonly json?: true;
}

/** How long it waits before it asks again whether something has arrived. */
const paceMs = 500;

/** Most logs of one answer. */
const pageSize = 1000;

const defaultLimit = 10;

const help = `
Records are found some 15 minutes after their capture window opened. --follow shows logs in the order in which they arrive,
whatever their times, each once, until Ctrl-C; it waits for a backend that is started again. Only logs go to standard output.

Examples:
  flowlogs tail                                       the latest ten
  flowlogs tail -f REJECT                             what is rejected, as it is published
  flowlogs tail -f 'dstport:22' --topic web --since 1h
  flowlogs tail -f --format json | jq -r .srcaddr`;

/** Adds the command. */
export function registerTail(program: Command): void {
  connectOptions(program.command("tail").argument("[query]", "which logs; all, if left out", ""))
    .description("Shows the latest logs of topics, oldest first, and with --follow those that arrive from then on.")
    .option("-f, --follow", "go on with what arrives, until Ctrl-C")
    .option("--topic <name-or-id>", "of this topic (repeatable; default: all with an index)", collect, [])
    .option("--since <time>", "begin with the logs of the last 10m, or since a moment")
    .option("--limit <n>", `begin with the latest n; 0: with none (default: ${defaultLimit}; with --since: all)`)
    .addOption(choiceOption("--syntax <syntax>", "how the query is read", ["cql", "lucene"], "cql"))
    .addOption(choiceOption("--format <format>", "raw: the lines themselves (default); json: one object a line", lineFormats))
    .option("--json", "the same as --format json")
    .addHelpText("after", help)
    .action((query: string, options: TailOptions) => withClient(options, (client) => tail(client, query, options)));
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** Which logs are shown. */
interface Asked {
  readonly QueryString: string;
  readonly QuerySyntax: number;
  readonly TopicIds: string[];
  readonly TextOnly: boolean;
}

type Show = (logs: readonly LineObject[]) => void;

async function tail(client: Client, query: string, options: TailOptions): Promise<void> {
  if (options.json && options.format !== undefined) throw new UsageError("--json and --format cannot be given together");
  if (barOf(query, options.syntax) !== undefined) {
    throw new UsageError(`query: ${JSON.stringify(query)} has an SQL part, which needs all logs at once: \`flowlogs search\` answers it`);
  }
  // Lines are written whole, so wherever it is told to end, it can.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(ExitCode.fine));
  const limit = options.limit === undefined ? undefined : readInteger(options.limit, "--limit", 0, 10_000);
  const { NowMs } = await client.call("DescribeClock", {});
  const From = options.since === undefined ? 0 : readSince(options.since, NowMs);
  const topics = await findTopics(client, options.topic);
  const format = options.json ? "json" : (options.format ?? "raw");
  const asked: Asked = {
    ...{ QueryString: query, QuerySyntax: options.syntax === "cql" ? 1 : 0 },
    ...{ TopicIds: topics.map(({ TopicId }) => TopicId), TextOnly: format === "raw" },
  };
  const names = new Map(topics.map(({ TopicId, TopicName }) => [TopicId, TopicName]));
  const keys = format === "csv" ? (await client.call("ExportLogs", { ...asked, Limit: 1, WithKeys: true })).Keys : [];
  const lines = new LogLines(format, keys);
  for (const line of lines.header()) print(line);
  const show: Show = (logs) => {
    if (logs.length > 0) print(logs.map((log) => lines.line({ ...log, TopicName: names.get(log.TopicId)! })).join("\n"));
  };
  const wanted = limit ?? (options.since === undefined ? defaultLimit : undefined);
  const Cursor = wanted === undefined ? await showSince(client, asked, From, show) : await showLatest(client, asked, From, wanted, show);
  if (!options.follow) return;
  if (process.stderr.isTTY) say(`-- following ${[...names.values()].join(", ")}; Ctrl-C ends --`);
  await follow(client, asked, Cursor, show);
}

/** Unix milliseconds of a moment, or of a stretch of time before now. */
function readSince(text: string, nowMs: number): number {
  return readMoment(/^(\d+[smhd])+$/.test(text) ? `now-${text}` : text, "--since", nowMs);
}

/** Shows all logs from a moment on; gives the place behind them. */
async function showSince(client: Client, asked: Asked, From: number, show: Show): Promise<string> {
  const first = await client.call("ExportLogs", { ...asked, From, Limit: pageSize });
  for (let page = first; ; page = await client.call("ExportLogs", { ...asked, From, Limit: pageSize, Context: page.Context })) {
    show(page.Results);
    if (page.ListOver) return first.Cursor;
  }
}

/** Shows the latest logs; gives the place behind them. */
async function showLatest(client: Client, asked: Asked, From: number, count: number, show: Show): Promise<string> {
  if (count === 0) return (await client.call("TailLogs", asked)).Cursor;
  const { Results, Cursor } = await client.call("ExportLogs", { ...asked, From, Sort: "desc", Limit: count });
  show(Results.toReversed());
  return Cursor;
}

/** Shows what arrives, for ever. */
async function follow(client: Client, asked: Asked, begin: string, show: Show): Promise<void> {
  const unread = new Set<string>();
  for (let cursor = begin; ; ) {
    const answer = await untilAnswered(() => client.call("TailLogs", { ...asked, Cursor: cursor, Limit: pageSize }));
    if (answer.Anew) say("-- the backend's logs are others now: it was reset, or a snapshot was loaded --");
    show(answer.Results);
    for (const { ErrorMsg } of answer.Unread) {
      if (!unread.has(ErrorMsg)) say(`error: ${ErrorMsg}`);
      unread.add(ErrorMsg);
    }
    cursor = answer.Cursor;
    if (answer.ListOver) await wait(paceMs);
  }
}

/** An answer, however long the backend is away. */
async function untilAnswered(ask: () => Promise<TailObject>): Promise<TailObject> {
  for (let isAway = false; ; ) {
    try {
      const answer = await ask();
      if (isAway) say("-- the backend answers again --");
      return answer;
    } catch (error) {
      const isBusy = error instanceof CloudError && error.code === "LimitExceeded.LogSearch";
      if (!isBusy && !(error instanceof Unreachable)) throw error;
      if (!isAway && !isBusy) say(`-- ${error.message.split(". Start one")[0]!}; waiting for it --`);
      isAway ||= !isBusy;
      await wait(paceMs);
    }
  }
}
