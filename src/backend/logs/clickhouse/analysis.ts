/** The SQL part of a query, answered by ClickHouse: over the table itself where logs are of one kind, so that shards do their part. */
import { earlier } from "../condition/moment.ts";
import { type Analysis, QueryFailure } from "../log-store.ts";
import type { IndexedKey } from "../topic.ts";
import type { Select } from "../sql/ast.ts";
import { besideColumns, logsScope, sqlKeys } from "../sql/columns.ts";
import { columnNames, type Scope } from "../sql/scope.ts";
import { type LogsBefore, selectSql } from "../sql/select.ts";
import type { Holding } from "./notes.ts";
import { cells } from "./cells.ts";
import { dialect, logTexts } from "./dialect.ts";
import { conditionOn, type Ground, moments, type Wanted } from "./reading.ts";
import { double, selectDialect, wholeNumber } from "./select-dialect.ts";
import { type Answer, ServerRefusal } from "./server.ts";

/** Shares of logs are taken in millionths. */
const shareParts = 1_000_000;

/** Empty sums are NULL, a name means the column, and what is joined to nothing is NULL, as everywhere else. */
const settings = { join_use_nulls: 1, aggregate_functions_null_for_empty: 1, prefer_column_name_to_alias: 1 } as const;

/** Answers a SELECT; `samplingRate` below 1 looks at that share of the logs only. */
export async function analyse(ground: Ground, wanted: Wanted, select: Select, samplingRate: number): Promise<Omit<Analysis, "damage">> {
  const keys = sqlKeys(wanted.topics);
  const { source, scope } = sourcesOf(ground, wanted, keys, samplingRate);
  const names = columnNames(select, scope);
  // Written twice: the first time tells which columns are used.
  selectSql(selectDialect, select, source, scope);
  const answer = await answerOf(ground, selectSql(selectDialect, select, source, scope));
  return {
    columns: answer.columns.map(({ type }, place) => ({ name: numbered(names, place), type: typeName(type) })),
    rows: answer.rows.map((row) => row.map((value, place) => plainValue(value, answer.columns[place]!.type))),
  };
}

function sourcesOf({ notes, tables }: Ground, wanted: Wanted, keys: readonly IndexedKey[], samplingRate: number): { source: LogsBefore; scope: Scope } {
  const isTaken = samplingRate < 1 ? ` AND cityHash64(sequence) % ${shareParts} < ${Math.round(samplingRate * shareParts)}` : "";
  const holdings = notes.holdings(wanted.topics.map(({ id }) => id));
  const [only, ...others] = holdings;
  if (others.length === 0) {
    const holding: Holding = only ?? { kind: "record", hours: [], hasIpv6: false };
    const where = (seconds: number) => (only === undefined ? "FALSE" : conditionOn(holding, earlier(wanted, seconds), notes) + isTaken);
    const column = (name: string) => columnOf(holding.kind, name, keys);
    return { source: (seconds) => ({ from: tables[holding.kind], where: where(seconds) }), scope: logsScope(keys, column) };
  }
  // Two kinds of rows: the columns that are used are given names of their own.
  const used: string[] = [];
  const scope = logsScope(keys, (name) => {
    if (!used.includes(name)) used.push(name);
    return `l${used.indexOf(name)}`;
  });
  const parts = (seconds: number) =>
    holdings.map((holding) => {
      const columns = used.map((name, place) => `${columnOf(holding.kind, name, keys)} AS l${place}`);
      return `SELECT ${[...columns, "1 AS one"].join(", ")} FROM ${tables[holding.kind]} WHERE ${conditionOn(holding, earlier(wanted, seconds), notes)}${isTaken}`;
    });
  return { scope, source: (seconds) => ({ from: `(${parts(seconds).join(" UNION ALL ")})` }) };
}

/** A column of the logs, in the type that the index gives it; NULL where a log has no such value. */
function columnOf(kind: Holding["kind"], name: string, keys: readonly IndexedKey[]): string {
  if (name === "__TIMESTAMP__" && !keys.some(({ key }) => key === name)) return moments[kind].ms;
  const isBeside = (besideColumns as readonly string[]).includes(name);
  const field = { place: isBeside ? "internal" : "value", name } as const;
  const type = isBeside ? "text" : keys.find(({ key }) => key === name)!.type;
  if (kind === "log") return typed(logTexts.value(field), type);
  const cell = cells.of(field);
  if (cell === undefined) return typed("CAST(NULL AS Nullable(String))", type);
  if (cell.kind !== "number" || type === "text" || type === "json") return typed(dialect.cellText(cell), type);
  const number = type === "long" ? `toInt64(${cell.column})` : `toFloat64(${cell.column})`;
  if (cell.absent === "never") return `toNullable(${number})`;
  return `if(${cell.absent === "dash" ? "family = 0" : "skipped_packets = 0"}, NULL, ${number})`;
}

function typed(text: string, type: IndexedKey["type"]): string {
  if (type === "long") return wholeNumber(text);
  return type === "double" ? double(text) : `CAST(${text} AS Nullable(String))`;
}

/** What is wrong with the query itself, by ClickHouse's codes: a sum of texts, a column that is not grouped by. */
const queryCodes: ReadonlySet<number> = new Set([6, 27, 32, 36, 38, 41, 42, 43, 44, 53, 69, 70, 72, 130, 131, 153, 169, 184, 215, 321, 349, 386, 395, 407, 427, 441, 456, 457, 467]);

async function answerOf({ server }: Ground, sql: string): Promise<Answer> {
  try {
    return await server.read(sql, settings);
  } catch (error) {
    if (error instanceof ServerRefusal && queryCodes.has(error.code)) throw new QueryFailure(error.message);
    throw error;
  }
}

/** A column's name; the second of a name is told apart, as the embedded engine tells it. */
function numbered(names: readonly string[], place: number): string {
  const before = names.slice(0, place).filter((each) => each === names[place]).length;
  return before === 0 ? names[place]! : `${names[place]!}:${before}`;
}

function plainType(type: string): string {
  return type.replace(/^(?:LowCardinality|Nullable)\((.*)\)$/, "$1").replace(/^Nullable\((.*)\)$/, "$1");
}

function typeName(type: string): string {
  const plain = plainType(type);
  if (/^(U?Int\d+|Nothing)$/.test(plain)) return "bigint";
  if (/^(Float|Decimal)/.test(plain)) return "double";
  if (/^Date/.test(plain)) return "timestamp";
  return plain === "Bool" ? "boolean" : "varchar";
}

/** A value as it is shown, whatever the server wrote it as. */
function plainValue(value: unknown, type: string): string | number | null {
  if (value === null || value === undefined) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  switch (typeName(type)) {
    case "bigint": {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : text;
    }
    case "double":
      return Number(value);
    case "timestamp":
      return new Date(`${text.replace(" ", "T")}Z`).toISOString();
    default:
      return text;
  }
}
