/** SELECTs over logs answered the plain way, row by row: what the SQL part of a query is held against. */

/** A value of a row: texts, numbers (whole ones exactly), or nothing. */
export type Cell = string | number | bigint | null;

/** A row by its columns. */
export type Cells = Readonly<Record<string, Cell>>;

/** True, false, or (where something is nothing) neither. */
export type Truth = boolean | null;

/** One column of the answer: a value of the row, or a summing up of a group. */
export type Item = { readonly kind: "column"; readonly name: string } | { readonly kind: "stretch"; readonly ms: number } | Summed;

interface Summed {
  readonly kind: "count" | "countDistinct" | "countIf" | "sum" | "min" | "max" | "avg";
  /** Undefined for `count(*)` and `count_if`. */
  readonly name?: string;
  readonly condition?: (row: Cells) => Truth;
}

/** A SELECT, as far as it is answered here. */
export interface PlainSelect {
  readonly items: readonly Item[];
  readonly isGrouped: boolean;
  readonly where: ((row: Cells) => Truth) | undefined;
  /** By the place of the column that is ordered by; together they leave no order open but that of equal rows. */
  readonly orderBy: readonly { readonly place: number; readonly descending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** The rows of the answer, as the API shows values. */
export function naiveSelect(select: PlainSelect, rows: readonly Cells[]): (string | number | null)[][] {
  const wanted = select.where === undefined ? rows : rows.filter((row) => select.where!(row) === true);
  const answer = select.isGrouped ? grouped(select.items, wanted) : wanted.map((row) => select.items.map((item) => valueOf(item, row)));
  const ordered = answer.toSorted((a, b) => {
    for (const { place, descending } of select.orderBy) {
      const order = compareCells(a[place]!, b[place]!, descending);
      if (order !== 0) return order;
    }
    return 0;
  });
  return ordered.slice(select.offset, select.offset + select.limit).map((row) => row.map(shown));
}

function grouped(items: readonly Item[], rows: readonly Cells[]): Cell[][] {
  const keys = items.filter((item) => item.kind === "column" || item.kind === "stretch");
  const groups = new Map<string, Cells[]>();
  // Without a key there is one group, also of no rows.
  if (keys.length === 0) groups.set("[]", []);
  for (const row of rows) {
    const key = JSON.stringify(keys.map((item) => String(valueOf(item, row)) + typeof valueOf(item, row)));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => items.map((item) => (item.kind === "column" || item.kind === "stretch" ? valueOf(item, group[0]!) : summed(item, group))));
}

function valueOf(item: Item, row: Cells): Cell {
  if (item.kind === "column") return row[item.name]!;
  if (item.kind !== "stretch") throw new Error("a sum is none of a single row");
  return new Date(Math.floor(Number(row["__TIMESTAMP__"]) / item.ms) * item.ms).toISOString();
}

function summed(item: Summed, group: readonly Cells[]): Cell {
  if (item.kind === "countIf") return group.filter((row) => item.condition!(row) === true).length;
  if (item.kind === "count" && item.name === undefined) return group.length;
  const values = group.map((row) => row[item.name!]!).filter((value) => value !== null);
  switch (item.kind) {
    case "count":
      return values.length;
    case "countDistinct":
      return new Set(values).size;
    case "min":
      return values.reduce<Cell>((least, each) => (least === null || compareCells(each, least, false) < 0 ? each : least), null);
    case "max":
      return values.reduce<Cell>((most, each) => (most === null || compareCells(each, most, false) > 0 ? each : most), null);
    default: {
      if (values.length === 0) return null;
      const isWhole = values.every((value) => typeof value === "bigint");
      const sum = isWhole ? values.reduce<bigint>((all, value) => all + value, 0n) : values.reduce<number>((all, value) => all + Number(value), 0);
      return item.kind === "sum" ? sum : Number(sum) / values.length;
    }
  }
}

/** In the order of the answer: nothing last, whichever way. */
export function compareCells(a: Cell, b: Cell, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return (descending ? -1 : 1) * (a < b ? -1 : a > b ? 1 : 0);
}

function shown(value: Cell): string | number | null {
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** A log's text as a value of its key's type: what is no number is nothing. */
export function typed(text: string | undefined, type: "long" | "double" | "text" | "json"): Cell {
  if (text === undefined) return null;
  if (type === "text" || type === "json") return text;
  const trimmed = text.trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return null;
  if (!Number.isFinite(Number(trimmed))) return null;
  if (type === "double") return Number(trimmed);
  // Away from zero where it lies in the middle.
  const whole = /^[+-]?\d+$/.test(trimmed) ? BigInt(trimmed) : BigInt(Math.sign(Number(trimmed)) * Math.round(Math.abs(Number(trimmed))));
  return whole >= -(2n ** 63n) && whole < 2n ** 63n ? whole : null;
}
