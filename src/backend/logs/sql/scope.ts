/** What names mean in a SELECT: columns of the logs, or of the SELECT within. */
import type { Expression, Select } from "./ast.ts";
import { compared, earlierTimes } from "./compare.ts";

/** What a value is, as far as it can be seen from how it is written: a moment, a list of so many elements, or neither. */
export type Nature = "moment" | "plain" | { readonly elements: number };

/** What a name means: the SQL of its column; undefined for a name that there is not. */
export interface Scope {
  readonly column: (name: string) => string | undefined;
  readonly nature: (name: string) => Nature;
  /** All names, for a star and for the words of a refusal. */
  readonly names: readonly string[];
}

/** A column of a SELECT's answer. */
interface AnswerColumn {
  readonly name: string;
  readonly nature: Nature;
}

/** What names mean over a SELECT; `column` gives the SQL of one of its answer's columns. */
export function scopeOver(select: Select, logs: Scope, column: (name: string, place: number) => string): Scope {
  const columns = answerColumns(select, logs);
  const placeOf = (name: string) => columns.findIndex((each) => each.name.toLowerCase() === name.toLowerCase());
  return {
    names: columns.map(({ name }) => name),
    nature: (name) => columns[placeOf(name)]?.nature ?? "plain",
    column(name) {
      const place = placeOf(name);
      return place === -1 ? undefined : column(columns[place]!.name, place);
    },
  };
}

/** What the columns of a SELECT's answer are called; the logs' own names stand for a star. */
export function columnNames(select: Select, logs: Scope): string[] {
  return answerColumns(select, logs).map(({ name }) => name);
}

function answerColumns(select: Select, logs: Scope): AnswerColumn[] {
  const within = select.from === undefined ? logs.names.map((name): AnswerColumn => ({ name, nature: logs.nature(name) })) : answerColumns(select.from, logs);
  const nature = (name: string) => within.find((each) => each.name.toLowerCase() === name.toLowerCase())?.nature ?? "plain";
  return select.items.flatMap((item, place) => (item.star ? within : [{ name: nameOf(item.value, item.alias, place), nature: natureOf(item.value, nature) }]));
}

/** What a column of the answer is called: its alias, the column it is, the function it calls, or its number. */
export function nameOf(value: Expression, alias: string | undefined, place: number): string {
  if (alias !== undefined) return alias;
  if (value.kind === "column") return value.name;
  return value.kind === "call" ? value.name.toLowerCase() : `_col${place}`;
}

const moments: ReadonlySet<string> = new Set(["histogram", "date_trunc", "from_unixtime"]);

/** Functions that give one of the values that they are given first. */
const choosing: ReadonlySet<string> = new Set(["min", "max", "min_by", "max_by", "coalesce", "nullif", "greatest", "least"]);

/** What a value is; `column` says it of the columns. */
export function natureOf(value: Expression | undefined, column: (name: string) => Nature): Nature {
  const of = (part: Expression | undefined) => natureOf(part, column);
  switch (value?.kind) {
    case "column":
      return column(value.name);
    case "cast":
      return value.type === "timestamp" ? "moment" : "plain";
    case "binary":
      return (value.operator === "+" || value.operator === "-") && (value.right.kind === "interval" ? of(value.left) : value.left.kind === "interval" && of(value.right)) === "moment" ? "moment" : "plain";
    case "case":
      return of(value.branches[0]?.[1]);
    case "call": {
      const name = value.name.toLowerCase();
      if (moments.has(name)) return "moment";
      if (compared(value) !== undefined) return { elements: 1 + 2 * earlierTimes(value).length };
      return choosing.has(name) ? of(value.arguments[0]) : name === "if" ? of(value.arguments[1]) : "plain";
    }
    default:
      return "plain";
  }
}
