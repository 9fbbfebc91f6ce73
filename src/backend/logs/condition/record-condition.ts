/**
 * Conditions over records: comparisons of typed columns.
 *
 * Rows with IPv6 addresses (whose text the usual tokenizer cuts at its colons) and all others are asked apart, each by
 * their own `RecordRows`.
 */
import { parseIpv4 } from "../../../net/address.ts";
import type { RangeNode } from "../query/ast.ts";
import { type Field, isNumeric, numberIn } from "../query/fields.ts";
import { type TokenPattern, tokensOf, tokenTest } from "../query/tokens.ts";
import { allOf, anyOf } from "./boolean.ts";
import type { AddressCell, Cell, Cells, Listed, NumberCell, TextCell } from "./cells.ts";
import type { Rows, Tokens } from "./compiler.ts";
import type { ConditionDialect } from "./dialect.ts";
import { textMatches, textWithin } from "./log-condition.ts";
import { codesWithToken } from "./token-codes.ts";

/** Whether a tokenizer cuts a record's line at its spaces and nowhere else, IPv6 addresses aside. */
export function cutsAtSpaces(tokenizer: string): boolean {
  return tokenizer.includes(" ") && !/[A-Za-z0-9.-]/.test(tokenizer);
}

/** What records can be asked: those with IPv6 addresses, or all others. */
export class RecordRows implements Rows {
  private readonly dialect: ConditionDialect;
  private readonly cells: Cells;
  private readonly isIpv6: boolean;

  constructor(dialect: ConditionDialect, cells: Cells, isIpv6: boolean) {
    this.dialect = dialect;
    this.cells = cells;
    this.isIpv6 = isIpv6;
  }

  textHasToken(pattern: TokenPattern, tokens: Tokens): string {
    if (!cutsAtSpaces(tokens.tokenizer)) return this.lineMatches([pattern], tokens);
    return anyOf(this.cells.line.map((cell) => this.hasToken(cell, pattern, tokens)));
  }

  textHasRun(patterns: readonly TokenPattern[], tokens: Tokens): string {
    const isCut = this.isIpv6 && cutsIpv6(tokens.tokenizer);
    if (isCut || !cutsAtSpaces(tokens.tokenizer)) return this.lineMatches(patterns, tokens);
    const { line } = this.cells;
    const starts = Array.from({ length: Math.max(0, line.length - patterns.length + 1) }, (_, start) => start);
    return anyOf(
      starts.map((start) => allOf(patterns.map((pattern, place) => this.hasToken(line[start + place]!, pattern, tokens)))),
    );
  }

  valueHasToken(field: Field, pattern: TokenPattern): string {
    const cell = this.cells.of(field);
    return cell === undefined ? "FALSE" : this.hasToken(cell, pattern, field);
  }

  valueHasRun(field: Field, patterns: readonly TokenPattern[]): string {
    const cell = this.cells.of(field);
    if (cell === undefined) return "FALSE";
    if (cell.kind === "listed") return listedIs(cell, (text) => text !== undefined && hasRun(text, patterns, field));
    return this.cuts(cell, field.tokenizer) ? this.matches(this.dialect.cellText(cell), patterns, field) : "FALSE";
  }

  valueWithin(field: Field, above: RangeNode["above"], below: RangeNode["below"]): string {
    const cell = this.cells.of(field);
    if (cell === undefined || cell.kind === "address") return "FALSE";
    if (cell.kind === "listed") return listedIs(cell, (text) => isWithin(numberIn(text), above, below));
    if (cell.kind === "text") return textWithin(this.dialect, this.dialect.cellText(cell), above, below);
    return this.present(cell, numberWithin(cell, above, below));
  }

  valueExists(field: Field): string {
    const cell = this.cells.of(field);
    if (cell === undefined) return "FALSE";
    if (cell.kind === "listed") return listedIs(cell, (text) => text !== undefined);
    if (cell.kind === "text") return cell.present ?? "TRUE";
    return cell.kind === "number" && cell.absent === "missing" ? "(skipped_packets > 0)" : "TRUE";
  }

