/** The rows that a SELECT is answered from: the values of the keys it uses, log by log or grouped and summed. */
import { ActionCode } from "../../record-batch.ts";
import type { Field } from "../query/fields.ts";
import { besideColumns } from "../sql/columns.ts";
import type { IndexedKey } from "../topic.ts";
import type { Grouping } from "./grouping.ts";
import { logTexts } from "./dialect.ts";
import type { Snapshot } from "./reading.ts";
import type { Cell } from "../condition/cells.ts";
import { cellText, ipv4Text } from "./record-cells.ts";
import { columnsIn, placesOf } from "./rolled-legs.ts";
import { summedColumns } from "./roll-ups.ts";
import { Kind } from "./schema.ts";
import { type Leg, rowMs } from "./sources.ts";
import { anyOf } from "../condition/boolean.ts";
import { sqlName } from "./sql.ts";

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
  /** Addresses, as numbers or as a query for them, that a key is limited to. */
  readonly only?: { readonly key: string; readonly numbers: readonly number[] | string };
}

/** The rows as a query. */
export async function rowsSql(snapshot: Snapshot, wanted: RowsWanted): Promise<string> {
  return [nothing(wanted), ...(await rowsParts(snapshot, wanted)).parts.map(({ sql }) => sql)].join(" UNION ALL ");
}

/** The rows as several queries that come together. */
interface RowsParts {
  readonly parts: readonly { readonly sql: string; readonly isRolledUp: boolean }[];
  /** The share of the logs that roll-ups answer for. */
  readonly rolledShare: number;
  /** From how many rows a group's sum is made, at most, where the parts that are not rolled up are summed by group first. */
  readonly rowsOfGroup: number;
}

/** The parts of the rows. */
export async function rowsParts(snapshot: Snapshot, wanted: RowsWanted): Promise<RowsParts> {
  const columns = columnsOf(wanted);
  const parts: Part[] = [];
  for (const leg of wanted.legs) {
    if (leg.kind === Kind.log) parts.push({ sql: logSelect(leg, columns, wanted), rolled: [] });
    else parts.push(...(await recordSelects(leg, columns, snapshot, wanted)));
  }
  const logsOf = new Map(wanted.legs.flatMap(({ segments }) => segments.map((segment) => [segment.id, segment.logs] as const)));
  const rolled = new Set(parts.flatMap((part) => part.rolled));
  const sum = (logs: Iterable<number>) => [...logs].reduce((total, each) => total + each, 0);
  const all = sum(logsOf.values()) + sum(snapshot.hotHours.map(({ logs }) => logs));
  return {
    parts: parts.map((part) => ({ sql: part.sql, isRolledUp: part.rolled.length > 0 })),
    rolledShare: sum([...rolled].map((id) => logsOf.get(id)!)) / Math.max(1, all),
    rowsOfGroup: sum(parts.map((part) => Math.max(1, part.rolled.length * actions))),
  };
}

/** The actions by which roll-ups keep rows apart. */
const actions = Object.keys(ActionCode).length;

interface Part {
  readonly sql: string;
  /** The segments whose roll-ups it reads. */
  readonly rolled: readonly number[];
}

/** No row, but the columns and their types, where nothing has been written yet. */
function nothing(wanted: RowsWanted): string {
  const { grouping, asNumbers } = wanted;
  const columns = columnsOf(wanted).map(({ name, type }) => [name, asNumbers.has(name) ? "BIGINT" : types[type]] as const);
  const sums = [...(grouping?.sums ?? [])].map((name) => [name, "BIGINT"] as const);
  const items = [...columns, ...sums].map(([name, type]) => `CAST(NULL AS ${type}) AS ${sqlName(name)}`);
  if (grouping !== undefined) items.push(`CAST(NULL AS BIGINT) AS ${logsColumn}`);
  return `SELECT ${items.length === 0 ? "1" : items.join(", ")} WHERE FALSE`;
}

function columnsOf({ keys, used, grouping }: RowsWanted): Column[] {
  const internal = (name: string): Column => ({ name, type: name === "__TIMESTAMP__" ? "long" : "text", field: { place: "internal", name } });
  const values = keys.map(({ key, type }): Column => ({ name: key, type, field: { place: "value", name: key } }));
  return [...values, ...besideColumns.map(internal)].filter(({ name }) => used.has(name) && (grouping === undefined || grouping.keys.has(name)));
}

function logSelect({ from, where }: Leg, columns: readonly Column[], { grouping, sample }: RowsWanted): string {
  const value = ({ name, type, field }: Column) => (name === "__TIMESTAMP__" ? "time_ms" : typedText(logTexts.value(field), type));
  const items = columns.map((column) => `${value(column)} AS ${sqlName(column.name)}`);
  for (const name of grouping?.sums ?? []) items.push(`TRY_CAST(${logTexts.value({ place: "value", name })} AS BIGINT) AS ${sqlName(name)}`);
  if (grouping !== undefined) items.push(`CAST(1 AS BIGINT) AS ${logsColumn}`);
  return `SELECT ${items.length === 0 ? "1" : items.join(", ")} FROM ${from} AS r WHERE ${sample === undefined ? where : `${where} AND ${sample}`}`;
}

