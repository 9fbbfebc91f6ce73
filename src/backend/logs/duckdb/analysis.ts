/** The SQL part of a query: a SELECT over the logs that its condition finds. */
import type { DuckDBValue } from "@duckdb/node-api";
import { earlier } from "../condition/moment.ts";
import { type Analysis, QueryFailure, type SearchedTopic, StoreFailure } from "../log-store.ts";
import type { IndexedKey } from "../topic.ts";
import type { Select } from "../sql/ast.ts";
import { logsScope, namesOf, sqlKeys } from "../sql/columns.ts";
import { secondsBefore } from "../sql/compare.ts";
import { columnNames, type Scope } from "../sql/scope.ts";
import { selectSql } from "../sql/select.ts";
import { isSummedKey, logsColumn, numberText, type RowsWanted, rowsSql } from "./analysed-rows.ts";
import { narrowed } from "./foremost.ts";
import { type Grouping, groupingOf } from "./grouping.ts";
import { legsOf, type Snapshot } from "./reading.ts";
import { Kind } from "./schema.ts";
import { groupedDialect, selectDialect } from "./select-dialect.ts";
import type { Leg, Wanted } from "./sources.ts";
import { sqlName } from "./sql.ts";

/** Shares of logs are taken in millionths. */
const shareParts = 1_000_000;

/** A SELECT over the logs of topics; a `samplingRate` below 1 looks at that share of the logs only. */
interface Asked {
  readonly topics: readonly SearchedTopic[];
  readonly select: Select;
  readonly samplingRate: number;
}

/** Answers a SELECT. */
export async function analyse(snapshot: Snapshot, wanted: Wanted, { topics, select, samplingRate }: Asked): Promise<Omit<Analysis, "damage">> {
  const keys = sqlKeys(topics);
  const used = new Set<string>();
  const nameOf = namesOf(keys);
  const scope = logsScope(keys, (name) => {
    used.add(name);
    return sqlName(name);
  });
  // Written twice: the first time tells which columns are used.
  selectSql(selectDialect, select, () => ({ from: "logs" }), scope);
  const cellOf = (key: string) => snapshot.ground.cells.of({ place: "value", name: key });
  const isSummed = (name: string) => keys.some((each) => each.key === name && isSummedKey(each, cellOf(name)));
  const grouping = groupingOf(select, nameOf, isSummed);
  const legs = await legsOf(snapshot, wanted);
  const sample = samplingRate < 1 ? `hash(sequence) % ${shareParts} < ${Math.round(samplingRate * shareParts)}` : undefined;
  const asNumbers = new Set([...(grouping?.untouched ?? [])].filter((name) => cellOf(name)?.kind === "address" && canBeNumbers(name, legs, keys)));
  const plain: RowsWanted = { legs, keys, used, grouping, asNumbers, sample };
  const rows = grouping === undefined ? plain : await narrowed(snapshot, plain, select, nameOf);
  const sources = new Map([[0, await rowsSql(snapshot, rows)]]);
  for (const seconds of secondsBefore(select)) sources.set(seconds, await rowsSql(snapshot, { ...plain, legs: await legsOf(snapshot, earlier(wanted, seconds)) }));
  return answerOf(snapshot, statement(select, sources, { scope, grouping, asNumbers, nameOf }));
}

/** Whether all addresses of a key are IPv4's, so that numbers can stand for them. */
function canBeNumbers(name: string, legs: readonly Leg[], keys: readonly IndexedKey[]): boolean {
  const isText = keys.some(({ key, type }) => key === name && type === "text");
  return isText && legs.every(({ kind, hasIpv6 }) => kind === Kind.record && !hasIpv6);
}

interface Writing {
  readonly scope: Scope;
  readonly grouping: Grouping | undefined;
  readonly asNumbers: ReadonlySet<string>;
  readonly nameOf: (name: string) => string | undefined;
}

/** The SELECT over its rows, those of earlier times among them, by the seconds before; addresses that stand as numbers become texts at the very end. */
function statement(select: Select, sources: ReadonlyMap<number, string>, { scope, grouping, asNumbers, nameOf }: Writing): string {
  const sum = (name: string) => (grouping!.sums.has(nameOf(name) ?? "") ? scope.column(name) : undefined);
  const sql = selectSql(grouping === undefined ? selectDialect : groupedDialect(logsColumn, sum), select, (seconds) => ({ from: `(${sources.get(seconds)!})` }), scope);
  if (asNumbers.size === 0) return sql;
  const names = columnNames(select, scope);
  const items = select.items.map((item, place) => {
    const name = sqlName(names[place]!);
    const isNumber = !item.star && item.value.kind === "column" && asNumbers.has(nameOf(item.value.name) ?? "");
    return isNumber ? `${numberText(name)} AS ${name}` : name;
  });
  return new Set(names).size === names.length ? `SELECT ${items.join(", ")} FROM (${sql})` : sql;
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
    if (!(error instanceof StoreFailure) && /^(Binder|Conversion|Out of Range|Invalid Input) Error/.test(words) && !/parquet|magic bytes|\.sums/i.test(words)) throw new QueryFailure(words.replace(/^[A-Za-z ]+ Error: /, ""));
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
  if (typeof value === "object" && "items" in value) return JSON.stringify(value.items.map(plainValue));
  const text = value.toString();
  // A time, which the engine writes without its zone.
  return /^\d{4}-\d{2}-\d{2} /.test(text) ? new Date(`${text.replace(" ", "T")}Z`).toISOString() : text;
}
