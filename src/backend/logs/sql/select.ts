/** A SELECT of the SQL part, written anew in an engine's own SQL: only what is known here gets there. */
import { QuerySyntaxError } from "../query/ast.ts";
import type { CastType, Expression, Select } from "./ast.ts";
import { compared, type Comparison, comparisonOf, earlierTimes, givesOneRow, maxEarlierTimes } from "./compare.ts";
import { nameOf, type Nature, natureOf, type Scope, scopeOver } from "./scope.ts";

/** How many values each function that is offered takes, by its name in lower case. Source: the service's pages on SQL functions. */
const offered = {
  ...{ count: [0, 1], count_if: [1, 1], sum: [1, 1], avg: [1, 1], min: [1, 1], max: [1, 1], max_by: [2, 2], min_by: [2, 2] },
  ...{ approx_distinct: [1, 1], approx_percentile: [2, 2] },
  ...{ histogram: [2, 2], date_trunc: [2, 2], from_unixtime: [1, 1], to_unixtime: [1, 1] },
  ...{ concat: [1, 64], split_part: [3, 3], regexp_like: [2, 2], length: [1, 1], lower: [1, 1], upper: [1, 1] },
  ...{ trim: [1, 1], substr: [2, 3], replace: [3, 3], strpos: [2, 2] },
  ...{ abs: [1, 1], ceil: [1, 1], floor: [1, 1], round: [1, 2], sqrt: [1, 1], ln: [1, 1], mod: [2, 2] },
  compare: [2, 1 + maxEarlierTimes],
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
  /** An element of a list, counted from 1. */
  element(list: string, place: number): string;
  /** Whether two values are the same, be they NULL. */
  isSame(left: string, right: string): string;
  /** Calls; `compare` is given the value as it is and as it was at each earlier time. */
  readonly functions: Readonly<Record<FunctionName, Build>>;
}

/** Where the logs are that are selected from. */
export interface LogsSource {
  /** A table expression, whose columns the scope names. */
  readonly from: string;
  /** Which of its rows; undefined for all. */
  readonly where?: string;
}

/** Where the logs are of some seconds before the time that is asked for; 0 for that itself. */
export type LogsBefore = (seconds: number) => LogsSource;

/** The statement. */
export function selectSql(dialect: SelectDialect, select: Select, logs: LogsBefore, scope: Scope): string {
  return selectBefore(dialect, select, scope, logs, 0);
}

function selectBefore(dialect: SelectDialect, select: Select, scope: Scope, logs: LogsBefore, seconds: number): string {
  const comparison = comparisonOf(select);
  const { from } = select;
  if (from === undefined) return new SelectWriter(dialect, select, scope).write(logs(seconds));
  const within = (earlier: number) => `(${selectBefore(dialect, from, scope, logs, earlier)})`;
  const over = (table: string) => scopeOver(from, scope, (name, place) => table + dialect.alias(name, place, depthOf(from)));
  if (comparison === undefined) return new SelectWriter(dialect, select, over("")).write({ from: within(seconds) });
  const now = over("logs.");
  if (!givesOneRow(from) && now.names.every((name) => comparison.columns.has(name.toLowerCase()))) {
    throw new QuerySyntaxError("compare has no column to match rows by: the SELECT within gives many rows, and all its columns are compared", comparison.at);
  }
  const times = comparison.seconds.map((earlier): Earlier => ({ seconds: earlier, table: `before${earlier}`, scope: over(`before${earlier}.`) }));
  const joins = times.map((time) => `LEFT JOIN ${within(time.seconds)} AS ${time.table} ON ${matching(dialect, comparison, now, time)}`);
  return new SelectWriter(dialect, select, now, times).write({ from: within(0) }, joins);
}

/** The answer of the SELECT within at an earlier time. */
interface Earlier {
  readonly seconds: number;
  readonly table: string;
  readonly scope: Scope;
}

/** Which row of an earlier time goes with one of now: that with the same values, and moments as much earlier. */
function matching(dialect: SelectDialect, { columns }: Comparison, now: Scope, { seconds, scope }: Earlier): string {
  const names = new Set(now.names.map((name) => name.toLowerCase()).filter((name) => !columns.has(name)));
  const same = [...names].map((name) => {
    const earlier = scope.column(name)!;
    return dialect.isSame(now.column(name)!, now.nature(name) === "moment" ? `(${earlier} + INTERVAL ${seconds} SECOND)` : earlier);
  });
  return same.length === 0 ? "TRUE" : same.join(" AND ");
}