/** A leg over records: from roll-ups where these can answer, from the rows themselves where not. */
async function recordSelects(leg: Leg, columns: readonly Column[], snapshot: Snapshot, wanted: RowsWanted): Promise<Part[]> {
  const { grouping, sample } = wanted;
  const { cells } = snapshot.ground;
  const items = columns.map((column) => `${recordValue(column, cells.of(column.field), wanted)} AS ${sqlName(column.name)}`);
  const where = [leg.where, ...(sample === undefined ? [] : [sample]), ...(wanted.only === undefined ? [] : [isOneOf(wanted.only, cells.of({ place: "value", name: wanted.only.key }))])].join(" AND ");
  if (grouping === undefined) return [{ sql: `SELECT ${items.length === 0 ? "1" : items.join(", ")} FROM ${leg.from} AS r WHERE ${where}`, rolled: [] }];

  const sum = (name: string, column: string) => `(CASE WHEN family = 0 THEN NULL ELSE ${column} END) AS ${sqlName(name)}`;
  const summed = [...grouping.sums].map((name) => [name, (cells.of({ place: "value", name }) as { column: string }).column] as const);
  const apart = columnsIn(items.join(" "));
  const fromGroups = (groups: string, condition: string, sumType: string) => {
    const sums = summed.map(([name, column]) => sum(name, `CAST(${column} AS ${sumType})`));
    return `SELECT ${[...items, ...sums, `CAST(logs AS BIGINT) AS ${logsColumn}`].join(", ")} FROM ${groups} AS r WHERE ${condition}`;
  };
  const fromRows = (from: string) => {
    if ([...apart].every((column) => fewValued.has(column))) {
      const keys = [...new Set(["family", ...apart])].join(", ");
      const sums = summed.map(([, column]) => `, sum(${column}) AS ${column}`).join("");
      return fromGroups(`(SELECT ${keys}, count(*) AS logs${sums} FROM ${from} AS r WHERE ${where} GROUP BY ALL)`, "TRUE", "HUGEINT");
    }
    const sums = summed.map(([name, column]) => sum(name, `CAST(${column} AS BIGINT)`));
    return `SELECT ${[...items, ...sums, `CAST(1 AS BIGINT) AS ${logsColumn}`].join(", ")} FROM ${from} AS r WHERE ${where}`;
  };
  const { rolled, rows } = await placesOf(leg, `${items.join(" ")} ${where}`, snapshot);
  const parts: Part[] = [];
  if (rolled !== undefined) parts.push({ sql: fromGroups(rolled.from, where, "BIGINT"), rolled: rolled.segments });
  if (rows !== undefined) parts.push({ sql: fromRows(rows), rolled: [] });
  return parts;
}

function recordValue({ name, type }: Column, cell: Cell | undefined, { asNumbers }: RowsWanted): string {
  if (name === "__TIMESTAMP__") return rowMs[Kind.record];
  if (cell?.kind === "address" && asNumbers.has(name)) return asNumber(cell.column);
  if (cell?.kind === "number" && (type === "long" || type === "double") && cell.absent !== "missing") {
    const number = `CAST(${cell.column} AS ${types[type]})`;
    return cell.absent === "never" ? number : `(CASE WHEN family = 0 THEN NULL ELSE ${number} END)`;
  }
  return typedText(cell === undefined ? "NULL" : cellText(cell), type);
}

/** A text as a value of its key's type; NULL where it is none. The words `nan` and `inf` are no numbers of a log. */
function typedText(text: string, type: keyof typeof types): string {
  const value = `TRY_CAST(${text} AS ${types[type]})`;
  return type === "double" ? `(CASE WHEN isfinite(${value}) THEN ${value} END)` : value;
}

const asNumber = (column: string) => `(CASE WHEN family = 0 THEN -1 ELSE CAST(${column} AS BIGINT) END)`;

/** The text of an address that stands as a number. */
export function numberText(column: string): string {
  return `(CASE WHEN ${column} < 0 THEN '-' ELSE ${ipv4Text(column)} END)`;
}

function isOneOf({ numbers }: NonNullable<RowsWanted["only"]>, cell: Cell | undefined): string {
  const column = cell?.kind === "address" ? cell.column : "src";
  if (typeof numbers === "string") return `(${asNumber(column)} IN (${numbers}))`;
  const addresses = numbers.filter((each) => each >= 0);
  const isAddress = addresses.length === 0 ? "FALSE" : `(${column} IN (${addresses.join(", ")}))`;
  return anyOf([isAddress, numbers.includes(-1) ? "(family = 0)" : "FALSE"]);
}

/** The column of the rows that holds the sum of a key's values. */
export function isSummedKey({ key, type }: IndexedKey, cell: Cell | undefined): boolean {
  return type === "long" && cell?.kind === "number" && (summedColumns as readonly string[]).includes(cell.column) && key !== "";
}
