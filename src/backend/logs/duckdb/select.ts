/** A SELECT of the SQL part, written anew in the engine's own SQL: only what is known here gets there. */
import { QuerySyntaxError } from "../query/ast.ts";
import type { Expression, Select } from "../sql/ast.ts";
import { sqlName, sqlText } from "./sql.ts";

/** What a name means: the SQL of its column; undefined for a name that there is not. */
export type Scope = {
  readonly column: (name: string) => string | undefined;
  /** All names, for a star and for the words of a refusal. */
  readonly names: readonly string[];
  /** Where each row stands for several logs: how counts and sums are made of them. */
  readonly grouped?: Grouped;
};

/** Columns of rows that stand for several logs each. */
export interface Grouped {
  /** How many logs the row stands for. */
  readonly logs: string;
  /** The sum of a column over those logs; undefined for one that is not summed. */
  readonly sum: (name: string) => string | undefined;
}

type Build = (given: readonly string[], distinct: string) => string;

interface Callable {
  readonly least: number;
  readonly most: number;
  readonly build: Build;
}

const of = (count: number, build: Build, most = count): Callable => ({ least: count, most, build });
const same = (name: string, least: number, most = least): [string, Callable] => [name, of(least, (given) => `${name}(${given.join(", ")})`, most)];
const aggregate = (name: string): [string, Callable] => [name, of(1, ([value], distinct) => `${name}(${distinct}${value})`)];

/** The functions that are offered, by name in lower case. Source: the service's pages on SQL functions. */
const functions: ReadonlyMap<string, Callable> = new Map([
  ["count", of(0, ([value], distinct) => `count(${value === undefined ? "*" : distinct + value})`, 1)],
  ["count_if", of(1, ([condition]) => `count(*) FILTER (WHERE ${condition})`)],
  ...["sum", "avg", "min", "max"].map(aggregate),
  ["approx_distinct", of(1, ([value]) => `approx_count_distinct(${value})`)],
  ["approx_percentile", of(2, ([value, share]) => `approx_quantile(${value}, ${share})`)],
  ["max_by", of(2, ([value, by]) => `arg_max(${value}, ${by})`)],
  ["min_by", of(2, ([value, by]) => `arg_min(${value}, ${by})`)],
  ["histogram", of(2, ([time, interval]) => `time_bucket(${interval}, ${time}, TIMESTAMP '1970-01-01')`)],
  ["concat", of(1, (given) => `concat(${given.join(", ")})`, 64)],
  ["from_unixtime", of(1, ([seconds]) => `make_timestamp(CAST(${seconds} * 1000000 AS BIGINT))`)],
  ["to_unixtime", of(1, ([time]) => `epoch(${time})`)],
  ["if", of(2, ([condition, yes, no]) => `CASE WHEN ${condition} THEN ${yes} ELSE ${no ?? "NULL"} END`, 3)],
  ["regexp_like", of(2, ([value, expression]) => `regexp_matches(${value}, ${expression})`)],
  ["split_part", of(3, (given) => `split_part(${given.join(", ")})`)],
  ...[same("abs", 1), same("ceil", 1), same("floor", 1), same("round", 1, 2), same("sqrt", 1), same("ln", 1), same("mod", 2)],
  ...[same("length", 1), same("lower", 1), same("upper", 1), same("trim", 1), same("substr", 2, 3), same("replace", 3), same("strpos", 2)],
  ...[same("coalesce", 1, 64), same("nullif", 2), same("greatest", 1, 64), same("least", 1, 64), same("date_trunc", 2)],
]);

/** The statement, over a table expression whose columns the scope names. */
export function selectSql(select: Select, logs: string, scope: Scope): string {
  const from = select.from === undefined ? logs : `(${selectSql(select.from, logs, scope)})`;
  return new SelectWriter(select, select.from === undefined ? scope : innerScope(select.from, scope)).write(from);
}