/** How many SELECTs stand within a SELECT. */
function depthOf({ from }: Select): number {
  return from === undefined ? 0 : 1 + depthOf(from);
}

type Aliases = ReadonlyMap<string, Expression>;

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
  private readonly earlier: readonly Earlier[];

  constructor(dialect: SelectDialect, select: Select, scope: Scope, earlier: readonly Earlier[] = []) {
    this.dialect = dialect;
    this.select = select;
    this.scope = scope;
    this.earlier = earlier;
  }

  write({ from, where }: LogsSource, joins: readonly string[] = []): string {
    const { select } = this;
    const items = select.items.flatMap((item, place) => {
      if (item.star) return this.scope.names.map((name) => [this.scope.column(name)!, name] as const);
      return [[this.dialect.shown(this.whole(item.value), isCondition(item.value)), nameOf(item.value, item.alias, place)] as const];
    });
    const columns = items.map(([value, name], place) => `${value} AS ${this.dialect.alias(name, place, depthOf(select))}`);
    const parts = [`SELECT ${columns.join(", ")} FROM ${from} AS logs`, ...joins];
    const conditions = [...(where === undefined ? [] : [where]), ...(select.where === undefined ? [] : [this.expression(select.where)])];
    if (conditions.length > 0) parts.push(`WHERE ${conditions.join(" AND ")}`);
    if (select.groupBy.length > 0) parts.push(`GROUP BY ${select.groupBy.map((each) => this.named(each)).join(", ")}`);
    if (select.having !== undefined) parts.push(`HAVING ${this.named(select.having)}`);
    const order = select.orderBy.map(({ value, descending }) => `${this.named(value)} ${descending ? "DESC" : "ASC"} NULLS LAST`);
    if (order.length > 0) parts.push(`ORDER BY ${order.join(", ")}`);
    if (select.limit !== undefined) parts.push(`LIMIT ${select.limit} OFFSET ${select.offset}`);
    return parts.join(" ");
  }

  /** An expression where the names of the answer's columns may stand too: they are replaced by what they stand for. */
  private named(value: Expression): string {
    if (value.kind === "number" && /^\d+$/.test(value.text)) return value.text;
    const aliases = new Map(this.select.items.flatMap((item) => (item.star || item.alias === undefined ? [] : [[item.alias.toLowerCase(), item.value] as const])));
    return this.expression(value, aliases);
  }

  private expression(value: Expression, aliases?: Aliases): string {
    if (typeof this.nature(value, aliases) === "object") throw new QuerySyntaxError("a list that compare gives is shown whole or by its elements, as in d[1]", value.at);
    return this.whole(value, aliases);
  }

  private nature(value: Expression, aliases?: Aliases): Nature {
    return natureOf(value, (name) => {
      const meant = aliases?.get(name.toLowerCase());
      return meant === undefined ? this.scope.nature(name) : natureOf(meant, this.scope.nature);
    });
  }

  /** A value that may be a list. */
  private whole(value: Expression, aliases?: Aliases): string {
    const sql = (inner: Expression) => this.expression(inner, aliases);
    switch (value.kind) {
      case "column": {
        const meant = aliases?.get(value.name.toLowerCase());
        return meant === undefined ? this.column(value.name, value.at) : this.whole(meant);
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
        return compared(value) === undefined ? this.call(value, value.arguments.map(sql)) : this.compare(value, compared(value)!);
      case "element":
        return this.element(value, aliases);
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

  private element({ list, place, at }: Expression & { kind: "element" }, aliases?: Aliases): string {
    const nature = this.nature(list, aliases);
    if (typeof nature !== "object") throw new QuerySyntaxError(`[${place}] stands behind a list, and only compare gives one`, list.at);
    if (place < 1 || place > nature.elements) throw new QuerySyntaxError(`the list has elements 1 to ${nature.elements}, not ${place}`, at);
    return this.dialect.element(this.whole(list, aliases), place);
  }

  /** The value as it is, and as it was in the rows of each earlier time; only columns of the SELECT within can be compared. */
  private compare(call: Expression & { kind: "call" }, value: Expression): string {
    if (this.nature(value) === "moment") throw new QuerySyntaxError("compare takes a number, not a time", value.at);
    const before = earlierTimes(call).map((seconds) => {
      const { scope } = this.earlier.find((each) => each.seconds === seconds)!;
      return new SelectWriter(this.dialect, this.select, scope).expression(value);
    });
    return this.call(call, [this.expression(value), ...before]);
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
