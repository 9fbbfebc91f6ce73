/** Reads the SQL part of a query: one SELECT, possibly over another. */
import { QuerySyntaxError } from "../query/ast.ts";
import type { CastType, Expression, Item, Select } from "./ast.ts";
import { type SqlToken, sqlTokens } from "./lexer.ts";

/** Deepest nesting that is read. */
const maxDepth = 32;

/** Rows of an answer, where nobody says how many and at most; a SELECT within gives all its rows where nobody says. Source: the service's page on SQL, LIMIT. */
const defaultLimit = 100;
export const maxRows = 10_000;

const castTypes: Readonly<Record<string, CastType>> = {
  ...{ BIGINT: "bigint", INTEGER: "bigint", LONG: "bigint", DOUBLE: "double", VARCHAR: "varchar", TIMESTAMP: "timestamp", BOOLEAN: "boolean" },
};

const units: ReadonlySet<string> = new Set(["SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH"]);

/** Words that end an expression and so are no names. */
const reserved: ReadonlySet<string> = new Set(
  "SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET AS AND OR NOT IN IS NULL LIKE BETWEEN CASE WHEN THEN ELSE END ASC DESC DISTINCT UNION JOIN ON".split(" "),
);

/** The SELECT that begins at a place of the query. */
export function parseSelect(query: string, from: number): Select {
  return new Parser(sqlTokens(query, from)).whole();
}

class Parser {
  private readonly tokens: readonly SqlToken[];
  private next = 0;
  private depth = 0;

  constructor(tokens: readonly SqlToken[]) {
    this.tokens = tokens;
  }

  whole(): Select {
    const select = this.select(defaultLimit);
    this.end();
    return select;
  }

  private end(): void {
    const rest = this.peek();
    if (rest.kind !== "end") throw new QuerySyntaxError(`${shown(rest)} does not belong here`, rest.at);
  }

  private peek(): SqlToken {
    return this.tokens[this.next]!;
  }

  private take(): SqlToken {
    const token = this.peek();
    if (token.kind !== "end") this.next++;
    return token;
  }

  private is(...words: readonly string[]): boolean {
    return words.every((word, ahead) => {
      const token = this.tokens[Math.min(this.next + ahead, this.tokens.length - 1)]!;
      return token.upper === word;
    });
  }

  private accept(...words: readonly string[]): boolean {
    if (!this.is(...words)) return false;
    this.next += words.length;
    return true;
  }

  private expect(...words: readonly string[]): void {
    const token = this.peek();
    if (!this.accept(...words)) throw new QuerySyntaxError(`${words.join(" ")} was expected, not ${shown(token)}`, token.at);
  }

  private nested<R>(read: () => R): R {
    if (++this.depth > maxDepth) throw new QuerySyntaxError(`nested deeper than ${maxDepth}`, this.peek().at);
    const result = read();
    this.depth--;
    return result;
  }

  private select(limit: number | undefined): Select {
    this.expect("SELECT");
    const items = this.list(() => this.item());
    const from = this.accept("FROM") ? this.source() : undefined;
    const where = this.accept("WHERE") ? this.expression() : undefined;
    const groupBy = this.accept("GROUP", "BY") ? this.list(() => this.expression()) : [];
    const having = this.accept("HAVING") ? this.expression() : undefined;
    const orderBy = this.accept("ORDER", "BY") ? this.list(() => this.order()) : [];
    return { items, from, where, groupBy, having, orderBy, ...this.limits(limit) };
  }

  private list<R>(read: () => R): R[] {
    const items = [read()];
    while (this.accept(",")) items.push(read());
    return items;
  }

  private item(): Item {
    const { at } = this.peek();
    if (this.accept("*")) return { star: true, at };
    const value = this.expression();
    const isNamed = this.accept("AS") || this.peek().kind === "name" || (this.peek().kind === "word" && !reserved.has(this.peek().upper));
    return { star: false, value, alias: isNamed ? this.name() : undefined };
  }

  /** Another SELECT, or the logs themselves, which have no other name than `log`. */
  private source(): Select | undefined {
    if (this.accept("LOG")) return undefined;
    this.expect("(");
    const select = this.nested(() => this.select(undefined));
    this.expect(")");
    return select;
  }

  private order(): Select["orderBy"][number] {
    const value = this.expression();
    const descending = this.accept("DESC");
    if (!descending) this.accept("ASC");
    return { value, descending };
  }

  /** `LIMIT n`, `LIMIT m, n` or `LIMIT n OFFSET m`; `limit` holds where there is none of these. */
  private limits(limit: number | undefined): Pick<Select, "limit" | "offset"> {
    if (!this.accept("LIMIT")) return { limit, offset: 0 };
    const first = this.count();
    if (this.accept(",")) return { limit: this.count(maxRows), offset: first };
    if (first > maxRows) throw new QuerySyntaxError(`LIMIT ${first} is more than ${maxRows}`, this.tokens[this.next - 1]!.at);
    return { limit: first, offset: this.accept("OFFSET") ? this.count() : 0 };
  }

  private count(most = Number.MAX_SAFE_INTEGER): number {
    const token = this.take();
    if (token.kind !== "number" || !/^\d+$/.test(token.text) || Number(token.text) > most) {
      throw new QuerySyntaxError(`a whole number up to ${most} was expected, not ${shown(token)}`, token.at);
    }
    return Number(token.text);
  }

