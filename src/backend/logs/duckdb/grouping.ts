/**
 * Which SELECTs can be answered from rows that were grouped and summed before: those whose aggregates are counts and
 * sums, or do not mind how often a value comes.
 */
import type { Expression, Select } from "../sql/ast.ts";
import { aggregates, partsOf } from "../sql/parts.ts";

/** What a SELECT needs of grouped rows. */
export interface Grouping {
  /** Columns whose values are kept apart. */
  readonly keys: ReadonlySet<string>;
  /** Columns of which only sums are asked for. */
  readonly sums: ReadonlySet<string>;
  /** Those of the keys of which nothing is made: only their values' being the same or not matters, up to the end. */
  readonly untouched: ReadonlySet<string>;
}

/** Aggregates that grouped rows can answer; of these, `sum` and `avg` only over a column that is summed. */
const answerable: ReadonlySet<string> = new Set(["count", "count_if", "sum", "avg", "min", "max", "approx_distinct"]);

type Aliases = ReadonlyMap<string, Expression>;

/** The aliases of a SELECT's items, in lower case. */
export function aliasesOf(select: Select): Aliases {
  return new Map(select.items.flatMap((item) => (item.star || item.alias === undefined ? [] : [[item.alias.toLowerCase(), item.value] as const])));
}

const noAliases: Aliases = new Map();

/** Reads the needs from a SELECT over logs; undefined where grouped rows cannot answer it. */
export function groupingOf(select: Select, nameOf: (name: string) => string | undefined, isSummed: (name: string) => boolean): Grouping | undefined {
  if (select.from !== undefined || select.items.some(({ star }) => star)) return undefined;
  const found = { keys: new Set<string>(), sums: new Set<string>(), touched: new Set<string>(), aggregates: 0 };
  let isAnswerable = true;

  const key = (name: string, isBare: boolean) => {
    const column = nameOf(name);
    if (column === undefined) return void (isAnswerable = false);
    found.keys.add(column);
    if (!isBare) found.touched.add(column);
  };
  const aggregate = (call: Expression & { kind: "call" }, aliases: Aliases) => {
    const name = call.name.toLowerCase();
    const [first] = call.arguments;
    found.aggregates++;
    if (!answerable.has(name)) isAnswerable = false;
    if ((name === "sum" || name === "avg") && !call.distinct) {
      const column = first?.kind === "column" ? nameOf(first.name) : undefined;
      if (column === undefined || !isSummed(column)) isAnswerable = false;
      else found.sums.add(column);
      return;
    }
    const isBare = name === "count" || name === "approx_distinct";
    for (const each of call.arguments) visit(each, isBare, aliases);
  };
  const visit = (value: Expression, isBare: boolean, aliases: Aliases): void => {
    if (value.kind === "column") {
      const meant = aliases.get(value.name.toLowerCase());
      return meant === undefined ? key(value.name, isBare) : visit(meant, isBare, noAliases);
    }
    if (value.kind === "call" && aggregates.has(value.name.toLowerCase())) return aggregate(value, aliases);
    for (const part of partsOf(value)) visit(part, false, aliases);
  };

  for (const item of select.items) if (!item.star) visit(item.value, true, noAliases);
  if (select.where !== undefined) visit(select.where, false, noAliases);
  const aliases = aliasesOf(select);
  for (const each of select.groupBy) visit(each, true, aliases);
  if (select.having !== undefined) visit(select.having, false, aliases);
  for (const { value } of select.orderBy) visit(value, false, aliases);
  const isBoth = [...found.keys].some((each) => found.sums.has(each));
  if (!isAnswerable || isBoth || (found.aggregates === 0 && select.groupBy.length === 0)) return undefined;
  return { keys: found.keys, sums: found.sums, untouched: new Set([...found.keys].filter((each) => !found.touched.has(each))) };
}
