/** The SQL part of a query as a tree. It is written anew from here for whatever engine answers it, never passed through. */

/** A value computed from columns. `at`: where it stands in the query, from 0. */
export type Expression = { readonly at: number } & (
  | { readonly kind: "column"; readonly name: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "constant"; readonly value: "NULL" | "TRUE" | "FALSE" }
  | { readonly kind: "interval"; readonly count: number; readonly unit: string }
  | { readonly kind: "call"; readonly name: string; readonly arguments: readonly Expression[]; readonly distinct: boolean; readonly star: boolean }
  | { readonly kind: "element"; readonly list: Expression; readonly place: number }
  | { readonly kind: "cast"; readonly value: Expression; readonly type: CastType }
  | { readonly kind: "unary"; readonly operator: "NOT" | "-"; readonly value: Expression }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "in"; readonly value: Expression; readonly list: readonly Expression[]; readonly negated: boolean }
  | { readonly kind: "between"; readonly value: Expression; readonly low: Expression; readonly high: Expression; readonly negated: boolean }
  | { readonly kind: "null"; readonly value: Expression; readonly negated: boolean }
  | { readonly kind: "case"; readonly branches: readonly (readonly [condition: Expression, value: Expression])[]; readonly otherwise: Expression | undefined }
);

/** Types that a value can be cast to. */
export type CastType = "bigint" | "double" | "varchar" | "timestamp" | "boolean";

/** One column of the answer; a star stands for all columns there are. */
export type Item = { readonly star: true; readonly at: number } | { readonly star: false; readonly value: Expression; readonly alias: string | undefined };

/** A SELECT over the logs that the condition before the bar finds, or over another SELECT. */
export interface Select {
  readonly items: readonly Item[];
  readonly from: Select | undefined;
  readonly where: Expression | undefined;
  readonly groupBy: readonly Expression[];
  readonly having: Expression | undefined;
  readonly orderBy: readonly { readonly value: Expression; readonly descending: boolean }[];
  /** Most rows of the answer; undefined for all, as the rows of a SELECT within are. */
  readonly limit: number | undefined;
  readonly offset: number;
}
