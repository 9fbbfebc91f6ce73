/** Reads a file of expectations; refuses what it does not know by its place and value. */
import { parse, YAMLParseError } from "yaml";
import { UsageError } from "./errors.ts";

/** What a number may be. */
export interface Bound {
  readonly min: number;
  readonly max: number;
}

/** One expectation: which records, and what they come to. */
export interface Check {
  readonly name: string;
  readonly topics: readonly string[];
  readonly query: string;
  readonly syntax: "cql" | "lucene";
  /** Fields of the record that must be exactly so. */
  readonly match: Readonly<Record<string, string>>;
  readonly expect: Readonly<Partial<Record<"records" | "packets" | "bytes", Bound>>>;
}

const commonKeys = ["name", "topic", "topics", "expect"];
const measures = ["records", "packets", "bytes"];

/** The checks of a file, records first. */
export function readChecks(text: string, file: string): Check[] {
  const root = asMap(parseYaml(text, file), file);
  refuseOthers(root, ["records", "searches"], file);
  const records = asList(root["records"], `${file}: records`).map((item, index) =>
    readCheck(item, `${file}: records[${index}]`, ["match"]),
  );
  const searches = asList(root["searches"], `${file}: searches`).map((item, index) =>
    readCheck(item, `${file}: searches[${index}]`, ["query", "syntax"]),
  );
  const checks = [...records, ...searches];
  if (checks.length === 0) throw new UsageError(`${file}: it holds no expectation under records or searches`);
  return checks;
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    if (error instanceof YAMLParseError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function readCheck(item: unknown, place: string, ownKeys: readonly string[]): Check {
  const map = asMap(item, place);
  refuseOthers(map, [...commonKeys, ...ownKeys], place);
  const name = map["name"];
  if (typeof name !== "string" || name === "") throw wrong(`${place}.name`, name, "a text");
  const syntax = map["syntax"] ?? "cql";
  if (syntax !== "cql" && syntax !== "lucene") throw wrong(`${place}.syntax`, syntax, "cql or lucene");
  const query = map["query"] ?? "";
  if (typeof query !== "string") throw wrong(`${place}.query`, query, "a text");
  const topics = map["topic"] === undefined ? asList(map["topics"], `${place}.topics`) : [map["topic"]];
  const match = Object.entries(asMap(map["match"] ?? {}, `${place}.match`));
  return {
    name,
    topics: topics.map(String),
    query,
    syntax,
    match: Object.fromEntries(match.map(([key, value]) => [key, String(value)])),
    expect: readExpect(map["expect"], `${place}.expect`),
  };
}

function readExpect(value: unknown, place: string): Check["expect"] {
  const map = asMap(value, place);
  refuseOthers(map, measures, place);
  if (Object.keys(map).length === 0) throw wrong(place, value, `one of ${measures.join(", ")}`);
  return Object.fromEntries(Object.entries(map).map(([key, bound]) => [key, readBound(bound, `${place}.${key}`)]));
}

function readBound(value: unknown, place: string): Bound {
  if (isCount(value)) return { min: value, max: value };
  const map = asMap(value, place);
  refuseOthers(map, ["min", "max"], place);
  const { min = 0, max = Number.POSITIVE_INFINITY } = map;
  if (!isCount(min)) throw wrong(`${place}.min`, min, "a whole number");
  if (max !== Number.POSITIVE_INFINITY && !isCount(max)) throw wrong(`${place}.max`, max, "a whole number");
  return { min, max };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function asMap(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(place, value, "a map");
  return value as Record<string, unknown>;
}

function asList(value: unknown, place: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(place, value, "a list");
  return value;
}

function refuseOthers(map: Record<string, unknown>, known: readonly string[], place: string): void {
  const other = Object.keys(map).find((key) => !known.includes(key));
  if (other !== undefined) throw new UsageError(`${place}: ${JSON.stringify(other)} must be one of ${known.join(", ")}`);
}

function wrong(place: string, value: unknown, wanted: string): UsageError {
  return new UsageError(`${place}: ${JSON.stringify(value) ?? "nothing"} must be ${wanted}`);
}
