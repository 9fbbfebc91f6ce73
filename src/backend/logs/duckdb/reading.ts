/** Reads of the embedded store: what one state of the database and its segments answers. */
import { hourMs } from "../arrival.ts";
import type { KeptLog, Place } from "../log-store.ts";
import type { Segment, State } from "./catalogue.ts";
import type { Run } from "./engine.ts";
import { keptLog } from "./logs.ts";
import { recordLog } from "./records.ts";
import type { RollUp } from "./roll-ups.ts";
import { placesOf } from "./rolled-legs.ts";
import { hotTable, Kind, logColumns, recordColumns, rowsOf, sealedRows } from "./schema.ts";
import { type Ground, hotLegs, type Leg, rowMs, segmentLegs, thoseThatMayHold, type Wanted } from "./sources.ts";

/** One state of the store, as a read sees it from its beginning to its end. */
export interface Snapshot extends State {
  readonly run: Run;
  /** Those that can be read. */
  readonly readable: (segments: readonly Segment[]) => Promise<readonly Segment[]>;
  /** Whether a segment has a roll-up that can be read. */
  readonly hasRollUp: (segment: Segment, name: RollUp) => Promise<boolean>;
  readonly ground: Ground;
}

/** Most hours that are asked for at once: a search for the latest logs goes back in growing steps. */
const maxStepHours = 64;

/** The first `limit` logs that are wanted, in order of time. */
export async function firstLogs(snapshot: Snapshot, wanted: Wanted, limit: number): Promise<KeptLog[]> {
  const segments = await candidates(snapshot, wanted);
  const found: KeptLog[] = [];
  // Where an address rules most segments out, little is found; else the first step tells.
  let mayFindMany = segments.length * 2 > inRange(snapshot, wanted).length;
  for (const step of steps(snapshot, segments, wanted, mayFindMany ? 1 : fewSegments)) {
    const inStep = segments.filter(({ hour }) => hour * hourMs < step.toMs && (hour + 1) * hourMs > step.fromMs);
    found.push(...(await logsOf(snapshot, inStep, { ...wanted, ...step }, { limit: limit - found.length, mayFindMany })));
    if (found.length >= limit) break;
    mayFindMany = false;
  }
  return found;
}

function inRange({ catalogue }: Snapshot, { topics, fromMs, toMs }: Wanted): Segment[] {
  return catalogue.segments.filter(({ topic, hour }) => topics.has(topic) && hour * hourMs < toMs && (hour + 1) * hourMs > fromMs);
}

/** The segments that can hold what is wanted. */
export function candidates(snapshot: Snapshot, wanted: Wanted): Promise<readonly Segment[]> {
  return snapshot.readable(thoseThatMayHold(inRange(snapshot, wanted), wanted, snapshot.ground));
}

