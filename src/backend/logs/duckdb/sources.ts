/** Where the rows of a read are: the hot tables, and the segments that can hold what is looked for. */
import type { Place, SearchedTopic } from "../log-store.ts";
import type { Query, Syntax } from "../query/ast.ts";
import { fieldOf } from "../query/fields.ts";
import { patternsOf } from "../query/tokens.ts";
import type { AddressFilter } from "./bloom.ts";
import type { Segment } from "./catalogue.ts";
import { ConditionCompiler, not } from "./condition.ts";
import type { Dictionaries } from "./dictionaries.ts";
import { logRows } from "./log-condition.ts";
import type { RecordCells } from "./record-cells.ts";
import { addressRange, cutsAtSpaces, RecordRows } from "./record-condition.ts";
import { hotTable, Kind } from "./schema.ts";
import type { SegmentFiles } from "./segment-files.ts";
import { allOf, anyOf, sqlList, sqlText } from "./sql.ts";

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
}

/** The moment of a row in SQL, in milliseconds. */
export const rowMs = { [Kind.record]: "(CAST(start_s AS BIGINT) * 1000)", [Kind.log]: "time_ms" } as const;

/** The legs over the hot table of a kind. */
export function hotLegs(kind: Kind, wanted: Wanted, ground: Ground, hasIpv6: boolean): Leg[] {
  const topics = `topic IN (${[...wanted.topics.keys()].join(", ")})`;
  const rules = [...ground.dictionaries.rules.entries()].map(([id]) => id);
  return legs({ kind, from: hotTable[kind], rules, hasIpv6, isHot: true }, [topics], wanted, ground);
}

/** The legs over segments of one kind; those that hold the same index rules are read as one. */
export function segmentLegs(segments: readonly Segment[], wanted: Wanted, ground: Ground): Leg[] {
  const groups = new Map<string, Segment[]>();
  for (const segment of segments) {
    const key = `${segment.kind} ${segment.ipv6Logs > 0} ${segment.rules.join()}`;
    groups.set(key, [...(groups.get(key) ?? []), segment]);
  }
  return [...groups.values()].flatMap((group) => {
    const { kind, rules } = group[0]!;
    const from = `read_parquet(${sqlList(group.map(({ id }) => ground.files!.path(id)))})`;
    return legs({ kind, from, rules, hasIpv6: group[0]!.ipv6Logs > 0, isHot: false }, [], wanted, ground);
  });
}

interface Origin {
  readonly kind: Kind;
  readonly from: string;
  readonly rules: readonly number[];
  readonly hasIpv6: boolean;
  readonly isHot: boolean;
}

function legs(origin: Origin, conditions: readonly string[], wanted: Wanted, ground: Ground): Leg[] {
  const found: Leg[] = [];
  const common = [...conditions, timeRange(origin.kind, wanted), ...retention(origin.kind, wanted), ...position(origin.kind, wanted)];
  if (wanted.stream !== undefined) common.push(streamIs(origin.kind, wanted.stream, ground));
  for (const id of origin.rules) {
    const rule = ground.dictionaries.rules.get(id);
    if (rule === undefined) continue;
    const isRule = origin.rules.length === 1 && !origin.isHot ? "TRUE" : `rule = ${id}`;
    const add = (...where: readonly string[]) => {
      const all = allOf([isRule, ...common, ...where]);
      if (all !== "FALSE") found.push({ kind: origin.kind, from: origin.from, where: all });
    };
    if (origin.kind === Kind.log) {
      add(new ConditionCompiler(logRows, rule, wanted.syntax).compile(wanted.query));
      continue;
    }
    const plain = new ConditionCompiler(new RecordRows(ground.cells, false), rule, wanted.syntax);
    const notIpv6 = origin.hasIpv6 ? "family <> 6" : "TRUE";
    for (const where of addressLegs(wanted.query, plain)) add(notIpv6, where);
    if (!origin.hasIpv6) continue;
    add("family = 6", new ConditionCompiler(new RecordRows(ground.cells, true), rule, wanted.syntax).compile(wanted.query));
  }
  return found;
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

function timeRange(kind: Kind, { fromMs, toMs }: Wanted): string {
  if (kind === Kind.log) return allOf([fromMs > 0 ? `time_ms >= ${fromMs}` : "TRUE", `time_ms < ${toMs}`]);
  // A record's moment is a whole second.
  const [first, behind] = [Math.max(0, Math.ceil(fromMs / 1000)), Math.ceil(toMs / 1000)];
  return allOf([first > 0 ? `start_s >= ${first}` : "TRUE", behind > 0xffff_ffff ? "TRUE" : `start_s < ${behind}`]);
}

/** Logs that have outlived their topic's retention are not found, whether or not they are removed yet. */
function retention(kind: Kind, wanted: Wanted): string[] {
  const moment = rowMs[kind];
  return [...wanted.topics]
    .filter(([, { keptFromMs }]) => keptFromMs > wanted.fromMs)
    .map(([topic, { keptFromMs }]) => `(topic <> ${topic} OR ${moment} >= ${Math.min(keptFromMs, wanted.toMs)})`);
}

/** Behind the place where the last page ended, and not kept after the first page was asked for. */
function position(kind: Kind, { after, newestFirst, upToSequence, afterSequence }: Wanted): string[] {
  const conditions: string[] = [];
  if (afterSequence !== undefined) conditions.push(`sequence > ${afterSequence}`);
  if (upToSequence !== undefined) conditions.push(`sequence <= ${upToSequence}`);
  if (after !== undefined) {
    const behind = newestFirst === true ? "<" : ">";
    const moment = rowMs[kind];
    conditions.push(`(${moment} ${behind} ${after.timeMs} OR (${moment} = ${after.timeMs} AND sequence ${behind} ${after.sequence}))`);
  }
  return conditions;
}

function streamIs(kind: Kind, stream: string, { dictionaries }: Ground): string {
  if (kind === Kind.log) return `stream = ${sqlText(stream)}`;
  return anyOf([...dictionaries.placements.entries()].filter(([, { eni }]) => eni === stream).map(([id]) => `eni = ${id}`));
}

/** Whether a segment can hold what is looked for, as far as the filter of its addresses tells. */
export function mayHold(filter: AddressFilter, segment: Segment, wanted: Wanted, dictionaries: Dictionaries): boolean {
  // The text of an IPv6 address may hold that of an IPv4 one.
  if (segment.ipv6Logs > 0) return true;
  return segment.rules.some((id) => {
    const rule = dictionaries.rules.get(id);
    if (rule === undefined) return false;
    const pass = (query: Query): boolean => {
      if (query.kind === "and") return query.parts.every(pass);
      if (query.kind === "or") return query.parts.some(pass);
      if (query.kind !== "word" && query.kind !== "phrase") return true;
      const field = query.key === undefined ? undefined : fieldOf(query.key, rule);
      const isAddress = query.key === undefined || field?.name === "srcaddr" || field?.name === "dstaddr";
      const tokenizer = query.key === undefined ? rule.fullText?.tokenizer : field?.tokenizer;
      if (!isAddress || tokenizer === undefined || !(query.key === undefined ? cutsAtSpaces(tokenizer) : !/[0-9.-]/.test(tokenizer))) return true;
      const patterns = patternsOf(query.pieces, tokenizer);
      const range = patterns.length === 1 ? addressRange(patterns[0]!) : undefined;
      return range === undefined || range[0] !== range[1] || filter.mayHold(range[0]);
    };
    return pass(wanted.query);
  });
}
