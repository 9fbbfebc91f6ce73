/** The cells of a record: what its columns hold, in words that every store's tables can be described with. */
import type { Field } from "../query/fields.ts";

/** A value that a column holds as a code. */
export interface Listed {
  readonly kind: "listed";
  /** Undefined for a value that all rows share. */
  readonly column: string | undefined;
  /** What the column's codes, as SQL writes them, stand for; undefined where the log has no such key. */
  readonly entries: () => Iterable<readonly [code: number | string, text: string | undefined]>;
  /** The table and column where the engine finds the texts by their codes, where these are many. */
  readonly lookup?: { readonly table: string; readonly column: string };
  /** Of a list that grows: how many entries it has, and a number that changes when it has lost some. */
  readonly growing?: { readonly size: () => number; readonly revision: () => number };
}

/** A value that a column, or what is made of one, holds as a text. */
export interface TextCell {
  readonly kind: "text";
  readonly column: string;
  /** An id is lower-case letters, digits and dashes and nothing else. */
  readonly shape: "id" | "text";
  /** The rows that have it; undefined where all have. */
  readonly present: string | undefined;
}

/** A number; `-` in rows without a flow. */
export interface NumberCell {
  readonly kind: "number";
  readonly column: string;
  /** The largest number that the column can hold. */
  readonly max: number;
  /** What rows without a flow, or without the number, have: a `-`, no such key, or a number like all others. */
  readonly absent: "dash" | "missing" | "never";
}

/** An address: a number or, of IPv6, a column of its own; `-` in rows without a flow. */
export interface AddressCell {
  readonly kind: "address";
  readonly column: "src" | "dst";
}

/** Where a value stands. */
export type Cell = Listed | TextCell | NumberCell | AddressCell;

/** The cells of a table's records. */
export interface Cells {
  /** The 14 of the line, in their order. */
  readonly line: readonly Cell[];
  /** The cell of a key; undefined for a key that no record has. */
  of(field: Pick<Field, "place" | "name">): Cell | undefined;
}
