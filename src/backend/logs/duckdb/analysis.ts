/** The SQL part of a query: a SELECT over the logs that its condition finds. */
import type { DuckDBValue } from "@duckdb/node-api";
import { type Analysis, QueryFailure, StoreFailure } from "../log-store.ts";
import type { IndexedKey } from "../topic.ts";
import type { Select } from "../sql/ast.ts";
import { beside, isSummedKey, logsColumn, numberText, type RowsWanted, rowsSql } from "./analysed-rows.ts";
import { type Grouping, groupingOf, mostDifferent } from "./grouping.ts";
import { legsOf, type Snapshot } from "./reading.ts";
import { Kind, rowsOf } from "./schema.ts";
import { columnNames, type Scope, selectSql } from "./select.ts";
import type { Leg, Wanted } from "./sources.ts";
import { sqlName } from "./sql.ts";

/** Shares of logs are taken in millionths. */
const shareParts = 1_000_000;

/** Answers a SELECT; `samplingRate` below 1 looks at that share of the logs only. */
export async function analyse(snapshot: Snapshot, wanted: Wanted, select: Select, samplingRate: number): Promise<Omit<Analysis, "damage">> {
  const keys = keysOf(wanted);
  const used = new Set<string>();
  const names = [...keys.map(({ key }) => key), ...beside];
  const nameOf = (name: string) => names.find((each) => each === name) ?? names.find((each) => each.toLowerCase() === name.toLowerCase());
  const scope: Scope = {
    names,
    column(name) {
      const found = nameOf(name);
      if (found === undefined) return undefined;
      used.add(found);
      return sqlName(found);
    },
  };
  // Written twice: the first time tells which columns are used.
  selectSql(select, "logs", scope);
  const cellOf = (key: string) => snapshot.ground.cells.of({ place: "value", name: key });
  const isSummed = (name: string) => keys.some((each) => each.key === name && isSummedKey(each, cellOf(name)));
  const grouping = groupingOf(select, nameOf, isSummed);
  const legs = legsOf(snapshot, wanted);
  const sample = samplingRate < 1 ? `hash(sequence) % ${shareParts} < ${Math.round(samplingRate * shareParts)}` : undefined;
  const asNumbers = new Set([...(grouping?.untouched ?? [])].filter((name) => cellOf(name)?.kind === "address" && canBeNumbers(name, legs, keys)));
  const plain: RowsWanted = { legs, keys, used, grouping, asNumbers, sample };
  const rows = grouping === undefined ? plain : await narrowed(snapshot, plain, select, nameOf);
  return answerOf(snapshot, statement(select, rowsSql(snapshot, rows), { scope, grouping, asNumbers, nameOf }));
}

/** The keys that SQL may use: those that the index of every topic offers with SqlFlag, in the first one's types. */
function keysOf({ topics }: Wanted): IndexedKey[] {
  const [first, ...others] = [...topics.values()].map(({ index }) => (index.keyValue?.keys ?? []).filter(({ sql }) => sql));
  return (first ?? []).filter(({ key }) => others.every((each) => each.some((other) => other.key === key)));
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

/** The SELECT over its rows; addresses that stand as numbers become texts at the very end. */
function statement(select: Select, rows: string, { scope, grouping, asNumbers, nameOf }: Writing): string {
  const sum = (name: string) => (grouping!.sums.has(nameOf(name) ?? "") ? scope.column(name) : undefined);
  const over: Scope = grouping === undefined ? scope : { ...scope, grouped: { logs: logsColumn, sum } };
  const sql = selectSql(select, `(${rows})`, over);
  if (asNumbers.size === 0) return sql;
  const names = columnNames(select, scope);
  const items = select.items.map((item, place) => {
    const name = sqlName(names[place]!);
    const isNumber = !item.star && item.value.kind === "column" && asNumbers.has(nameOf(item.value.name) ?? "");
    return isNumber ? `${numberText(name)} AS ${name}` : name;
  });
  return new Set(names).size === names.length ? `SELECT ${items.join(", ")} FROM (${sql})` : sql;
}

/** Candidates that are looked at for each group that is wanted, and most of them in the end. */
const candidatesPerGroup = 8;
const maxCandidates = 20_000;

/**
 * Where the groups with the most different values are wanted: the rows of those groups that can be among them. A group
 * has no more different values than it has logs, and these are counted quickly.
 */
async function narrowed(snapshot: Snapshot, rows: RowsWanted, select: Select, nameOf: (name: string) => string | undefined): Promise<RowsWanted> {
  const most = mostDifferent(select, nameOf);
  if (most === undefined || !rows.asNumbers.has(most.group) || most.groups === 0) return rows;
  const { run } = snapshot;
  const group = sqlName(most.group);
  const counting: RowsWanted = { ...rows, used: new Set([most.group]), grouping: { keys: new Set([most.group]), sums: new Set(), untouched: new Set([most.group]) } };
  const counted = `SELECT ${group} AS "group", sum(${logsColumn}) AS logs FROM (${rowsSql(snapshot, counting)}) GROUP BY ALL`;
  const numbers = async (sql: string) => (await rowsOf(run, sql)).map((row) => Number(row["group"]));
  const first = await numbers(`SELECT * FROM (${counted}) ORDER BY logs DESC LIMIT ${most.groups * candidatesPerGroup}`);
  if (first.length < most.groups * candidatesPerGroup) return rows;
  const exact = `SELECT count(DISTINCT ${sqlName(most.different)}) AS found FROM (${rowsSql(snapshot, limitedTo(rows, most.group, first))}) GROUP BY ${group} ORDER BY found DESC`;
  const least = Number((await rowsOf(run, `${exact} LIMIT 1 OFFSET ${most.groups - 1}`))[0]?.["found"] ?? 0);
  const candidates = await numbers(`SELECT * FROM (${counted}) WHERE logs >= ${least} ORDER BY logs DESC LIMIT ${maxCandidates + 1}`);
  return candidates.length > maxCandidates ? rows : limitedTo(rows, most.group, [...new Set([...first, ...candidates])]);
}

function limitedTo(rows: RowsWanted, key: string, numbers: readonly number[]): RowsWanted {
  return { ...rows, only: { key, numbers } };
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
  const text = value.toString();
  // A time, which the engine writes without its zone.
  return /^\d{4}-\d{2}-\d{2} /.test(text) ? new Date(`${text.replace(" ", "T")}Z`).toISOString() : text;
}
