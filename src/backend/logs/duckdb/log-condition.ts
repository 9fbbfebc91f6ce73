/** Conditions over logs of keys and values: regular expressions over their texts. */
import type { Field } from "../query/fields.ts";
import type { RangeNode } from "../query/ast.ts";
import { type TokenPattern, tokenRun } from "../query/tokens.ts";
import type { Rows, Tokens } from "./condition.ts";
import { allOf, sqlText } from "./sql.ts";

/** The log's text in SQL. */
export const logText = "array_to_string(map_values(fields), ' ')";

/** A key's value in SQL; NULL where the log has no such key. */
export function logValue({ place, name }: Pick<Field, "place" | "name">): string {
  if (place === "internal") return name === "__SOURCE__" ? "source" : "stream";
  return `${place === "tag" ? "tags" : "fields"}[${sqlText(name)}]`;
}

/** A text as a number in SQL; NULL for every text that is none. */
export function numberOf(text: string): string {
  // What no double can hold compares as infinity, as it does in every language of this project.
  const infinity = `CAST(if(starts_with(${text}, '-'), '-inf', 'inf') AS DOUBLE)`;
  const number = `coalesce(TRY_CAST(${text} AS DOUBLE), ${infinity})`;
  return `(CASE WHEN regexp_full_match(${text}, '-?[0-9]+(\\.[0-9]+)?') THEN ${number} END)`;
}

const matches = (text: string, expression: string) => `coalesce(regexp_matches(${text}, ${sqlText(expression)}), FALSE)`;

/** What logs of keys and values can be asked. */
export const logRows: Rows = {
  textHasToken: (pattern: TokenPattern, { tokenizer, caseSensitive }: Tokens) =>
    matches(logText, tokenRun([pattern], tokenizer, caseSensitive)),
  textHasRun: (patterns, { tokenizer, caseSensitive }) => matches(logText, tokenRun(patterns, tokenizer, caseSensitive)),
  valueHasToken: (field, pattern) => matches(logValue(field), tokenRun([pattern], field.tokenizer, field.caseSensitive)),
  valueHasRun: (field, patterns) => matches(logValue(field), tokenRun(patterns, field.tokenizer, field.caseSensitive)),
  valueWithin: (field, above, below) => {
    const number = numberOf(logValue(field));
    return `coalesce(${within(number, above, below)}, FALSE)`;
  },
  valueExists: (field) => `(${logValue(field)} IS NOT NULL)`,
  valueIsEmpty: (field) => `coalesce(${logValue(field)} = '', FALSE)`,
};

function within(number: string, above: RangeNode["above"], below: RangeNode["below"]): string {
  if (above === undefined && below === undefined) return `(${number} IS NOT NULL)`;
  return allOf([
    above === undefined ? "TRUE" : `${number} ${above.inclusive ? ">=" : ">"} ${double(above.value)}`,
    below === undefined ? "TRUE" : `${number} ${below.inclusive ? "<=" : "<"} ${double(below.value)}`,
  ]);
}

/** A number as a double; one beyond all doubles compares as infinity. */
function double(value: number): string {
  if (!Number.isFinite(value)) return `CAST('${value > 0 ? "" : "-"}inf' AS DOUBLE)`;
  return `CAST(${sqlText(String(value))} AS DOUBLE)`;
}
