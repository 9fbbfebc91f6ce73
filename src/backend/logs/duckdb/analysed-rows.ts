/** The rows that a SELECT is answered from: the values of the keys it uses, log by log or grouped and summed. */
import type { Field } from "../query/fields.ts";
import type { IndexedKey } from "../topic.ts";
import type { Grouping } from "./grouping.ts";
import { logValue } from "./log-condition.ts";
import type { Snapshot } from "./reading.ts";
import { type Cell, cellText, ipv4Text } from "./record-cells.ts";
import { rollUpFor, rollUpRows, summedColumns } from "./roll-ups.ts";
import { Kind, recordColumns, sealedRows } from "./schema.ts";
import { type Leg, rowMs } from "./sources.ts";
import { anyOf, sqlName } from "./sql.ts";

/** Columns that every log has beside its values. */
export const beside = ["__TIMESTAMP__", "__SOURCE__", "__FILENAME__"] as const;

/** How many logs a grouped row stands for. */
export const logsColumn = '"__LOGS__"';

const types = { long: "BIGINT", double: "DOUBLE", text: "VARCHAR", json: "VARCHAR" } as const;

/** Columns with few different values: their rows are grouped where they are read. */
const fewValued: ReadonlySet<string> = new Set(["family", "action", "status", "direction", "protocol", "eni", "reason", "start_s"]);

/** A column of the rows: its name, its type, and the place of its values. */
interface Column {
  readonly name: string;
  readonly type: keyof typeof types;
  readonly field: Pick<Field, "place" | "name">;
}

/** What rows are made of. */
export interface RowsWanted {
  readonly legs: readonly Leg[];
  /** The keys that SQL may use. */
  readonly keys: readonly IndexedKey[];
  readonly used: ReadonlySet<string>;
  readonly grouping: Grouping | undefined;
  /** Keys whose addresses stand as numbers. */
  readonly asNumbers: ReadonlySet<string>;
  /** The share of the logs that is looked at, as a condition. */
  readonly sample: string | undefined;
  /** Addresses, as numbers, that a key is limited to. */
  readonly only?: { readonly key: string; readonly numbers: readonly number[] };
}

/** The rows as a query. */
export function rowsSql(snapshot: Snapshot, wanted: RowsWanted): string {
  const columns = columnsOf(wanted);
  // No row, but the columns and their types, where nothing has been written yet.
  const sums = [...(wanted.grouping?.sums ?? [])].map((name) => `CAST(NULL AS BIGINT) AS ${sqlName(name)}`);
  const logs = wanted.grouping === undefined ? [] : [`CAST(NULL AS BIGINT) AS ${logsColumn}`];
  const nothing = [...columns.map(({ name, type }) => `CAST(NULL AS ${wanted.asNumbers.has(name) ? "BIGINT" : types[type]}) AS ${sqlName(name)}`), ...sums, ...logs];
  const selects = wanted.legs.flatMap((leg) => (leg.kind === Kind.log ? [logSelect(leg, columns, wanted)] : recordSelects(leg, columns, snapshot, wanted)));
  return [`SELECT ${nothing.length === 0 ? "1" : nothing.join(", ")} WHERE FALSE`, ...selects].join(" UNION ALL ");
}

function columnsOf({ keys, used, grouping }: RowsWanted): Column[] {
  const internal = (name: string): Column => ({ name, type: name === "__TIMESTAMP__" ? "long" : "text", field: { place: "internal", name } });
  const values = keys.map(({ key, type }): Column => ({ name: key, type, field: { place: "value", name: key } }));
  return [...values, ...beside.map(internal)].filter(({ name }) => used.has(name) && (grouping === undefined || grouping.keys.has(name)));
}

function logSelect({ from, where }: Leg, columns: readonly Column[], { grouping, sample }: RowsWanted): string {
  const value = ({ name, type, field }: Column) => (name === "__TIMESTAMP__" ? "time_ms" : `TRY_CAST(${logValue(field)} AS ${types[type]})`);
  const items = columns.map((column) => `${value(column)} AS ${sqlName(column.name)}`);
  for (const name of grouping?.sums ?? []) items.push(`TRY_CAST(${logValue({ place: "value", name })} AS BIGINT) AS ${sqlName(name)}`);
  if (grouping !== undefined) items.push(`CAST(1 AS BIGINT) AS ${logsColumn}`);
  return `SELECT ${items.length === 0 ? "1" : items.join(", ")} FROM ${from} AS r WHERE ${sample === undefined ? where : `${where} AND ${sample}`}`;
}

