/** Where the rows of a read are: the hot tables, and the segments that can hold what is looked for. */
import { allOf, anyOf, not } from "../condition/boolean.ts";
import { ConditionCompiler } from "../condition/compiler.ts";
import { logMoment, placed, recordMoment, retained } from "../condition/moment.ts";
import { addressRange, cutsAtSpaces, RecordRows } from "../condition/record-condition.ts";
import { hourMs } from "../arrival.ts";
import type { IndexRule, Place, Search, SearchedTopic } from "../log-store.ts";
import type { Query, Syntax } from "../query/ast.ts";
import { fieldOf } from "../query/fields.ts";
import { patternsOf } from "../query/tokens.ts";
import type { AddressRange } from "./address-filter.ts";
import type { HotHour, Segment } from "./catalogue.ts";
import { dialect, logRows } from "./dialect.ts";
import type { Dictionaries } from "./dictionaries.ts";
import type { RecordCells } from "./record-cells.ts";
import { hotTable, Kind, sealedRows } from "./schema.ts";
import type { SegmentFiles } from "./segment-files.ts";
import { sqlText } from "./sql.ts";

/** A condition as a read asks it: by the numbers of the store's own dictionaries. */
export interface Wanted {
  readonly query: Query;
  readonly syntax: Syntax;
  /** By the topic's number. */
  readonly topics: ReadonlyMap<number, SearchedTopic>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly newestFirst?: boolean;
  readonly after?: Place;
  readonly upToSequence?: number;
  readonly afterSequence?: number;
  readonly stream?: string;
}

/** What a page of a search asks beside its condition. */
export function paging({ newestFirst, after, upToSequence, stream }: Search, { fromMs, toMs }: Wanted): Partial<Wanted> {
  return {
    newestFirst,
    // What the pages before have given is not looked at again.
    ...(after === undefined ? {} : { after, ...(newestFirst ? { toMs: Math.min(toMs, after.timeMs + 1) } : { fromMs: Math.max(fromMs, after.timeMs) }) }),
    ...(upToSequence === undefined ? {} : { upToSequence }),
    ...(stream === undefined ? {} : { stream }),
  };
}

/** What legs are made from. */
export interface Ground {
  readonly dictionaries: Dictionaries;
  readonly cells: RecordCells;
  readonly files: SegmentFiles | undefined;
}

/** Rows of one place that pass one condition; the rows of all legs together are those that are wanted, each once. */
export interface Leg {
  readonly kind: Kind;
  readonly from: string;
  readonly where: string;
  readonly hasIpv6: boolean;
  /** The segments that it is over; none for the hot table. */
  readonly segments: readonly Segment[];
}

/** The moment of a row in SQL, in milliseconds. */
export const rowMs = { [Kind.record]: recordMoment.ms, [Kind.log]: logMoment.ms } as const;

/** The legs over the hot table of a kind, of which these hours are wanted. */
export function hotLegs(kind: Kind, hours: readonly HotHour[], wanted: Wanted, ground: Ground): Leg[] {
  const topics = `topic IN (${[...wanted.topics.keys()].join(", ")})`;
  const rules = [...new Set(hours.flatMap((hour) => [...hour.rules]))];
  const hasIpv6 = hours.some(({ ipv6Logs }) => ipv6Logs > 0);
  return legs({ kind, from: hotTable[kind], rules, hasIpv6, segments: [], isWhole: false }, [topics], wanted, ground);
}

/** The legs over segments; those of the same kind and index rules, of which all is wanted or a part, are read as one. */
export function segmentLegs(segments: readonly Segment[], wanted: Wanted, ground: Ground): Leg[] {
  const groups = new Map<string, Segment[]>();
  for (const segment of segments) {
    const key = `${segment.kind} ${segment.ipv6Logs > 0} ${isWhole(segment, wanted)} ${segment.rules.join()}`;
    groups.set(key, [...(groups.get(key) ?? []), segment]);
  }
  return [...groups.values()].flatMap((group) => {
    const { kind, rules, ipv6Logs } = group[0]!;
    const from = sealedRows(kind, group.map(({ id }) => ground.files!.path(id)));
    return legs({ kind, from, rules, hasIpv6: ipv6Logs > 0, segments: group, isWhole: isWhole(group[0]!, wanted) }, [], wanted, ground);
  });
}

/** Whether the time of all of a segment's logs is wanted. */
function isWhole({ hour, topic }: Segment, { fromMs, toMs, topics }: Wanted): boolean {
  const beginMs = hour * hourMs;
  return beginMs >= fromMs && beginMs + hourMs <= toMs && beginMs >= topics.get(topic)!.keptFromMs;
}

interface Origin {
  readonly kind: Kind;
  readonly from: string;
  readonly rules: readonly number[];
  readonly hasIpv6: boolean;
  readonly segments: readonly Segment[];
  /** No log is left out for its time. */
  readonly isWhole: boolean;
}

function legs(origin: Origin, conditions: readonly string[], wanted: Wanted, ground: Ground): Leg[] {
  const moment = origin.kind === Kind.record ? recordMoment : logMoment;
  const inTime = origin.isWhole ? [] : [moment.within(wanted), ...retained(moment, wanted)];
  const { upToSequence: _, ...later } = wanted;
  const common = [...conditions, ...inTime, ...placed(moment, isAllBefore(origin, wanted) ? later : wanted)];
  if (wanted.stream !== undefined) common.push(streamIs(origin.kind, wanted.stream, ground));
  const found: Leg[] = [];
  for (const [condition, rules] of rulesByCondition(origin, wanted, ground)) {
    const isAll = origin.segments.length > 0 && rules.length === origin.rules.length;
    const where = allOf([isAll ? "TRUE" : isOneOf("rule", rules), ...common, condition]);
    if (where !== "FALSE") found.push({ ...origin, where });
  }
  return found;
}

