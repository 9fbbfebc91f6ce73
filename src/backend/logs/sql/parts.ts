/** What SELECTs and expressions are made of. */
import type { Expression, Select } from "./ast.ts";

/** Functions that make one value of those of many rows. */
export const aggregates: ReadonlySet<string> = new Set([
  ...["count", "count_if", "sum", "avg", "min", "max", "max_by", "min_by", "approx_distinct", "approx_percentile"],
]);

/** The expressions that an expression is made of. */
export function partsOf(value: Expression): readonly Expression[] {
  switch (value.kind) {
    case "call":
      return value.arguments;
    case "element":
      return [value.list];
    case "cast":
    case "unary":
    case "null":
      return [value.value];
    case "binary":
      return [value.left, value.right];
    case "in":
      return [value.value, ...value.list];
    case "between":
      return [value.value, value.low, value.high];
    case "case":
      return [...value.branches.flat(), ...(value.otherwise === undefined ? [] : [value.otherwise])];
    default:
      return [];
  }
}

/** An expression and all that it is made of. */
export function* withParts(value: Expression): Generator<Expression> {
  yield value;
  for (const part of partsOf(value)) yield* withParts(part);
}

/** All expressions of a SELECT, without those of the SELECT within. */
export function* expressionsOf({ items, where, groupBy, having, orderBy }: Select): Generator<Expression> {
  const given = [...items.flatMap((item) => (item.star ? [] : [item.value])), where, ...groupBy, having, ...orderBy.map(({ value }) => value)];
  for (const each of given) if (each !== undefined) yield* withParts(each);
}
