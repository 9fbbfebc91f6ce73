/**
 * Reads a search condition in either syntax into one tree.
 *
 * CQL joins what stands side by side by AND (the log service's first syntax did so; today's page does not say), Lucene
 * by OR. NOT binds tighter than AND, AND tighter than OR.
 */
import { type Piece, type Query, QuerySyntaxError, type RangeNode, type Syntax } from "./ast.ts";
import { type Token, tokenize } from "./lexer.ts";

/** Deepest nesting that is read. */
const maxDepth = 64;

/** Most terms of one query. */
const maxTerms = 1024;

/** The condition as a tree; an empty text or a lone `*` finds everything. */
export function parseQuery(text: string, syntax: Syntax): Query {
  return new Parser(tokenize(text, syntax), syntax).parse();
}

class Parser {
  private readonly tokens: readonly Token[];
  private readonly syntax: Syntax;
  private next = 0;
  private depth = 0;
  private terms = 0;

  constructor(tokens: readonly Token[], syntax: Syntax) {
    this.tokens = tokens;
    this.syntax = syntax;
  }

  parse(): Query {
    if (this.peek().kind === "end") return { kind: "all" };
    const query = this.or(undefined);
    const rest = this.peek();
    if (rest.kind !== "end") throw new QuerySyntaxError(`${describe(rest)} does not belong here`, rest.at);
    return query;
  }

  private peek(ahead = 0): Token {
    return this.tokens[Math.min(this.next + ahead, this.tokens.length - 1)]!;
  }

  private take(): Token {
    const token = this.peek();
    this.next++;
    return token;
  }

  private or(key: string | undefined): Query {
    const isLucene = this.syntax === "lucene";
    const parts = [this.and(key)];
    for (;;) {
      if (this.peek().kind === "or") this.take();
      else if (!(isLucene && startsTerm(this.peek()))) break;
      parts.push(this.and(key));
    }
    return parts.length === 1 ? parts[0]! : { kind: "or", parts };
  }

  private and(key: string | undefined): Query {
    const parts = [this.not(key)];
    for (;;) {
      if (this.peek().kind === "and") this.take();
      else if (!(this.syntax === "cql" && startsTerm(this.peek()))) break;
      parts.push(this.not(key));
    }
    return parts.length === 1 ? parts[0]! : { kind: "and", parts };
  }

  private not(key: string | undefined): Query {
    const token = this.peek();
    if (token.kind !== "not") return this.primary(key);
    this.take();
    return this.nested(token, () => ({ kind: "not", part: this.not(key) }));
  }

  private nested(token: Token, read: () => Query): Query {
    if (++this.depth > maxDepth) throw new QuerySyntaxError(`nested deeper than ${maxDepth}`, token.at);
    const query = read();
    this.depth--;
    return query;
  }

  private primary(key: string | undefined): Query {
    const token = this.take();
    if (++this.terms > maxTerms) throw new QuerySyntaxError(`more than ${maxTerms} terms`, token.at);
    switch (token.kind) {
      case "open":
        return this.nested(token, () => this.closed(token, key));
      case "word":
      case "quoted":
        return key === undefined ? this.maybeKeyed(token) : this.term(token, key);
      case "compare":
      case "range-open":
        if (key === undefined) throw new QuerySyntaxError(`${describe(token)} needs a key before it`, token.at);
        return this.value(token, key, token.at);
      default:
        throw new QuerySyntaxError(`a word was expected, not ${describe(token)}`, token.at);
    }
  }

  private closed(open: Token, key: string | undefined): Query {
    const query = this.or(key);
    if (this.take().kind !== "close") throw new QuerySyntaxError("the ( opened here is never closed", open.at);
    return query;
  }

  /** A word may turn out to be a key: `key:value`, and in CQL `key>400`. */
  private maybeKeyed(token: Token & { kind: "word" | "quoted" }): Query {
    const following = this.peek();
    const isCompared = following.kind === "compare" && this.syntax === "cql";
    if (following.kind !== "colon" && !isCompared) return this.term(token, undefined);
    const key = plainText(token);
    if (key === undefined) throw new QuerySyntaxError("a key cannot have wildcards", token.at);
    if (following.kind === "colon") this.take();
    const value = this.take();
    if (value.kind === "open") return this.nested(value, () => this.closed(value, key));
    return this.value(value, key, token.at);
  }