function innerScope(select: Select, logs: Scope): Scope {
  const names = columnNames(select, logs);
  const column = (name: string) => {
    const found = names.find((each) => each.toLowerCase() === name.toLowerCase());
    return found === undefined ? undefined : sqlName(found);
  };
  return { names, column };
}

/** What the columns of the answer are called. */
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

class SelectWriter {
  private readonly select: Select;
  private readonly scope: Scope;

  constructor(select: Select, scope: Scope) {
    this.select = select;
    this.scope = scope;
  }

  write(from: string): string {
    const { select } = this;
    const items = select.items.flatMap((item, place) => {
      if (item.star) return this.scope.names.map((name) => `${this.scope.column(name)!} AS ${sqlName(name)}`);
      return [`${this.expression(item.value)} AS ${sqlName(nameOf(item.value, item.alias, place))}`];
    });
    const parts = [`SELECT ${items.join(", ")} FROM ${from} AS logs`];
    if (select.where !== undefined) parts.push(`WHERE ${this.expression(select.where)}`);
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
        return sqlText(value.text);
      case "constant":
        return value.value;
      case "interval":
        return `INTERVAL ${value.count} ${value.unit}`;
      case "call":
        return this.call(value, value.arguments.map(sql));
      case "cast":
        return this.cast(value, sql(value.value));
      case "unary":
        return `(${value.operator} ${sql(value.value)})`;
      case "binary":
        return `(${sql(value.left)} ${value.operator === "!=" ? "<>" : value.operator} ${sql(value.right)})`;
      case "in":
        return `(${sql(value.value)} ${value.negated ? "NOT IN" : "IN"} (${value.list.map(sql).join(", ")}))`;
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
    const callable = functions.get(name);
    if (callable === undefined) throw new QuerySyntaxError(`the function ${value.name} is not offered; there are ${[...functions.keys()].join(", ")}`, value.at);
    const isRight = given.length >= callable.least && given.length <= callable.most && (!value.star || name === "count");
    if (!isRight) throw new QuerySyntaxError(`${name} takes ${callable.least === callable.most ? callable.least : `${callable.least} to ${callable.most}`} values, not ${given.length}`, value.at);
    if (value.distinct && !["count", "sum", "avg", "min", "max"].includes(name)) throw new QuerySyntaxError(`DISTINCT does not go with ${name}`, value.at);
    const { grouped } = this.scope;
    const weighted = grouped === undefined || value.distinct ? undefined : ofGrouped(name, value, given, grouped);
    return weighted ?? callable.build(given, value.distinct ? "DISTINCT " : "");
  }

  /** A cast; what is a number and becomes a time counts milliseconds since 1970, as __TIMESTAMP__ does. */
  private cast({ value, type }: Expression & { kind: "cast" }, sql: string): string {
    const isMs = type === "timestamp" && value.kind === "column" && value.name === "__TIMESTAMP__";
    return isMs ? `epoch_ms(${sql})` : `CAST(${sql} AS ${type.toUpperCase()})`;
  }
}

/** An aggregate over rows that stand for several logs each; undefined for one that is the same for them. */
function ofGrouped(name: string, value: Expression & { kind: "call" }, [given]: readonly string[], { logs, sum }: Grouped): string | undefined {
  const count = (condition: string) => `CAST(coalesce(sum(${logs})${condition === "" ? "" : ` FILTER (WHERE ${condition})`}, 0) AS BIGINT)`;
  if (name === "count") return count(given === undefined ? "" : `${given} IS NOT NULL`);
  if (name === "count_if") return count(given!);
  const [first] = value.arguments;
  const summed = first?.kind === "column" ? sum(first.name) : undefined;
  if (summed === undefined) return undefined;
  if (name === "sum") return `sum(${summed})`;
  return name === "avg" ? `(CAST(sum(${summed}) AS DOUBLE) / sum(${logs}) FILTER (WHERE ${summed} IS NOT NULL))` : undefined;
}
