/** Cuts the SQL part of a query into tokens. */
import { QuerySyntaxError, type Syntax } from "../query/ast.ts";

/** A token; keywords are words in upper case, and other words keep their spelling in `text`. */
export interface SqlToken {
  readonly at: number;
  readonly kind: "word" | "name" | "text" | "number" | "symbol" | "end";
  readonly text: string;
  readonly upper: string;
}

const pattern = /\s+|([A-Za-z_]\w*)|"((?:[^"]|"")+)"|'((?:[^']|'')*)'|(\d+(?:\.\d+)?)|(<>|!=|<=|>=|\|\||[-+*/%(),=<>[\]])/y;

/** The tokens of the text from a place on, an `end` last; places count from the beginning of the whole query. */
export function sqlTokens(query: string, from: number): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = from;
  while (at < query.length) {
    pattern.lastIndex = at;
    const found = pattern.exec(query);
    if (found === null) throw new QuerySyntaxError(`${JSON.stringify(query[at])} cannot stand here`, at);
    const [all, word, name, text, number, symbol] = found;
    if (word !== undefined) tokens.push({ at, kind: "word", text: word, upper: word.toUpperCase() });
    else if (name !== undefined) tokens.push({ at, kind: "name", text: name.replaceAll('""', '"'), upper: "" });
    else if (text !== undefined) tokens.push({ at, kind: "text", text: text.replaceAll("''", "'"), upper: "" });
    else if (number !== undefined) tokens.push({ at, kind: "number", text: number, upper: "" });
    else if (symbol !== undefined) tokens.push({ at, kind: "symbol", text: symbol, upper: symbol });
    at += all.length;
  }
  tokens.push({ at: query.length, kind: "end", text: "", upper: "" });
  return tokens;
}

/** The place of the bar that ends the search condition and begins the SQL part; undefined where there is none. */
export function barOf(query: string, syntax: Syntax): number | undefined {
  let quote: string | undefined;
  for (let at = 0; at < query.length; at++) {
    const char = query[at]!;
    if (char === "\\") at++;
    else if (quote !== undefined) quote = char === quote ? undefined : quote;
    else if (char === '"' || (char === "'" && syntax === "cql")) quote = char;
    else if (char === "|") {
      if (syntax !== "lucene" || query[at + 1] !== "|") return at;
      at++;
    }
  }
  return undefined;
}
