/** What engines say differently in the SQL of conditions. */
import type { AddressCell, Cell } from "./cells.ts";

/** How one engine says it. */
export interface ConditionDialect {
  /** A string literal. */
  text(literal: string): string;
  /** A number as a double; one beyond all doubles compares as infinity. */
  double(value: number): string;
  /** Some part of a text is what a regular expression in RE2's spelling asks for; false where the text is NULL. */
  matches(text: string, expression: string): string;
  /** A text as a number; NULL for every text that is none. */
  numberOf(text: string): string;
  /** A cell's text; NULL where the log has no such key. */
  cellText(cell: Cell): string;
  /** An address's text, in rows with IPv6 addresses. */
  ipv6Text(column: AddressCell["column"]): string;
  /** The address is the one that is written so, in rows with IPv6 addresses. */
  ipv6Is(column: AddressCell["column"], text: string): string;
}