  /** `at` is where the condition begins: at its key, or at the value inside a group. */
  private value(token: Token, key: string, at: number): Query {
    switch (token.kind) {
      case "word":
      case "quoted":
        return this.term(token, key, at);
      case "compare":
        return this.comparison(token.operator, key, at);
      case "range-open":
        return this.range(token, key, at);
      default:
        throw new QuerySyntaxError(`a value for ${key} was expected, not ${describe(token)}`, token.at);
    }
  }

  private term(token: Token & { kind: "word" | "quoted" }, key: string | undefined, at = token.at): Query {
    const { pieces } = token;
    if (token.kind === "quoted") {
      if (pieces.length > 0) return { kind: "phrase", key, pieces, at };
      if (key !== undefined) return { kind: "empty", key, at };
      throw new QuerySyntaxError("an empty phrase finds nothing", at);
    }
    const isLoneStar = pieces.length === 1 && isMany(pieces[0]!);
    if (isLoneStar) return key === undefined ? { kind: "all" } : { kind: "exists", key, at };
    if (key === "_exists_") return { kind: "exists", key: plainText(token) ?? "", at };
    if (typeof pieces[0] !== "string") {
      throw new QuerySyntaxError("a wildcard cannot stand at the start of a word", at);
    }
    return { kind: "word", key, pieces, at };
  }

  private comparison(operator: ">" | ">=" | "<" | "<=" | "=", key: string, at: number): RangeNode {
    const value = this.number(this.take(), key);
    const bound = { value, inclusive: operator !== ">" && operator !== "<" };
    if (operator === "=") return { kind: "range", key, above: bound, below: bound, at };
    const isAbove = operator.startsWith(">");
    return { kind: "range", key, above: isAbove ? bound : undefined, below: isAbove ? undefined : bound, at };
  }

  private range(open: { readonly at: number; readonly inclusive: boolean }, key: string, at: number): RangeNode {
    const from = this.bound(key);
    const to = this.take();
    if (to.kind !== "to") throw new QuerySyntaxError(`TO was expected, not ${describe(to)}`, to.at);
    const until = this.bound(key);
    const close = this.take();
    if (close.kind !== "range-close") throw new QuerySyntaxError("the range opened here is never closed", open.at);
    return {
      kind: "range",
      key,
      above: from === undefined ? undefined : { value: from, inclusive: open.inclusive },
      below: until === undefined ? undefined : { value: until, inclusive: close.inclusive },
      at,
    };
  }

  /** One end of a range: a number, or `*` for none. */
  private bound(key: string): number | undefined {
    const token = this.take();
    const isOpen = token.kind === "word" && token.pieces.length === 1 && isMany(token.pieces[0]!);
    return isOpen ? undefined : this.number(token, key);
  }

  private number(token: Token, key: string): number {
    const text = token.kind === "word" || token.kind === "quoted" ? plainText(token) : undefined;
    if (text === undefined || !/^-?\d+(\.\d+)?$/.test(text)) {
      throw new QuerySyntaxError(`${key} is compared with ${describe(token)}, which is not a number`, token.at);
    }
    return Number(text);
  }
}

function startsTerm(token: Token): boolean {
  return token.kind === "word" || token.kind === "quoted" || token.kind === "open" || token.kind === "not";
}

function isMany(piece: Piece): boolean {
  return typeof piece !== "string" && piece.wildcard === "many";
}

function plainText(token: Token & { kind: "word" | "quoted" }): string | undefined {
  const [first, ...more] = token.pieces;
  return typeof first === "string" && more.length === 0 ? first : undefined;
}

function describe(token: Token): string {
  switch (token.kind) {
    case "word":
      return JSON.stringify(token.text);
    case "quoted":
      return "a phrase";
    case "end":
      return "the end of the query";
    case "compare":
      return token.operator;
    default:
      return { and: "AND", or: "OR", not: "NOT", open: "(", close: ")", colon: ":", to: "TO", "range-open": "[", "range-close": "]" }[token.kind];
  }
}
