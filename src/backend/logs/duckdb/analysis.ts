/** The SQL part of a query: a SELECT over the logs that its condition finds. */
import type { DuckDBValue } from "@duckdb/node-api";
import { type Analysis, QueryFailure, StoreFailure } from "../log-store.ts";
import type { Field } from "../query/fields.ts";
import type { IndexedKey } from "../topic.ts";
import type { Select } from "../sql/ast.ts";
import { logsScope, sqlKeys } from "../sql/columns.ts";
import { selectSql } from "../sql/select.ts";
import { logTexts } from "./dialect.ts";
import { legsOf, type Snapshot } from "./reading.ts";
import { cellText } from "./record-cells.ts";
import { Kind } from "./schema.ts";
import { selectDialect } from "./select-dialect.ts";
import { rowMs, type Wanted } from "./sources.ts";
import { sqlName } from "./sql.ts";

const types = { long: "BIGINT", double: "DOUBLE", text: "VARCHAR", json: "VARCHAR" } as const;

/** Shares of logs are taken in millionths. */
const shareParts = 1_000_000;

/** Answers a SELECT; `samplingRate` below 1 looks at that share of the logs only. */
export async function analyse(snapshot: Snapshot, wanted: Wanted, select: Select, samplingRate: number): Promise<Omit<Analysis, "damage">> {
  const keys = sqlKeys([...wanted.topics.values()]);
  const used = new Set<string>();
  const scope = logsScope(keys, (name) => {
    used.add(name);
    return sqlName(name);
  });
  // Written twice: the first time tells which columns are used.
  selectSql(selectDialect, select, { from: "logs" }, scope);
  const logs = await logsSql(snapshot, wanted, keys.filter(({ key }) => used.has(key)), samplingRate);
  return answerOf(snapshot, selectSql(selectDialect, select, { from: `(${logs})` }, scope));
}

async function logsSql(snapshot: Snapshot, wanted: Wanted, keys: readonly IndexedKey[], samplingRate: number): Promise<string> {
  const legs = await legsOf(snapshot, wanted);
  const isTaken = samplingRate < 1 ? ` AND hash(sequence) % ${shareParts} < ${Math.round(samplingRate * shareParts)}` : "";
  // No row, but the columns and their types, where nothing has been written yet.
  const nothing = [
    ...keys.map(({ key, type }) => `CAST(NULL AS ${types[type]}) AS ${sqlName(key)}`),
    'CAST(NULL AS BIGINT) AS "__TIMESTAMP__", CAST(NULL AS VARCHAR) AS "__SOURCE__", CAST(NULL AS VARCHAR) AS "__FILENAME__"',
  ];
  const selects = legs.map(({ kind, from, where }) => {
    const text = (field: Pick<Field, "place" | "name">) => {
      if (kind === Kind.log) return logTexts.value(field);
      const cell = snapshot.ground.cells.of(field);
      return cell === undefined ? "CAST(NULL AS VARCHAR)" : cellText(cell);
    };
    const columns = [
      ...keys.map(({ key, type }) => `TRY_CAST(${text({ place: "value", name: key })} AS ${types[type]}) AS ${sqlName(key)}`),
      `${rowMs[kind]} AS "__TIMESTAMP__"`,
      ...["__SOURCE__", "__FILENAME__"].map((name) => `${text({ place: "internal", name })} AS ${sqlName(name)}`),
    ];
    return `SELECT ${columns.join(", ")} FROM ${from} AS r WHERE ${where}${isTaken}`;
  });
  return [`SELECT ${nothing.join(", ")} WHERE FALSE`, ...selects].join(" UNION ALL ");
}

async function answerOf({ run }: Snapshot, sql: string): Promise<Omit<Analysis, "damage">> {
  try {
    const result = await run(sql);
    const names = result.deduplicatedColumnNames();
    const columns = names.map((name, place) => ({ name, type: typeName(result.columnType(place).toString()) }));
    const rows = (await result.getRows()).map((row) => row.map(plainValue));
    return { columns, rows };
  } catch (error) {
    const words = error instanceof Error ? error.message.split("\n")[0]! : "";
    // What is wrong with the query itself: a sum of texts, a column that is not grouped by.
    if (!(error instanceof StoreFailure) && /^(Binder|Conversion|Out of Range|Invalid Input) Error/.test(words) && !/parquet/i.test(words)) throw new QueryFailure(words.replace(/^[A-Za-z ]+ Error: /, ""));
    throw error;
  }
}

function typeName(type: string): string {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)$/.test(type)) return "bigint";
  if (/^(DOUBLE|FLOAT|DECIMAL.*)$/.test(type)) return "double";
  if (type.startsWith("TIMESTAMP")) return "timestamp";
  return type === "BOOLEAN" ? "boolean" : "varchar";
}

/** Whatever the engine answers with, as a plain value; its own kinds of values write themselves. */
function plainValue(value: DuckDBValue): string | number | null {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  const text = value.toString();
  // A time, which the engine writes without its zone.
  return /^\d{4}-\d{2}-\d{2} /.test(text) ? new Date(`${text.replace(" ", "T")}Z`).toISOString() : text;
}