/** A leg over records: from roll-ups where these can answer, from the rows themselves where not. */
function recordSelects(leg: Leg, columns: readonly Column[], snapshot: Snapshot, wanted: RowsWanted): string[] {
  const { grouping, sample } = wanted;
  const { cells, files } = snapshot.ground;
  const items = columns.map((column) => `${recordValue(column, cells.of(column.field), wanted)} AS ${sqlName(column.name)}`);
  const where = [leg.where, ...(sample === undefined ? [] : [sample]), ...(wanted.only === undefined ? [] : [isOneOf(wanted.only, cells.of({ place: "value", name: wanted.only.key }))])].join(" AND ");
  if (grouping === undefined) return [`SELECT ${items.length === 0 ? "1" : items.join(", ")} FROM ${leg.from} AS r WHERE ${where}`];

  const sum = (name: string, column: string) => `(CASE WHEN family = 0 THEN NULL ELSE ${column} END) AS ${sqlName(name)}`;
  const summed = [...grouping.sums].map((name) => [name, (cells.of({ place: "value", name }) as { column: string }).column] as const);
  const apart = columnsIn(items.join(" "));
  const fromGroups = (groups: string, condition: string) => {
    const sums = summed.map(([name, column]) => sum(name, `CAST(${column} AS HUGEINT)`));
    return `SELECT ${[...items, ...sums, `CAST(logs AS BIGINT) AS ${logsColumn}`].join(", ")} FROM ${groups} AS r WHERE ${condition}`;
  };
  const fromRows = (from: string) => {
    if ([...apart].every((column) => fewValued.has(column))) {
      const keys = [...new Set(["family", ...apart])].join(", ");
      const sums = summed.map(([, column]) => `, sum(${column}) AS ${column}`).join("");
      return fromGroups(`(SELECT ${keys}, count(*) AS logs${sums} FROM ${from} AS r WHERE ${where} GROUP BY ALL)`, "TRUE");
    }
    const sums = summed.map(([name, column]) => sum(name, `CAST(${column} AS BIGINT)`));
    return `SELECT ${[...items, ...sums, `CAST(1 AS BIGINT) AS ${logsColumn}`].join(", ")} FROM ${from} AS r WHERE ${where}`;
  };
  const rollUp = rollUpFor(new Set([...apart, ...columnsIn(where)]));
  const [rolled, others] = split(leg, (id) => rollUp !== undefined && files!.hasRollUp(id, rollUp) && !snapshot.damagedFiles.has(files!.rollUpPath(id, rollUp)));
  const parts: string[] = [];
  if (rolled.length > 0) parts.push(fromGroups(rollUpRows(rolled.map((id) => files!.rollUpPath(id, rollUp!))), where));
  if (others.length > 0) parts.push(fromRows(sealedRows(Kind.record, others.map((id) => files!.path(id)))));
  if (leg.segments.length === 0) parts.push(fromRows(leg.from));
  return parts;
}

function split({ segments }: Leg, isFirst: (id: number) => boolean): [first: number[], others: number[]] {
  const ids = segments.map(({ id }) => id);
  return [ids.filter(isFirst), ids.filter((id) => !isFirst(id))];
}

/** The columns of records that a piece of SQL may speak of. */
function columnsIn(sql: string): Set<string> {
  return new Set(sql.match(/\w+/g)?.filter((word) => Object.hasOwn(recordColumns, word)));
}

function recordValue({ name, type }: Column, cell: Cell | undefined, { asNumbers }: RowsWanted): string {
  if (name === "__TIMESTAMP__") return rowMs[Kind.record];
  if (cell?.kind === "address" && asNumbers.has(name)) return `(CASE WHEN family = 0 THEN -1 ELSE CAST(${cell.column} AS BIGINT) END)`;
  if (cell?.kind === "number" && (type === "long" || type === "double") && cell.absent !== "missing") {
    const number = `CAST(${cell.column} AS ${types[type]})`;
    return cell.absent === "never" ? number : `(CASE WHEN family = 0 THEN NULL ELSE ${number} END)`;
  }
  return `TRY_CAST(${cell === undefined ? "NULL" : cellText(cell)} AS ${types[type]})`;
}

/** The text of an address that stands as a number. */
export function numberText(column: string): string {
  return `(CASE WHEN ${column} < 0 THEN '-' ELSE ${ipv4Text(column)} END)`;
}

function isOneOf({ numbers }: NonNullable<RowsWanted["only"]>, cell: Cell | undefined): string {
  const column = cell?.kind === "address" ? cell.column : "src";
  const addresses = numbers.filter((each) => each >= 0);
  const isAddress = addresses.length === 0 ? "FALSE" : `(${column} IN (${addresses.join(", ")}))`;
  return anyOf([isAddress, numbers.includes(-1) ? "(family = 0)" : "FALSE"]);
}

/** The column of the rows that holds the sum of a key's values. */
export function isSummedKey({ key, type }: IndexedKey, cell: Cell | undefined): boolean {
  return type === "long" && cell?.kind === "number" && (summedColumns as readonly string[]).includes(cell.column) && key !== "";
}
