/** Logs of keys and values as rows: what clients upload into the hot table, and a row back into a log. */
import type { DuckDBMapValue } from "@duckdb/node-api";
import { textOf } from "../kept-log.ts";
import type { KeptLog, Log } from "../log-store.ts";
import type { Dictionaries } from "./dictionaries.ts";
import type { Writer } from "./engine.ts";
import type { Shared } from "./records.ts";
import type { Row } from "./schema.ts";

/** Appends logs to the hot table. */
export async function appendLogs(writer: Writer, logs: readonly Log[], shared: Shared): Promise<void> {
  const { library } = writer;
  const type = library.MAP(library.VARCHAR, library.VARCHAR);
  const map = (entries: Log["values"]) => library.mapValue(entries.map(([key, value]) => ({ key, value })));
  const appender = await writer.connection.createAppender("log");
  try {
    for (const [place, log] of logs.entries()) {
      appender.appendUInteger(shared.topic);
      appender.appendUBigInt(BigInt(shared.firstSequence + place));
      appender.appendUInteger(shared.rule);
      appender.appendBigInt(BigInt(log.timeMs));
      appender.appendVarchar(log.stream);
      appender.appendVarchar(log.source);
      appender.appendMap(map(log.values), type);
      appender.appendMap(map(log.tags), type);
      appender.endRow();
    }
  } finally {
    appender.closeSync();
  }
}

/** A row as a log. */
export function keptLog(row: Row, dictionaries: Dictionaries): KeptLog {
  const entries = (name: string) =>
    (row[name] as DuckDBMapValue).entries.map(({ key, value }): [string, string] => [key as string, value as string]);
  const values = entries("fields");
  return {
    topicId: dictionaries.topics.get(Number(row["topic"]))!,
    sequence: Number(row["sequence"]),
    timeMs: Number(row["time_ms"]),
    stream: String(row["stream"]),
    source: String(row["source"]),
    text: textOf(values),
    values,
    tags: entries("tags"),
  };
}
