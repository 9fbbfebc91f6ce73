/** The tables of the embedded store. Absent numbers are zeros, never NULL: conditions are true or false. */
import type { Run } from "./engine.ts";
import { StoreFailure } from "../log-store.ts";
import { sqlList } from "./sql.ts";

/** The version of the tables; a file of another version is refused, never guessed at. */
export const layoutVersion = 3;

/** What a row of a table is: a flow log record, or a log of keys and values. */
export const Kind = { record: 0, log: 1 } as const;

/** A kind of rows. */
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Columns of a table and their types. */
type Columns = Readonly<Record<string, string>>;

/**
 * A record: `eni`, `reason` and `rule` are places in dictionaries (0: none), `family` 4, 6 or 0 where the record has
 * no flow (NODATA, SKIPDATA). An IPv4 address is a number; an IPv6 address its text, NULL for all others. Source: RecordBatch.
 */
export const recordColumns: Columns = {
  topic: "UINTEGER",
  sequence: "UBIGINT",
  rule: "UINTEGER",
  eni: "UINTEGER",
  family: "UTINYINT",
  src: "UINTEGER",
  dst: "UINTEGER",
  src6: "VARCHAR",
  dst6: "VARCHAR",
  sport: "USMALLINT",
  dport: "USMALLINT",
  protocol: "UTINYINT",
  packets: "UBIGINT",
  bytes: "UBIGINT",
  start_s: "UINTEGER",
  end_s: "UINTEGER",
  action: "UTINYINT",
  status: "UTINYINT",
  direction: "UTINYINT",
  reason: "UINTEGER",
  skipped_packets: "UBIGINT",
  skipped_bytes: "UBIGINT",
};

/** A log of keys and values. */
export const logColumns: Columns = {
  topic: "UINTEGER",
  sequence: "UBIGINT",
  rule: "UINTEGER",
  time_ms: "BIGINT",
  stream: "VARCHAR",
  source: "VARCHAR",
  fields: "MAP(VARCHAR, VARCHAR)",
  tags: "MAP(VARCHAR, VARCHAR)",
};

const otherTables: Readonly<Record<string, Columns>> = {
  /** Logs written and not yet sealed, by the hour they fall into. */
  arrival: {
    topic: "UINTEGER",
    kind: "UTINYINT",
    hour: "UINTEGER",
    first_sequence: "UBIGINT",
    next_sequence: "UBIGINT",
    batch: "VARCHAR",
    logs: "UBIGINT",
    text_bytes: "UBIGINT",
    ipv6_logs: "UBIGINT",
    rules: "UINTEGER[]",
  },
  /** Batches of records of which no arrival tells any more: what comes again is known by its id. */
  batch: { topic: "UINTEGER", id: "VARCHAR", last_hour: "UINTEGER" },
  segment: {
    id: "UINTEGER",
    topic: "UINTEGER",
    kind: "UTINYINT",
    hour: "UINTEGER",
    logs: "UBIGINT",
    text_bytes: "UBIGINT",
    ipv6_logs: "UBIGINT",
    file_bytes: "UBIGINT",
    last_sequence: "UBIGINT",
    rules: "UINTEGER[]",
    checksum: "UINTEGER",
    roll_up_checksums: "UINTEGER[]",
  },
  /** Bytes of text that a topic took in and that no arrival tells of any more. */
  ingested: { topic: "UINTEGER", text_bytes: "UBIGINT" },
  counter: { name: "VARCHAR", value: "UBIGINT" },
  topic_name: { id: "UINTEGER", name: "VARCHAR" },
  placement: { id: "UINTEGER", account: "VARCHAR", eni: "VARCHAR", vpc: "VARCHAR", subnet: "VARCHAR" },
  reason: { id: "UINTEGER", layer: "VARCHAR", direction: "VARCHAR", decider: "VARCHAR", place: "INTEGER", because: "VARCHAR" },
  rule: { id: "UINTEGER", body: "VARCHAR" },
};

/** The hot table of a kind. */
export const hotTable = { [Kind.record]: "record", [Kind.log]: "log" } as const;

/** Every table of the database, with its columns. */
export const tables: Readonly<Record<string, Columns>> = { record: recordColumns, log: logColumns, ...otherTables };

/** What a row of the hot table is written as in a segment: an end is shorter as the time since the start. */
const sealedColumns = {
  [Kind.record]: "* EXCLUDE (end_s), CAST(end_s AS BIGINT) - CAST(start_s AS BIGINT) AS duration",
  [Kind.log]: "*",
} as const;

/** A segment's rows in the order in which they lie in it: what was rejected is little and looked for most. */
const sealedOrder = {
  [Kind.record]: "action DESC, direction, eni, start_s, sequence",
  [Kind.log]: "stream, time_ms, sequence",
} as const;

/** Rows of a table as a segment keeps them. */
export function sealedSelect(kind: Kind, from: string): string {
  return `SELECT ${sealedColumns[kind]} FROM ${from} ORDER BY ${sealedOrder[kind]}`;
}

/** The rows of segments as the hot table has them. */
export function sealedRows(kind: Kind, paths: readonly string[]): string {
  const files = `read_parquet(${sqlList(paths)})`;
  if (kind === Kind.log) return files;
  return `(SELECT * EXCLUDE (duration), CAST(start_s + duration AS UINTEGER) AS end_s FROM ${files})`;
}

/** Makes the tables that are not there; refuses those of another version. */
export async function prepareTables(run: Run): Promise<void> {
  const made = Object.entries(tables).map(([table, columns]) => {
    const list = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
    return `CREATE TABLE IF NOT EXISTS ${table} (${list.join(", ")})`;
  });
  await run(made.join("; "));
  const found = await counter(run, "layout");
  if (found === undefined) {
    await run(`INSERT INTO counter VALUES ('layout', ${layoutVersion}), ('catalogue', 0), ('sequence', 1), ('segment', 1)`);
  } else if (found !== layoutVersion) {
    throw new StoreFailure(`the log store has layout version ${found}; this backend reads version ${layoutVersion}`);
  }
}

/** The sequence that the next log gets, as a transaction sees it: counted in every arrival, and when those go. */
export const nextSequenceSql =
  "greatest((SELECT value FROM counter WHERE name = 'sequence'), (SELECT coalesce(max(next_sequence), 0) FROM arrival))";

/** Reads the least that can be read. */
export const cheapestRead = "SELECT value FROM counter";

/** The value of a counter. */
export async function counter(run: Run, name: string): Promise<number | undefined> {
  const rows = await rowsOf(run, `SELECT value FROM counter WHERE name = '${name}'`);
  return rows[0] && Number(rows[0]["value"]);
}

/** A row of an answer: values by column. */
export type Row = Readonly<Record<string, unknown>>;

/** All rows of an answer. */
export async function rowsOf(run: Run, sql: string): Promise<Row[]> {
  return (await run(sql)).getRowObjects();
}