  valueIsEmpty(field: Field): string {
    const cell = this.cells.of(field);
    if (cell === undefined || isNumeric(field)) return "FALSE";
    if (cell.kind === "text") return allOf([cell.present ?? "TRUE", `(${cell.column} = '')`]);
    if (cell.kind !== "listed") return "FALSE";
    return listedIs(cell, (text) => text === "");
  }

  /** Some token of a cell's text is what the pattern asks for. */
  private hasToken(cell: Cell, pattern: TokenPattern, tokens: Tokens): string {
    if (cell.kind === "listed") {
      if (cell.growing !== undefined) return hasCode(cell, codesWithToken(cell, pattern, tokens), cell.growing.size());
      const test = tokenTest(pattern, tokens.caseSensitive);
      return listedIs(cell, (text) => text !== undefined && tokensOf(text, tokens.tokenizer).some(test));
    }
    if (this.cuts(cell, tokens.tokenizer)) return this.matches(this.dialect.cellText(cell), [pattern], tokens);
    if (cell.kind === "text") return this.idIs(cell, pattern, tokens);
    return cell.kind === "number" ? this.numberIs(cell, pattern, tokens) : this.addressIs(cell, pattern, tokens);
  }

  /** Whether a tokenizer can cut a cell's text. */
  private cuts(cell: Exclude<Cell, Listed>, tokenizer: string): boolean {
    if (cell.kind === "text") return cell.shape === "text" || /[a-z0-9-]/.test(tokenizer);
    if (cell.kind === "number") return /[0-9-]/.test(tokenizer);
    return this.isIpv6 ? cutsIpv6(tokenizer) : /[0-9.-]/.test(tokenizer);
  }

  /** A text that is one token, of known characters only. */
  private idIs(cell: TextCell, pattern: TokenPattern, tokens: Tokens): string {
    const literal = tokens.caseSensitive ? pattern.literal : pattern.literal?.toLowerCase();
    const isAscii = literal !== undefined && /^[\x20-\x7e]*$/.test(literal);
    if (!isAscii) return this.matches(this.dialect.cellText(cell), [pattern], { ...tokens, tokenizer: "" });
    return /^[a-z0-9-]+$/.test(literal) ? allOf([cell.present ?? "TRUE", `(${cell.column} = ${this.dialect.text(literal)})`]) : "FALSE";
  }

  private matches(text: string, patterns: readonly TokenPattern[], tokens: Tokens): string {
    return textMatches(this.dialect, text, patterns, tokens);
  }

  private numberIs(cell: NumberCell, pattern: TokenPattern, { caseSensitive }: Tokens): string {
    const dash = this.isDash(cell, pattern);
    const { literal } = pattern;
    if (literal !== undefined) {
      if (!/^(0|[1-9]\d*)$/.test(literal) || Number(literal) > cell.max) return dash;
      const is = `${cell.column} = ${literal}`;
      return anyOf([dash, Number(literal) === 0 ? this.present(cell, is) : `(${is})`]);
    }
    if (pattern.pieces.some((piece) => typeof piece === "string" && /\D/.test(piece))) return dash;
    const matches = this.matches(`CAST(${cell.column} AS VARCHAR)`, [pattern], { tokenizer: "", caseSensitive });
    return anyOf([dash, this.present(cell, matches)]);
  }

  /** The pattern asks for the `-` that stands for what is absent. */
  private isDash(cell: Cell, pattern: TokenPattern): string {
    const canBe = cell.kind === "address" || (cell.kind === "number" && cell.absent === "dash");
    return canBe && !this.isIpv6 && tokenTest(pattern, true)("-") ? "(family = 0)" : "FALSE";
  }

  /** A condition on a number, in the rows that have it. */
  private present(cell: NumberCell, condition: string): string {
    if (cell.absent === "missing") return allOf([condition, "skipped_packets > 0"]);
    return cell.absent === "dash" && !this.isIpv6 ? allOf([condition, "family <> 0"]) : condition;
  }

