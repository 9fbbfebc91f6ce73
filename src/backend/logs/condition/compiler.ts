/**
 * A search condition as SQL for one kind of rows and one index rule.
 *
 * A condition is compiled, not scanned: what stands in a query becomes comparisons of typed columns wherever that is
 * the same, and a regular expression over the text where it is not. Every part is true or false, never NULL.
 */
import type { IndexRule } from "../log-store.ts";
import type { PhraseNode, Query, RangeNode, Syntax, WordNode } from "../query/ast.ts";
import { type Field, fieldOf, isNumeric, numberIn, plainText } from "../query/fields.ts";
import { patternsOf, type TokenPattern } from "../query/tokens.ts";
import { allOf, anyOf, not } from "./boolean.ts";

/** How tokens are made: of the whole text, or of one key's value. */
export interface Tokens {
  readonly tokenizer: string;
  readonly caseSensitive: boolean;
}

/** What a kind of rows must be able to say for a condition to be compiled. */
export interface Rows {
  /** Some token of the whole text is what the pattern asks for. */
  textHasToken(pattern: TokenPattern, tokens: Tokens): string;
  /** The patterns' tokens stand one after the other in the whole text. */
  textHasRun(patterns: readonly TokenPattern[], tokens: Tokens): string;
  valueHasToken(field: Field, pattern: TokenPattern): string;
  valueHasRun(field: Field, patterns: readonly TokenPattern[]): string;
  /** The value is a number within bounds; both undefined: it is a number. */
  valueWithin(field: Field, above: RangeNode["above"], below: RangeNode["below"]): string;
  valueExists(field: Field): string;
  valueIsEmpty(field: Field): string;
}

/** Compiles conditions for rows that one index rule governs. */
export class ConditionCompiler {
  private readonly rows: Rows;
  private readonly rule: IndexRule;
  private readonly syntax: Syntax;

  constructor(rows: Rows, rule: IndexRule, syntax: Syntax) {
    this.rows = rows;
    this.rule = rule;
    this.syntax = syntax;
  }

  compile(query: Query): string {
    switch (query.kind) {
      case "all":
        return "TRUE";
      case "and":
        return allOf(query.parts.map((part) => this.compile(part)));
      case "or":
        return anyOf(query.parts.map((part) => this.compile(part)));
      case "not":
        return not(this.compile(query.part));
      case "word":
      case "phrase":
        return this.words(query);
      case "range":
        return this.keyed(query.key, (field) => (isNumeric(field) ? this.rows.valueWithin(field, query.above, query.below) : "FALSE"));
      case "exists":
        return this.keyed(query.key, (field) =>
          isNumeric(field) ? this.rows.valueWithin(field, undefined, undefined) : this.rows.valueExists(field),
        );
      case "empty":
        return this.keyed(query.key, (field) =>
          isNumeric(field) ? not(this.rows.valueWithin(field, undefined, undefined)) : this.rows.valueIsEmpty(field),
        );
    }
  }

  /** What an index did not offer when the logs were written is not found in them. */
  private keyed(key: string, compile: (field: Field) => string): string {
    const field = fieldOf(key, this.rule);
    return field === undefined ? "FALSE" : compile(field);
  }

  private words(query: WordNode | PhraseNode): string {
    if (query.key === undefined) {
      const { fullText } = this.rule;
      if (fullText === undefined) return "FALSE";
      return this.joined(query, patternsOf(query.pieces, fullText.tokenizer), {
        token: (pattern) => this.rows.textHasToken(pattern, fullText),
        run: (patterns) => this.rows.textHasRun(patterns, fullText),
      });
    }
    return this.keyed(query.key, (field) => {
      if (isNumeric(field)) return this.number(query, field);
      return this.joined(query, patternsOf(query.pieces, field.tokenizer), {
        token: (pattern) => this.rows.valueHasToken(field, pattern),
        run: (patterns) => this.rows.valueHasRun(field, patterns),
      });
    });
  }

  private number(query: WordNode | PhraseNode, field: Field): string {
    const value = numberIn(plainText(query.pieces));
    if (value === undefined) return "FALSE";
    const bound = { value, inclusive: true };
    return this.rows.valueWithin(field, bound, bound);
  }

  private joined(
    query: WordNode | PhraseNode,
    patterns: readonly TokenPattern[],
    find: { token: (pattern: TokenPattern) => string; run: (patterns: readonly TokenPattern[]) => string },
  ): string {
    if (patterns.length === 0) return "FALSE";
    if (query.kind === "phrase" && patterns.length > 1) return find.run(patterns);
    // A word that the tokenizer cuts: CQL wants all its parts, Lucene any.
    const parts = patterns.map(find.token);
    return this.syntax === "cql" || query.kind === "phrase" ? allOf(parts) : anyOf(parts);
  }
}