/** A stretch of the time that is wanted. */
export interface Step {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Segments that are read at once where little is found in each. */
const fewSegments = 24;

/** Stretches of time that together are the range that is wanted, in the order in which they are asked. */
export function* steps({ hotHours }: Snapshot, segments: readonly Segment[], wanted: Wanted, firstHours: number): Generator<Step> {
  const { fromMs, toMs, topics, newestFirst } = wanted;
  const hot = hotHours.filter(({ topic }) => topics.has(topic)).map(({ hour }) => hour);
  const hours = [...new Set([...segments.map(({ hour }) => hour), ...hot])]
    .filter((hour) => hour * hourMs < toMs && (hour + 1) * hourMs > fromMs)
    .toSorted((a, b) => (newestFirst === true ? b - a : a - b));
  let edge = newestFirst === true ? toMs : fromMs;
  let size = firstHours;
  for (let place = size; place < hours.length; place += size) {
    const last = hours[place - 1]!;
    const next = newestFirst === true ? last * hourMs : (last + 1) * hourMs;
    yield newestFirst === true ? { fromMs: next, toMs: edge } : { fromMs: edge, toMs: next };
    edge = next;
    size = Math.min(size * 2, maxStepHours);
  }
  yield newestFirst === true ? { fromMs, toMs: edge } : { fromMs: edge, toMs };
}

/** The columns of a kind's rows. */
export const columnsOf = {
  [Kind.record]: Object.keys(recordColumns).join(", "),
  [Kind.log]: Object.keys(logColumns).join(", "),
} as const;

/** All legs of a read. */
export function allLegs(snapshot: Snapshot, segments: readonly Segment[], wanted: Wanted): Leg[] {
  const { ground, hotHours } = snapshot;
  const hot = hotHours.filter(({ topic, hour }) => wanted.topics.has(topic) && hour * hourMs < wanted.toMs && (hour + 1) * hourMs > wanted.fromMs);
  const hotOf = (kind: Kind) => {
    const ofKind = hot.filter((each) => each.kind === kind);
    return ofKind.length === 0 ? [] : hotLegs(kind, ofKind, wanted, ground);
  };
  return [...hotOf(Kind.record), ...hotOf(Kind.log), ...segmentLegs(segments, wanted, ground)];
}

interface Least {
  readonly limit: number;
  /** More logs may be found than are wanted: it pays to look at their times first. */
  readonly mayFindMany: boolean;
}

async function logsOf(snapshot: Snapshot, segments: readonly Segment[], wanted: Wanted, { limit, mayFindMany }: Least): Promise<KeptLog[]> {
  const { run, ground } = snapshot;
  const legs = allLegs(snapshot, segments, wanted);
  const direction = wanted.newestFirst === true ? "DESC" : "ASC";
  const found: KeptLog[] = [];
  for (const kind of [Kind.record, Kind.log]) {
    const beyond = kind === Kind.record && mayFindMany ? await noFurtherThan(snapshot, legs, wanted, limit) : undefined;
    const union = unionOf(beyond === undefined ? legs : legs.map((leg) => ({ ...leg, where: `${leg.where} AND ${beyond}` })), kind, columnsOf[kind]);
    if (union === undefined) continue;
    const order = `ORDER BY ${rowMs[kind]} ${direction}, sequence ${direction}`;
    const rows = await rowsOf(run, `SELECT * FROM (${union}) ${order} LIMIT ${limit}`);
    const read = kind === Kind.record ? recordLog : keptLog;
    for (const row of rows) found.push(read(row, ground.dictionaries));
  }
  return found.toSorted(inOrder(wanted.newestFirst === true)).slice(0, limit);
}

/** So many times the wanted records at the last one's time or beyond: then their order is looked at before they are read. */
const manyTimes = 4;

/**
 * Where more records are found than are wanted: a condition that leaves those that come first and few others. All columns
 * but those that it needs are read only where these lie.
 */
async function noFurtherThan(snapshot: Snapshot, legs: readonly Leg[], { newestFirst }: Wanted, limit: number): Promise<string | undefined> {
  const [last, direction, test] = newestFirst === true ? (["min", "DESC", ">="] as const) : (["max", "ASC", "<="] as const);
  const edge = await edgeOf(snapshot, legs.filter(({ kind }) => kind === Kind.record), direction, limit);
  if (edge === undefined) return undefined;
  const within = `start_s ${test} ${edge.second}`;
  if (edge.logs < limit * manyTimes) return within;
  const places = unionOf(legs.map((leg) => ({ ...leg, where: `${leg.where} AND ${within}` })), Kind.record, "start_s, sequence")!;
  const [place] = await rowsOf(snapshot.run, `SELECT ${last}(sequence) AS edge FROM (${places} ORDER BY start_s ${direction}, sequence ${direction} LIMIT ${limit})`);
  return `${within} AND sequence ${test} ${Number(place!["edge"])}`;
}

/** A second up to which there are as many records as are wanted, or more. */
interface Edge {
  readonly second: number;
  /** How many there are, as far as it matters. */
  readonly logs: number;
}

/** The first such second; roll-ups tell it where they can. */
async function edgeOf(snapshot: Snapshot, legs: readonly Leg[], direction: "ASC" | "DESC", limit: number): Promise<Edge | undefined> {
  const { run } = snapshot;
  const selects: string[] = [];
  let isRolledUp = false;
  for (const leg of legs) {
    const { rolled, rows } = await placesOf(leg, `start_s ${leg.where}`, snapshot);
    const select = (logs: string, from: string) => `SELECT start_s, CAST(${logs} AS BIGINT) AS logs FROM ${from} AS r WHERE ${leg.where}`;
    if (rolled !== undefined) selects.push(select("logs", rolled.from));
    if (rows !== undefined) selects.push(select("1", rows));
    isRolledUp ||= rolled !== undefined;
  }
  if (selects.length === 0) return undefined;
  const first = `(SELECT start_s, logs FROM (${selects.join(" UNION ALL ")}) ORDER BY start_s ${direction} LIMIT ${limit * manyTimes})`;
  const seconds = isRolledUp ? `SELECT start_s, sum(logs) AS logs FROM (${selects.join(" UNION ALL ")}) GROUP BY start_s` : `SELECT start_s, count(*) AS logs FROM ${first} GROUP BY start_s`;
  let logs = 0;
  for (const row of await rowsOf(run, `SELECT * FROM (${seconds}) ORDER BY start_s ${direction} LIMIT ${limit}`)) {
    logs += Number(row["logs"]);
    if (logs >= limit) return { second: Number(row["start_s"]), logs };
  }
  return undefined;
}

/** The rows of a kind's legs, as one query; undefined where there is no leg. */
export function unionOf(legs: readonly Leg[], kind: Kind, columns: string): string | undefined {
  const parts = legs.filter((leg) => leg.kind === kind).map(({ from, where }) => `SELECT ${columns} FROM ${from} AS r WHERE ${where}`);
  return parts.length === 0 ? undefined : parts.join(" UNION ALL ");
}

function inOrder(newestFirst: boolean): (a: Place, b: Place) => number {
  const sign = newestFirst ? -1 : 1;
  return (a, b) => sign * (a.timeMs - b.timeMs || a.sequence - b.sequence);
}

/** How many wanted logs fall into each stretch of time. */
export async function countLogs(snapshot: Snapshot, wanted: Wanted, intervalMs: number): Promise<Map<number, number>> {
  const legs = allLegs(snapshot, await candidates(snapshot, wanted), wanted);
  const counts = new Map<number, number>();
  if (legs.length === 0) return counts;
  const selects: string[] = [];
  for (const leg of legs) {
    const stretch = `${rowMs[leg.kind]} // ${intervalMs}`;
    const { rolled, rows } = await placesOf(leg, `${stretch} ${leg.where}`, snapshot);
    const select = (count: string, from: string) => `SELECT ${stretch} AS stretch, ${count} AS logs FROM ${from} AS r WHERE ${leg.where} GROUP BY stretch`;
    if (rolled !== undefined) selects.push(select("sum(logs)", rolled.from));
    if (rows !== undefined) selects.push(select("count(*)", rows));
  }
  for (const row of await rowsOf(snapshot.run, `SELECT stretch, sum(logs) AS logs FROM (${selects.join(" UNION ALL ")}) GROUP BY stretch`)) {
    counts.set(Number(row["stretch"]) * intervalMs, Number(row["logs"]));
  }
  return counts;
}

/** The legs over everything that is wanted, in whatever order. */
export async function legsOf(snapshot: Snapshot, wanted: Wanted): Promise<Leg[]> {
  return allLegs(snapshot, await candidates(snapshot, wanted), wanted);
}

/** The log streams of a topic: the ENIs of its records, and what uploads call theirs. */
export async function streamsOf({ run, catalogue, readable, ground }: Snapshot, topic: number): Promise<Set<string>> {
  const streams = new Set<string>();
  for (const [kind, column] of [[Kind.record, "eni"], [Kind.log, "stream"]] as const) {
    const segments = await readable(catalogue.segments.filter((each) => each.topic === topic && each.kind === kind));
    const places = [`SELECT ${column} FROM ${hotTable[kind]} WHERE topic = ${topic}`];
    if (segments.length > 0) places.push(`SELECT ${column} FROM ${sealedRows(kind, segments.map(({ id }) => ground.files!.path(id)))}`);
    for (const row of await rowsOf(run, `SELECT DISTINCT ${column} AS stream FROM (${places.join(" UNION ALL ")})`)) {
      streams.add(kind === Kind.log ? String(row["stream"]) : ground.dictionaries.placements.get(Number(row["stream"]))!.eni);
    }
  }
  return streams;
}