  private addressIs(cell: AddressCell, pattern: TokenPattern, { caseSensitive }: Tokens): string {
    const { column } = cell;
    const { literal } = pattern;
    if (this.isIpv6) {
      if (literal !== undefined) return this.dialect.ipv6Is(column, caseSensitive ? literal : literal.toLowerCase());
      return this.matches(this.dialect.ipv6Text(column), [pattern], { tokenizer: "", caseSensitive });
    }
    const dash = this.isDash(cell, pattern);
    const range = addressRange(pattern);
    if (range !== undefined) {
      const [first, last] = range;
      const is = first === last ? `${column} = ${first}` : `${column} BETWEEN ${first} AND ${last}`;
      return anyOf([dash, first === 0 ? allOf([`(${is})`, "family = 4"]) : `(${is})`]);
    }
    if (literal !== undefined || pattern.pieces.some((piece) => typeof piece === "string" && /[^\d.]/.test(piece))) return dash;
    return anyOf([dash, allOf(["family = 4", this.matches(this.dialect.cellText(cell), [pattern], { tokenizer: "", caseSensitive })])]);
  }

  private lineMatches(patterns: readonly TokenPattern[], tokens: Tokens): string {
    return this.matches(`concat_ws(' ', ${this.cells.line.map((cell) => this.dialect.cellText(cell)).join(", ")})`, patterns, tokens);
  }
}

/** The IPv4 addresses that a pattern stands for, where they are one stretch: an address, or dotted bytes and `*`. */
export function addressRange({ literal, pieces }: TokenPattern): [first: number, last: number] | undefined {
  if (literal !== undefined) {
    const address = parseIpv4(literal);
    return address === undefined ? undefined : [address, address];
  }
  const [prefix, wildcard, ...more] = pieces;
  const isPrefix = typeof prefix === "string" && typeof wildcard === "object" && wildcard.wildcard === "many" && more.length === 0;
  if (!isPrefix || !/^(\d{1,3}\.){1,3}$/.test(prefix)) return undefined;
  const given = prefix.split(".").length - 1;
  const first = parseIpv4(prefix + Array<string>(4 - given).fill("0").join("."));
  return first === undefined ? undefined : [first, first + 256 ** (4 - given) - 1];
}

function cutsIpv6(tokenizer: string): boolean {
  return /[0-9A-Fa-f:.]/.test(tokenizer);
}

/** The column has one of the codes whose text passes. */
function listedIs(cell: Listed, test: (text: string | undefined) => boolean): string {
  const entries = [...cell.entries()];
  return hasCode(cell, entries.filter(([, text]) => test(text)).map(([code]) => code), entries.length);
}

/** The column has one of these of so many codes. */
function hasCode({ column }: Listed, passing: readonly (number | string)[], codes: number): string {
  if (passing.length === 0) return "FALSE";
  if (passing.length === codes || column === undefined) return "TRUE";
  return passing.length === 1 ? `(${column} = ${passing[0]})` : `(${column} IN (${passing.join(", ")}))`;
}

function hasRun(text: string, patterns: readonly TokenPattern[], { tokenizer, caseSensitive }: Tokens): boolean {
  const found = tokensOf(text, tokenizer);
  const tests = patterns.map((pattern) => tokenTest(pattern, caseSensitive));
  return found.some((_, start) => tests.every((test, place) => found[start + place] !== undefined && test(found[start + place]!)));
}

function isWithin(number: number | undefined, above: RangeNode["above"], below: RangeNode["below"]): boolean {
  if (number === undefined) return false;
  const isAbove = above === undefined || number > above.value || (above.inclusive && number === above.value);
  const isBelow = below === undefined || number < below.value || (below.inclusive && number === below.value);
  return isAbove && isBelow;
}

/** Bounds on a column of whole numbers, as whole numbers that the column can hold. */
function numberWithin({ column, max }: NumberCell, above: RangeNode["above"], below: RangeNode["below"]): string {
  const lowest = above === undefined ? 0 : Math.max(0, above.inclusive ? Math.ceil(above.value) : Math.floor(above.value) + 1);
  const highest = below === undefined ? max : Math.min(max, below.inclusive ? Math.floor(below.value) : Math.ceil(below.value) - 1);
  if (lowest > highest) return "FALSE";
  if (lowest === highest) return `(${column} = ${lowest})`;
  return allOf([lowest === 0 ? "TRUE" : `${column} >= ${lowest}`, highest === max ? "TRUE" : `${column} <= ${highest}`]);
}

