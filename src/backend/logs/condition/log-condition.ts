/** Conditions over logs of keys and values: regular expressions over their texts. */
import type { RangeNode } from "../query/ast.ts";
import type { Field } from "../query/fields.ts";
import { type TokenPattern, tokenRun } from "../query/tokens.ts";
import { allOf } from "./boolean.ts";
import type { Rows, Tokens } from "./compiler.ts";
import type { ConditionDialect } from "./dialect.ts";

/** Where a table of logs has their texts, in SQL. */
export interface LogTexts {
  /** The log as one text. */
  readonly whole: string;
  /** A key's value; NULL where the log has no such key. */
  readonly value: (field: Pick<Field, "place" | "name">) => string;
}

/** What logs of keys and values can be asked. */
export class LogRows implements Rows {
  private readonly dialect: ConditionDialect;
  private readonly texts: LogTexts;

  constructor(dialect: ConditionDialect, texts: LogTexts) {
    this.dialect = dialect;
    this.texts = texts;
  }

  textHasToken(pattern: TokenPattern, tokens: Tokens): string {
    return this.textHasRun([pattern], tokens);
  }

  textHasRun(patterns: readonly TokenPattern[], tokens: Tokens): string {
    return textMatches(this.dialect, this.texts.whole, patterns, tokens);
  }

  valueHasToken(field: Field, pattern: TokenPattern): string {
    return this.valueHasRun(field, [pattern]);
  }

  valueHasRun(field: Field, patterns: readonly TokenPattern[]): string {
    return textMatches(this.dialect, this.texts.value(field), patterns, field);
  }

  valueWithin(field: Field, above: RangeNode["above"], below: RangeNode["below"]): string {
    return textWithin(this.dialect, this.texts.value(field), above, below);
  }

  valueExists(field: Field): string {
    return `(${this.texts.value(field)} IS NOT NULL)`;
  }

  valueIsEmpty(field: Field): string {
    return `coalesce(${this.texts.value(field)} = '', FALSE)`;
  }
}

/** Patterns' tokens stand one after the other in a text. */
export function textMatches(dialect: ConditionDialect, text: string, patterns: readonly TokenPattern[], { tokenizer, caseSensitive }: Tokens): string {
  return dialect.matches(text, tokenRun(patterns, tokenizer, caseSensitive));
}

/** A text is a number within bounds; both undefined: it is a number. */
export function textWithin(dialect: ConditionDialect, text: string, above: RangeNode["above"], below: RangeNode["below"]): string {
  const number = dialect.numberOf(text);
  if (above === undefined && below === undefined) return `(${number} IS NOT NULL)`;
  const isWithin = allOf([
    above === undefined ? "TRUE" : `${number} ${above.inclusive ? ">=" : ">"} ${dialect.double(above.value)}`,
    below === undefined ? "TRUE" : `${number} ${below.inclusive ? "<=" : "<"} ${dialect.double(below.value)}`,
  ]);
  return `coalesce(${isWithin}, FALSE)`;
}