/** What is asked of the logs of each index rule; rules of whose logs the same is asked stand together. */
function rulesByCondition(origin: Origin, wanted: Wanted, ground: Ground): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const id of origin.rules) {
    const rule = ground.dictionaries.rules.get(id);
    if (rule === undefined) continue;
    for (const condition of conditionsOf(origin, rule, wanted, ground)) found.set(condition, [...(found.get(condition) ?? []), id]);
  }
  return found;
}

/** What is asked of logs of an index rule, as conditions that exclude each other. */
function conditionsOf({ kind, hasIpv6 }: Origin, rule: IndexRule, { query, syntax }: Wanted, { cells }: Ground): string[] {
  if (kind === Kind.log) return [new ConditionCompiler(logRows, rule, syntax).compile(query)];
  const plain = addressLegs(query, new ConditionCompiler(new RecordRows(dialect, cells, false), rule, syntax));
  if (!hasIpv6) return plain;
  const ofIpv6 = new ConditionCompiler(new RecordRows(dialect, cells, true), rule, syntax).compile(query);
  if (plain.length === 1 && plain[0] === ofIpv6) return plain;
  return [...plain.map((condition) => allOf(["family <> 6", condition])), allOf(["family = 6", ofIpv6])];
}

function isOneOf(column: string, numbers: readonly number[]): string {
  return numbers.length === 1 ? `${column} = ${numbers[0]}` : `${column} IN (${numbers.join(", ")})`;
}

/**
 * A condition on records as several that exclude each other. The engine pushes `src = x` into its scan but not
 * `src = x OR dst = x`: two legs are twenty times cheaper.
 */
function addressLegs(query: Query, compiler: ConditionCompiler): string[] {
  const parts = query.kind === "and" ? query.parts : [query];
  for (const [place, part] of parts.entries()) {
    const ends = bothEnds(compiler.compile(part));
    if (ends === undefined) continue;
    const rest = parts.filter((_, other) => other !== place).map((other) => compiler.compile(other));
    return [allOf([ends.src, ...rest]), allOf([ends.dst, not(ends.src), ...rest])];
  }
  return [compiler.compile(query)];
}

/** A compiled condition on the source or the destination, apart; undefined for any other. */
function bothEnds(condition: string): { src: string; dst: string } | undefined {
  const test = String.raw`(?:= \d+|BETWEEN \d+ AND \d+)`;
  const found = new RegExp(String.raw`^\(\((src ${test})\) OR \((dst ${test})\)\)$`).exec(condition);
  return found === null ? undefined : { src: `(${found[1]!})`, dst: `(${found[2]!})` };
}

/** Whether all rows were there when the first page of a search was asked for. */
function isAllBefore({ segments }: Origin, { upToSequence }: Wanted): boolean {
  return upToSequence !== undefined && segments.length > 0 && segments.every(({ lastSequence }) => lastSequence <= upToSequence);
}

function streamIs(kind: Kind, stream: string, { dictionaries }: Ground): string {
  if (kind === Kind.log) return `stream = ${sqlText(stream)}`;
  return anyOf([...dictionaries.placements.entries()].filter(([, { eni }]) => eni === stream).map(([id]) => `eni = ${id}`));
}

/** Tells by addresses whether all of a query's words can be found: `has` says whether one of a stretch may be there. */
type AddressTest = (has: (range: AddressRange) => boolean) => boolean;

/** The segments that can hold what is looked for, as far as the filters of their addresses tell. */
export function thoseThatMayHold(segments: readonly Segment[], { query }: Wanted, { dictionaries, files }: Ground): Segment[] {
  const tests = new Map<number, AddressTest | undefined>();
  const inFilters = files?.filters.lookUp();
  const mayHold = ({ id, kind, rules }: Segment) =>
    kind === Kind.log ||
    rules.some((number) => {
      const rule = dictionaries.rules.get(number);
      if (rule === undefined) return false;
      if (!tests.has(number)) tests.set(number, addressTest(query, rule));
      const test = tests.get(number);
      return test === undefined || test((range) => inFilters!(id, range));
    });
  return segments.filter(mayHold);
}

/** What a query asks of the addresses; undefined where it asks nothing. */
function addressTest(query: Query, rule: IndexRule): AddressTest | undefined {
  if (query.kind === "and") {
    const tests = query.parts.map((part) => addressTest(part, rule)).filter((test) => test !== undefined);
    return tests.length === 0 ? undefined : (has) => tests.every((test) => test(has));
  }
  if (query.kind === "or") {
    const tests = query.parts.map((part) => addressTest(part, rule));
    return tests.includes(undefined) ? undefined : (has) => tests.some((test) => test!(has));
  }
  if (query.kind !== "word" && query.kind !== "phrase") return undefined;
  const field = query.key === undefined ? undefined : fieldOf(query.key, rule);
  const isAddress = query.key === undefined || field?.name === "srcaddr" || field?.name === "dstaddr";
  const tokenizer = query.key === undefined ? rule.fullText?.tokenizer : field?.tokenizer;
  if (!isAddress || tokenizer === undefined) return undefined;
  if (!(query.key === undefined ? cutsAtSpaces(tokenizer) : !/[0-9.-]/.test(tokenizer))) return undefined;
  const patterns = patternsOf(query.pieces, tokenizer);
  const range = patterns.length === 1 ? addressRange(patterns[0]!) : undefined;
  return range === undefined ? undefined : (has) => has(range);
}