  private name(): string {
    const token = this.take();
    const isName = token.kind === "name" || (token.kind === "word" && !reserved.has(token.upper));
    if (!isName) throw new QuerySyntaxError(`a name was expected, not ${shown(token)}`, token.at);
    return token.text;
  }

  private expression(): Expression {
    return this.nested(() => this.chain(["OR"], () => this.chain(["AND"], () => this.negation())));
  }

  private chain(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const { at, upper } = this.peek();
      if (!operators.includes(upper)) return left;
      this.take();
      left = { kind: "binary", operator: upper, left, right: operand(), at };
    }
  }

  private negation(): Expression {
    const { at } = this.peek();
    return this.accept("NOT") ? { kind: "unary", operator: "NOT", value: this.nested(() => this.negation()), at } : this.comparison();
  }

  private comparison(): Expression {
    const value = this.sum();
    const { at } = this.peek();
    if (this.accept("IS")) {
      const negated = this.accept("NOT");
      this.expect("NULL");
      return { kind: "null", value, negated, at };
    }
    const negated = this.accept("NOT");
    if (this.accept("IN")) {
      this.expect("(");
      const list = this.list(() => this.expression());
      this.expect(")");
      return { kind: "in", value, list, negated, at };
    }
    if (this.accept("BETWEEN")) {
      const low = this.sum();
      this.expect("AND");
      return { kind: "between", value, low, high: this.sum(), negated, at };
    }
    if (this.accept("LIKE")) {
      const like: Expression = { kind: "binary", operator: "LIKE", left: value, right: this.sum(), at };
      return negated ? { kind: "unary", operator: "NOT", value: like, at } : like;
    }
    if (negated) throw new QuerySyntaxError("IN, BETWEEN or LIKE was expected behind NOT", at);
    const operator = this.peek().upper;
    if (!["=", "<>", "!=", "<", "<=", ">", ">="].includes(operator)) return value;
    this.take();
    return { kind: "binary", operator, left: value, right: this.sum(), at };
  }

  private sum(): Expression {
    return this.chain(["+", "-", "||"], () => this.chain(["*", "/", "%"], () => this.signed()));
  }

  private signed(): Expression {
    const { at } = this.peek();
    return this.accept("-") ? { kind: "unary", operator: "-", value: this.nested(() => this.signed()), at } : this.element();
  }

  private element(): Expression {
    const list = this.primary();
    if (!this.accept("[")) return list;
    const { at } = this.peek();
    const place = this.count();
    this.expect("]");
    return { kind: "element", list, place, at };
  }

  private primary(): Expression {
    const token = this.take();
    const { at } = token;
    if (token.kind === "number") return { kind: "number", text: token.text, at };
    if (token.kind === "text") return { kind: "text", text: token.text, at };
    if (token.kind === "name") return { kind: "column", name: token.text, at };
    if (token.upper === "(") {
      const value = this.expression();
      this.expect(")");
      return value;
    }
    if (token.upper === "NULL" || token.upper === "TRUE" || token.upper === "FALSE") return { kind: "constant", value: token.upper, at };
    if (token.upper === "CASE") return this.cases(at);
    if (token.kind !== "word" || reserved.has(token.upper)) throw new QuerySyntaxError(`a value was expected, not ${shown(token)}`, at);
    if (token.upper === "CAST" && this.accept("(")) return this.cast(at);
    if (token.upper === "INTERVAL") return this.interval(at);
    return this.accept("(") ? this.call(token.text, at) : { kind: "column", name: token.text, at };
  }

  private cases(at: number): Expression {
    const branches: (readonly [Expression, Expression])[] = [];
    while (this.accept("WHEN")) {
      const condition = this.expression();
      this.expect("THEN");
      branches.push([condition, this.expression()]);
    }
    if (branches.length === 0) throw new QuerySyntaxError("CASE has no WHEN", at);
    const otherwise = this.accept("ELSE") ? this.expression() : undefined;
    this.expect("END");
    return { kind: "case", branches, otherwise, at };
  }

  private cast(at: number): Expression {
    const value = this.expression();
    this.expect("AS");
    const token = this.take();
    const type = castTypes[token.upper];
    if (type === undefined) throw new QuerySyntaxError(`${shown(token)} is no type to cast to: ${Object.keys(castTypes).join(", ").toLowerCase()} are`, token.at);
    this.expect(")");
    return { kind: "cast", value, type, at };
  }

  private interval(at: number): Expression {
    const token = this.take();
    const count = token.kind === "number" || token.kind === "text" ? Number(token.text) : Number.NaN;
    const unit = this.take();
    if (!Number.isInteger(count) || count < 1 || !units.has(unit.upper)) {
      throw new QuerySyntaxError("an interval is a whole number and second, minute, hour, day, week or month", at);
    }
    return { kind: "interval", count, unit: unit.upper, at };
  }

  private call(name: string, at: number): Expression {
    const star = this.accept("*");
    const distinct = this.accept("DISTINCT");
    const given = star || this.is(")") ? [] : this.list(() => this.expression());
    this.expect(")");
    return { kind: "call", name, arguments: given, distinct, star, at };
  }
}

function shown(token: SqlToken): string {
  return token.kind === "end" ? "the end of the query" : JSON.stringify(token.text);
}
