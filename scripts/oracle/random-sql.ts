/** Random SELECTs, as the text that users write and as what it means. */
import type { IndexedKey } from "../../src/backend/logs/topic.ts";
import type { Cells, Item, PlainSelect, Truth } from "../../test/support/naive-sql.ts";
import type { Chance } from "./chance.ts";

/** A SELECT in both forms. */
export interface RandomSelect {
  readonly text: string;
  readonly meaning: PlainSelect;
}

interface Written<T> {
  readonly text: string;
  readonly meaning: T;
}

type Condition = Written<(row: Cells) => Truth>;

/** A SELECT over keys that have `sql`; undefined where there are none. */
export function randomSelect(chance: Chance, keys: readonly IndexedKey[]): RandomSelect | undefined {
  if (keys.length === 0) return undefined;
  const isGrouped = chance.percent(70);
  const items = isGrouped ? groupedItems(chance, keys) : chance.many(1, 3, () => column(chance.of(keys).key));
  const where = chance.percent(40) ? condition(chance, keys, 1) : undefined;
  const names = items.map(({ meaning }, place) => (meaning.kind === "column" ? "" : ` as c${place}`));
  const key = (place: number) => (items[place]!.meaning.kind === "column" ? items[place]!.text : `c${place}`);
  const groups = items.flatMap(({ meaning }, place) => (isGrouped && (meaning.kind === "column" || meaning.kind === "stretch") ? [place] : []));
  // A sum first, if at all; then all that tells the rows apart.
  const sums = items.flatMap((_, place) => (isGrouped && !groups.includes(place) && chance.percent(40) ? [place] : []));
  const order = [...(isExact(items) ? sums.slice(0, 1) : []), ...(isGrouped ? groups : items.map((_, place) => place))];
  const orderBy = order.map((place) => ({ place, descending: chance.percent(50) }));
  const [limit, offset] = [chance.of([1, 3, 10, 100, 1000]), chance.of([0, 0, 0, 2])];
  const parts = [
    `select ${items.map(({ text }, place) => `${text}${names[place]!}`).join(", ")}`,
    ...(where === undefined ? [] : [`where ${where.text}`]),
    ...(groups.length > 0 ? [`group by ${groups.map(key).join(", ")}`] : []),
    ...(orderBy.length > 0 ? [`order by ${orderBy.map(({ place, descending }) => `${key(place)}${descending ? " desc" : ""}`).join(", ")}`] : []),
    `limit ${limit}${offset === 0 ? "" : ` offset ${offset}`}`,
  ];
  const meaning = { items: items.map((item) => item.meaning), isGrouped, where: where?.meaning, orderBy, limit, offset };
  return { text: parts.join(" "), meaning };
}

/** Sums of fractions depend on their order in the last place: answers are not ordered by them. */
function isExact(items: readonly Written<Item>[]): boolean {
  return items.every(({ meaning }) => meaning.kind !== "avg" && meaning.kind !== "sum");
}

const name = (key: string) => `"${key}"`;
const column = (key: string): Written<Item> => ({ text: name(key), meaning: { kind: "column", name: key } });

const stretches = [["1 minute", 60_000], ["10 minute", 600_000], ["1 hour", 3_600_000]] as const;

function groupedItems(chance: Chance, keys: readonly IndexedKey[]): Written<Item>[] {
  const groups = chance.many(0, 2, () => column(chance.of(keys).key));
  const distinct = groups.filter((each, place) => groups.findIndex(({ text }) => text === each.text) === place);
  if (chance.percent(20)) {
    const [words, ms] = chance.of(stretches);
    distinct.unshift({ text: `histogram(cast(__TIMESTAMP__ as timestamp), interval ${words})`, meaning: { kind: "stretch", ms } });
  }
  return [...distinct, ...chance.many(1, 3, () => summedItem(chance, keys))];
}

