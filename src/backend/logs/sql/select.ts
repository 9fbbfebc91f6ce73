/** A SELECT of the SQL part, written anew in an engine's own SQL: only what is known here gets there. */
import { QuerySyntaxError } from "../query/ast.ts";
import type { CastType, Expression, Select } from "./ast.ts";

/** What a name means: the SQL of its column; undefined for a name that there is not. */
export type Scope = {
  readonly column: (name: string) => string | undefined;
  /** All names, for a star and for the words of a refusal. */
  readonly names: readonly string[];
};

/** How many values each function that is offered takes, by its name in lower case. Source: the service's pages on SQL functions. */
const offered = {
  ...{ count: [0, 1], count_if: [1, 1], sum: [1, 1], avg: [1, 1], min: [1, 1], max: [1, 1], max_by: [2, 2], min_by: [2, 2] },
  ...{ approx_distinct: [1, 1], approx_percentile: [2, 2] },
  ...{ histogram: [2, 2], date_trunc: [2, 2], from_unixtime: [1, 1], to_unixtime: [1, 1] },
  ...{ concat: [1, 64], split_part: [3, 3], regexp_like: [2, 2], length: [1, 1], lower: [1, 1], upper: [1, 1] },
  ...{ trim: [1, 1], substr: [2, 3], replace: [3, 3], strpos: [2, 2] },
  ...{ abs: [1, 1], ceil: [1, 1], floor: [1, 1], round: [1, 2], sqrt: [1, 1], ln: [1, 1], mod: [2, 2] },
  ...{ if: [2, 3], coalesce: [1, 64], nullif: [2, 2], greatest: [1, 64], least: [1, 64] },
} as const satisfies Readonly<Record<string, readonly [least: number, most: number]>>;

/** A function that is offered. */
export type FunctionName = keyof typeof offered;

/** A call in an engine's SQL, of the values as SQL and as they were asked; `distinct` is empty or `DISTINCT `. */
export type Build = (given: readonly string[], distinct: string, asked: readonly Expression[]) => string;

/** How an engine says what a SELECT is made of. */
export interface SelectDialect {
  text(literal: string): string;
  /** What a column of a SELECT's answer is called for the engine, by its name and place, and how many SELECTs stand within. */
  alias(name: string, place: number, depth: number): string;
  binary(operator: string, left: string, right: string): string;
  /** A column of the answer; `isCondition`: it is true or false. */
  shown(value: string, isCondition: boolean): string;
  among(value: string, list: readonly string[], isNegated: boolean): string;
  /** A cast; `isMs`: of milliseconds since 1970 to a time. */
  cast(value: string, type: CastType, isMs: boolean): string;
  readonly functions: Readonly<Record<FunctionName, Build>>;
}

/** Where the logs are that are selected from. */
export interface LogsSource {
  /** A table expression, whose columns the scope names. */
  readonly from: string;
  /** Which of its rows; undefined for all. */
  readonly where?: string;
}

/** The statement. */
export function selectSql(dialect: SelectDialect, select: Select, logs: LogsSource, scope: Scope): string {
  if (select.from === undefined) return new SelectWriter(dialect, select, scope).write(logs);
  const from = `(${selectSql(dialect, select.from, logs, scope)})`;
  return new SelectWriter(dialect, select, innerScope(dialect, select.from, scope)).write({ from });
}

/** How many SELECTs stand within a SELECT. */
function depthOf({ from }: Select): number {
  return from === undefined ? 0 : 1 + depthOf(from);
}

function innerScope(dialect: SelectDialect, select: Select, logs: Scope): Scope {
  const names = columnNames(select, logs);
  const column = (name: string) => {
    const place = names.findIndex((each) => each.toLowerCase() === name.toLowerCase());
    return place === -1 ? undefined : dialect.alias(names[place]!, place, depthOf(select));
  };
  return { names, column };
}

/** What the columns of a SELECT's answer are called; the logs' own names stand for a star. */
export function columnNames(select: Select, logs: Scope): string[] {
  const within = select.from === undefined ? logs.names : columnNames(select.from, logs);
  return select.items.flatMap((item, place) => (item.star ? [...within] : [nameOf(item.value, item.alias, place)]));
}

/** What a column of the answer is called: its alias, the column it is, the function it calls, or its number. */
function nameOf(value: Expression, alias: string | undefined, place: number): string {
  if (alias !== undefined) return alias;
  if (value.kind === "column") return value.name;
  return value.kind === "call" ? value.name.toLowerCase() : `_col${place}`;
}

const comparisons: ReadonlySet<string> = new Set(["=", "<>", "!=", "<", "<=", ">", ">=", "LIKE", "AND", "OR"]);

/** Whether a value is true or false, as far as it can be seen from how it is written. */
function isCondition(value: Expression): boolean {
  switch (value.kind) {
    case "in":
    case "between":
    case "null":
      return true;
    case "binary":
      return comparisons.has(value.operator);
    case "unary":
      return value.operator === "NOT";
    case "call":
      return value.name.toLowerCase() === "regexp_like";
    default:
      return false;
  }
}

