/** Cuts a query into tokens; the two syntaxes differ in which characters are special and how they are escaped. */
import { type Piece, QuerySyntaxError, type Syntax } from "./ast.ts";

/** A token and where it starts in the query. */
export type Token = { readonly at: number } & (
  | { readonly kind: "word"; readonly pieces: readonly Piece[]; readonly text: string }
  | { readonly kind: "quoted"; readonly pieces: readonly Piece[] }
  | { readonly kind: "and" | "or" | "not" | "open" | "close" | "colon" | "to" }
  | { readonly kind: "compare"; readonly operator: ">" | ">=" | "<" | "<=" | "=" }
  | { readonly kind: "range-open" | "range-close"; readonly inclusive: boolean }
  | { readonly kind: "end" }
);

interface Dialect {
  readonly quotes: string;
  /** Characters that end a word. */
  readonly breaks: string;
  /** Characters that a backslash makes plain. */
  readonly escapable: string;
  readonly wildcards: string;
  readonly anyCaseOperators: boolean;
}

const dialects: Readonly<Record<Syntax, Dialect>> = {
  cql: {
    quotes: `"'`,
    breaks: ` \t\r\n()":'<>=|`,
    escapable: ` :"'*\\()<>=|`,
    wildcards: "*",
    anyCaseOperators: true,
  },
  lucene: {
    quotes: `"`,
    breaks: ` \t\r\n()":[]{}|`,
    escapable: ` +-&|!(){}[]^"~*?:\\/<>=`,
    wildcards: "*?",
    anyCaseOperators: false,
  },
};

/** The tokens of a query, an `end` token last. */
export function tokenize(query: string, syntax: Syntax): Token[] {
  return new Lexer(query, syntax).tokens();
}

class Lexer {
  private readonly query: string;
  private readonly syntax: Syntax;
  private readonly dialect: Dialect;
  private at = 0;

  constructor(query: string, syntax: Syntax) {
    this.query = query;
    this.syntax = syntax;
    this.dialect = dialects[syntax];
  }

  tokens(): Token[] {
    const tokens: Token[] = [];
    for (;;) {
      while (/\s/.test(this.query[this.at] ?? "")) this.at++;
      if (this.at >= this.query.length) break;
      tokens.push(this.next());
    }
    tokens.push({ kind: "end", at: this.query.length });
    return tokens;
  }

  private next(): Token {
    const { at } = this;
    const char = this.query[at]!;
    if (char === "(") return this.symbol(1, { kind: "open", at });
    if (char === ")") return this.symbol(1, { kind: "close", at });
    if (char === ":") return this.symbol(1, { kind: "colon", at });
    if (this.dialect.quotes.includes(char)) return this.quoted(char);
    if ("<>=".includes(char)) return this.compare();
    if (this.syntax === "lucene") {
      const own = this.luceneSymbol(char);
      if (own !== undefined) return own;
    }
    if (char === "|") {
      throw new QuerySyntaxError("an SQL part cannot stand here: give the search condition alone", at);
    }
    return this.word();
  }

  private symbol(length: number, token: Token): Token {
    this.at += length;
    return token;
  }

  private compare(): Token {
    const { at } = this;
    const char = this.query[at] as "<" | ">" | "=";
    const isLong = char !== "=" && this.query[at + 1] === "=";
    return this.symbol(isLong ? 2 : 1, { kind: "compare", operator: isLong ? `${char}=` : char, at });
  }

  private luceneSymbol(char: string): Token | undefined {
    const { at } = this;
    const two = this.query.slice(at, at + 2);
    if (two === "&&") return this.symbol(2, { kind: "and", at });
    if (two === "||") return this.symbol(2, { kind: "or", at });
    if (char === "!") return this.symbol(1, { kind: "not", at });
    const startsWord = /[^\s)]/.test(this.query[at + 1] ?? " ");
    if (char === "-" && startsWord) return this.symbol(1, { kind: "not", at });
    if (char === "[" || char === "{") return this.symbol(1, { kind: "range-open", inclusive: char === "[", at });
    if (char === "]" || char === "}") return this.symbol(1, { kind: "range-close", inclusive: char === "]", at });
    return undefined;
  }

  private quoted(quote: string): Token {
    const start = this.at;
    const pieces = new PieceBuilder();
    for (this.at++; this.at < this.query.length; this.at++) {
      const char = this.query[this.at]!;
      const next = this.query[this.at + 1];
      if (char === quote) {
        this.at++;
        return { kind: "quoted", pieces: pieces.done(), at: start };
      }
      if (char === "\\" && next !== undefined && (next === quote || next === "*" || next === "\\")) {
        pieces.text(next);
        this.at++;
      } else if (char === "*" && this.syntax === "cql") pieces.wildcard("many");
      else pieces.text(char);
    }
    throw new QuerySyntaxError(`the ${quote} opened here is never closed`, start);
  }

  private word(): Token {
    const start = this.at;
    const { breaks, escapable, wildcards } = this.dialect;
    const pieces = new PieceBuilder();
    for (; this.at < this.query.length; this.at++) {
      const char = this.query[this.at]!;
      const next = this.query[this.at + 1];
      if (char === "\\" && next !== undefined && escapable.includes(next)) {
        pieces.text(next);
        this.at++;
      } else if (breaks.includes(char)) break;
      else if (wildcards.includes(char)) pieces.wildcard(char === "*" ? "many" : "one");
      else pieces.text(char);
    }
    if (this.at === start) {
      throw new QuerySyntaxError(`${JSON.stringify(this.query[start])} cannot stand here; put it in quotes`, start);
    }
    return this.wordOrOperator(start, pieces.done());
  }

  private wordOrOperator(at: number, pieces: readonly Piece[]): Token {
    const text = this.query.slice(at, this.at);
    const spelled = this.dialect.anyCaseOperators ? text.toUpperCase() : text;
    if (spelled === "AND") return { kind: "and", at };
    if (spelled === "OR") return { kind: "or", at };
    if (spelled === "NOT") return { kind: "not", at };
    if (text === "TO" && this.syntax === "lucene") return { kind: "to", at };
    // A leading + asks for what a term asks for anyway.
    const required = this.syntax === "lucene" && text.startsWith("+") && text.length > 1;
    if (required && typeof pieces[0] === "string") {
      const rest = [pieces[0].slice(1), ...pieces.slice(1)].filter((piece) => piece !== "");
      return { kind: "word", pieces: rest, text: text.slice(1), at };
    }
    return { kind: "word", pieces, text, at };
  }
}

/** Joins neighbouring characters into one text piece. */
class PieceBuilder {
  private readonly pieces: Piece[] = [];

  text(char: string): void {
    const last = this.pieces.at(-1);
    if (typeof last === "string") this.pieces[this.pieces.length - 1] = last + char;
    else this.pieces.push(char);
  }

  wildcard(wildcard: "many" | "one"): void {
    this.pieces.push({ wildcard });
  }

  done(): readonly Piece[] {
    return this.pieces;
  }
}
