/**
 * `compare(x, N, ...)`: a value beside what it was N seconds before. The SELECT within is answered anew for each earlier
 * time, and its rows are matched by the columns that are not compared. Source: the service's page on comparison functions.
 */
import { QuerySyntaxError } from "../query/ast.ts";
import type { Expression, Select } from "./ast.ts";
import { aggregates, expressionsOf, withParts } from "./parts.ts";

type Call = Expression & { readonly kind: "call" };

/** Earliest time that can be compared with: a year of 366 days, as the page has it. */
const maxSeconds = 31_622_400;

/** Most earlier times of a SELECT. */
export const maxEarlierTimes = 8;

/** What a SELECT compares. */
export interface Comparison {
  /** The earlier times, by how many seconds they lie before; each once. */
  readonly seconds: readonly number[];
  /** The columns of the SELECT within whose values are compared, in lower case: by all others rows are matched. */
  readonly columns: ReadonlySet<string>;
  /** Where the first `compare` stands. */
  readonly at: number;
}

/** What a call compares; undefined where it is another function's. */
export function compared(call: Call): Expression | undefined {
  return isCompare(call) ? call.arguments[0] : undefined;
}

function isCompare({ name }: Call): boolean {
  return name.toLowerCase() === "compare";
}

/** With which earlier times a call compares, in seconds before. */
export function earlierTimes(call: Call): number[] {
  return call.arguments.slice(1).map((value) => {
    const seconds = value.kind === "number" ? Number(value.text) : Number.NaN;
    if (Number.isInteger(seconds) && seconds >= 1 && seconds <= maxSeconds) return seconds;
    throw new QuerySyntaxError(`compare takes a whole number of seconds from 1 to ${maxSeconds}, not ${shown(value)}`, value.at);
  });
}

function shown(value: Expression): string {
  if (value.kind === "number") return value.text;
  if (value.kind === "text") return JSON.stringify(value.text);
  if (value.kind === "unary" && value.operator === "-") return `-${shown(value.value)}`;
  if (value.kind === "column") return value.name;
  return value.kind === "constant" ? value.value : "a value that is computed";
}

/** What a SELECT compares; undefined where it compares nothing. A `compare` that cannot be answered is refused. */
export function comparisonOf(select: Select): Comparison | undefined {
  const seconds = new Set<number>();
  const columns = new Set<string>();
  let at = Number.POSITIVE_INFINITY;
  for (const call of expressionsOf(select)) {
    if (call.kind !== "call" || !isCompare(call)) continue;
    if (select.from === undefined) throw new QuerySyntaxError("compare goes over another SELECT, as in SELECT compare(n, 3600) FROM (SELECT count(*) AS n)", call.at);
    if (secondsBefore(select.from).length > 0) throw new QuerySyntaxError("compare cannot stand over a SELECT that compares", call.at);
    at = Math.min(at, call.at);
    for (const value of earlierTimes(call)) seconds.add(value);
    if (seconds.size > maxEarlierTimes) throw new QuerySyntaxError(`a SELECT compares with ${maxEarlierTimes} earlier times at most, not ${seconds.size}`, call.at);
    for (const part of call.arguments.slice(0, 1).flatMap((value) => [...withParts(value)])) {
      if (part.kind === "column") columns.add(part.name.toLowerCase());
      if (part.kind !== "call" || !(isCompare(part) || aggregates.has(part.name.toLowerCase()))) continue;
      throw new QuerySyntaxError(`compare takes a value of each row, no ${part.name.toLowerCase()} of many: that belongs into the SELECT within`, part.at);
    }
  }
  return seconds.size === 0 ? undefined : { seconds: [...seconds], columns, at };
}

/** How many seconds before its time the logs are looked at too that a statement selects from. */
export function secondsBefore(select: Select): readonly number[] {
  return [...(comparisonOf(select)?.seconds ?? []), ...(select.from === undefined ? [] : secondsBefore(select.from))];
}

/** Whether a SELECT gives one row at most: such rows go together without a column that tells them apart. */
export function givesOneRow({ items, from, groupBy, limit }: Select): boolean {
  const isAggregate = items.some((item) => !item.star && [...withParts(item.value)].some((part) => part.kind === "call" && aggregates.has(part.name.toLowerCase())));
  return limit === 1 || (groupBy.length === 0 && (isAggregate || (from !== undefined && givesOneRow(from))));
}