class SelectWriter {
  private readonly dialect: SelectDialect;
  private readonly select: Select;
  private readonly scope: Scope;

  constructor(dialect: SelectDialect, select: Select, scope: Scope) {
    this.dialect = dialect;
    this.select = select;
    this.scope = scope;
  }

  write({ from, where }: LogsSource): string {
    const { select } = this;
    const items = select.items.flatMap((item, place) => {
      if (item.star) return this.scope.names.map((name) => [this.scope.column(name)!, name] as const);
      return [[this.dialect.shown(this.expression(item.value), isCondition(item.value)), nameOf(item.value, item.alias, place)] as const];
    });
    const columns = items.map(([value, name], place) => `${value} AS ${this.dialect.alias(name, place, depthOf(select))}`);
    const parts = [`SELECT ${columns.join(", ")} FROM ${from} AS logs`];
    const conditions = [...(where === undefined ? [] : [where]), ...(select.where === undefined ? [] : [this.expression(select.where)])];
    if (conditions.length > 0) parts.push(`WHERE ${conditions.join(" AND ")}`);
    if (select.groupBy.length > 0) parts.push(`GROUP BY ${select.groupBy.map((each) => this.named(each)).join(", ")}`);
    if (select.having !== undefined) parts.push(`HAVING ${this.named(select.having)}`);
    const order = select.orderBy.map(({ value, descending }) => `${this.named(value)} ${descending ? "DESC" : "ASC"} NULLS LAST`);
    if (order.length > 0) parts.push(`ORDER BY ${order.join(", ")}`);
    return `${parts.join(" ")} LIMIT ${select.limit} OFFSET ${select.offset}`;
  }

  /** An expression where the names of the answer's columns may stand too: they are replaced by what they stand for. */
  private named(value: Expression): string {
    if (value.kind === "number" && /^\d+$/.test(value.text)) return value.text;
    const aliases = new Map(this.select.items.flatMap((item) => (item.star || item.alias === undefined ? [] : [[item.alias.toLowerCase(), item.value] as const])));
    return this.expression(value, aliases);
  }

  private expression(value: Expression, aliases?: ReadonlyMap<string, Expression>): string {
    const sql = (inner: Expression) => this.expression(inner, aliases);
    switch (value.kind) {
      case "column": {
        const meant = aliases?.get(value.name.toLowerCase());
        return meant === undefined ? this.column(value.name, value.at) : this.expression(meant);
      }
      case "number":
        return value.text.includes(".") ? `${value.text}e0` : value.text;
      case "text":
        return this.dialect.text(value.text);
      case "constant":
        return value.value;
      case "interval":
        return `INTERVAL ${value.count} ${value.unit}`;
      case "call":
        return this.call(value, value.arguments.map(sql));
      case "cast":
        return this.dialect.cast(sql(value.value), value.type, value.type === "timestamp" && value.value.kind === "column" && value.value.name === "__TIMESTAMP__");
      case "unary":
        return `(${value.operator} ${sql(value.value)})`;
      case "binary":
        return this.dialect.binary(value.operator === "!=" ? "<>" : value.operator, sql(value.left), sql(value.right));
      case "in":
        return this.dialect.among(sql(value.value), value.list.map(sql), value.negated);
      case "between":
        return `(${sql(value.value)} ${value.negated ? "NOT " : ""}BETWEEN ${sql(value.low)} AND ${sql(value.high)})`;
      case "null":
        return `(${sql(value.value)} IS ${value.negated ? "NOT " : ""}NULL)`;
      case "case": {
        const branches = value.branches.map(([condition, then]) => `WHEN ${sql(condition)} THEN ${sql(then)}`).join(" ");
        return `(CASE ${branches} ELSE ${value.otherwise === undefined ? "NULL" : sql(value.otherwise)} END)`;
      }
    }
  }

  private column(name: string, at: number): string {
    const column = this.scope.column(name);
    if (column !== undefined) return column;
    const names = this.scope.names.slice(0, 20).join(", ");
    throw new QuerySyntaxError(`${JSON.stringify(name)} is no column here: keys need SqlFlag in the index; there are ${names || "none"}`, at);
  }

  private call(value: Expression & { kind: "call" }, given: readonly string[]): string {
    const name = value.name.toLowerCase();
    const takes = Object.hasOwn(offered, name) ? offered[name as FunctionName] : undefined;
    if (takes === undefined) throw new QuerySyntaxError(`the function ${value.name} is not offered; there are ${Object.keys(offered).join(", ")}`, value.at);
    const [least, most] = takes;
    const isRight = given.length >= least && given.length <= most && (!value.star || name === "count");
    if (!isRight) throw new QuerySyntaxError(`${name} takes ${least === most ? least : `${least} to ${most}`} values, not ${given.length}`, value.at);
    if (value.distinct && !["count", "sum", "avg", "min", "max"].includes(name)) throw new QuerySyntaxError(`DISTINCT does not go with ${name}`, value.at);
    return this.dialect.functions[name as FunctionName](given, value.distinct ? "DISTINCT " : "", value.arguments);
  }
}