function summedItem(chance: Chance, keys: readonly IndexedKey[]): Written<Item> {
  const numbers = keys.filter(({ type }) => type === "long" || type === "double");
  const anyKey = chance.of(keys).key;
  const kinds = numbers.length > 0 ? (["all", "count", "distinct", "if", "sum", "min", "max", "avg"] as const) : (["all", "count", "distinct", "if", "min", "max"] as const);
  const kind = chance.of(kinds);
  if (kind === "all") return { text: "count(*)", meaning: { kind: "count" } };
  if (kind === "count") return { text: `count(${name(anyKey)})`, meaning: { kind: "count", name: anyKey } };
  if (kind === "distinct") return { text: `count(distinct ${name(anyKey)})`, meaning: { kind: "countDistinct", name: anyKey } };
  if (kind === "min" || kind === "max") return { text: `${kind}(${name(anyKey)})`, meaning: { kind, name: anyKey } };
  if (kind === "if") {
    const inner = condition(chance, keys, 1);
    return { text: `count_if(${inner.text})`, meaning: { kind: "countIf", condition: inner.meaning } };
  }
  const { key } = chance.of(numbers);
  return { text: `${kind}(${name(key)})`, meaning: { kind, name: key } };
}

const wholes = ["0", "1", "6", "17", "22", "60", "80", "443", "3389", "65535", "5000000000"] as const;
const words = ["ACCEPT", "REJECT", "-", "203.0.113.12", "2001:db8::1", "OK", "22", "80", "error", "eni-lq6mkcis", "it's"] as const;

function condition(chance: Chance, keys: readonly IndexedKey[], depth: number): Condition {
  if (depth > 0 && chance.percent(40)) {
    const [left, right] = [condition(chance, keys, depth - 1), condition(chance, keys, depth - 1)];
    return chance.percent(50)
      ? { text: `(${left.text} and ${right.text})`, meaning: (row) => both(left.meaning(row), right.meaning(row)) }
      : { text: `(${left.text} or ${right.text})`, meaning: (row) => not(both(not(left.meaning(row)), not(right.meaning(row)))) };
  }
  if (depth > 0 && chance.percent(20)) {
    const inner = condition(chance, keys, depth - 1);
    return { text: `not (${inner.text})`, meaning: (row) => not(inner.meaning(row)) };
  }
  const { key, type } = chance.of(keys);
  if (chance.percent(10)) return { text: `${name(key)} is null`, meaning: (row) => row[key] === null };
  if (chance.percent(10)) return { text: `${name(key)} is not null`, meaning: (row) => row[key] !== null };
  return type === "long" || type === "double" ? ofNumber(chance, key) : ofText(chance, key);
}

const comparisons = {
  "=": (a: number, b: number) => a === b,
  "<>": (a: number, b: number) => a !== b,
  "<": (a: number, b: number) => a < b,
  ">=": (a: number, b: number) => a >= b,
} as const;

/** Nothing compares to neither. */
const known = (row: Cells, key: string, test: (value: number | string) => boolean): Truth => {
  const value = row[key]!;
  return value === null ? null : test(typeof value === "bigint" ? Number(value) : value);
};

function ofNumber(chance: Chance, key: string): Condition {
  const [a, b] = [chance.of(wholes), chance.of(wholes)];
  if (chance.percent(20)) return { text: `${name(key)} in (${a}, ${b})`, meaning: (row) => known(row, key, (value) => value === Number(a) || value === Number(b)) };
  if (chance.percent(20)) return { text: `${name(key)} between ${a} and ${b}`, meaning: (row) => known(row, key, (value) => Number(value) >= Number(a) && Number(value) <= Number(b)) };
  const operator = chance.of(["=", "<>", "<", ">="] as const);
  return { text: `${name(key)} ${operator} ${a}`, meaning: (row) => known(row, key, (value) => comparisons[operator](Number(value), Number(a))) };
}

function ofText(chance: Chance, key: string): Condition {
  const [a, b] = [chance.of(words), chance.of(words)];
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  if (chance.percent(20)) return { text: `${name(key)} in (${quoted(a)}, ${quoted(b)})`, meaning: (row) => known(row, key, (value) => value === a || value === b) };
  if (chance.percent(25)) {
    const part = a.slice(0, 3);
    return { text: `${name(key)} like ${quoted(`%${part}%`)}`, meaning: (row) => known(row, key, (value) => String(value).includes(part)) };
  }
  const isEqual = chance.percent(60);
  return { text: `${name(key)} ${isEqual ? "=" : "<>"} ${quoted(a)}`, meaning: (row) => known(row, key, (value) => (value === a) === isEqual) };
}

const not = (truth: Truth): Truth => (truth === null ? null : !truth);
const both = (a: Truth, b: Truth): Truth => (a === false || b === false ? false : a === null || b === null ? null : true);
