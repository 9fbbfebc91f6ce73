/** Reads of the embedded store: what one state of the database and its segments answers. */
import { hourMs } from "../arrival.ts";
import type { KeptLog, Place } from "../log-store.ts";
import type { Catalogue, HotHour, Segment } from "./catalogue.ts";
import type { Run } from "./engine.ts";
import { keptLog } from "./logs.ts";
import { recordLog } from "./records.ts";
import { Kind, logColumns, recordColumns, rowsOf } from "./schema.ts";
import { type Ground, hotLegs, type Leg, mayHold, rowMs, segmentLegs, type Wanted } from "./sources.ts";

/** One state of the store, as a read sees it from its beginning to its end. */
export interface Snapshot {
  readonly run: Run;
  readonly catalogue: Catalogue;
  /** All logs with a lower sequence are in it, no other is. */
  readonly nextSequence: number;
  /** Where logs are that were not sealed when the read began; more may have arrived since. */
  readonly hotHours: readonly HotHour[];
  /** Those that can be read. */
  readonly readable: (segments: readonly Segment[]) => Promise<readonly Segment[]>;
  readonly ground: Ground;
}

/** Most hours that are asked for at once: a search for the latest logs goes back in growing steps. */
const maxStepHours = 64;

/** The first `limit` logs that are wanted, in order of time. */
export async function firstLogs(snapshot: Snapshot, wanted: Wanted, limit: number): Promise<KeptLog[]> {
  const segments = await candidates(snapshot, wanted);
  const found: KeptLog[] = [];
  for (const step of steps(snapshot, segments, wanted)) {
    const inStep = segments.filter(({ hour }) => hour * hourMs < step.toMs && (hour + 1) * hourMs > step.fromMs);
    found.push(...(await logsOf(snapshot, inStep, { ...wanted, ...step }, limit - found.length)));
    if (found.length >= limit) break;
  }
  return found;
}

/** The segments that can hold what is wanted. */
export async function candidates({ catalogue, readable, ground }: Snapshot, wanted: Wanted): Promise<readonly Segment[]> {
  const inRange = catalogue.segments.filter(
    ({ topic, hour }) =>
      wanted.topics.has(topic) && hour * hourMs < wanted.toMs && (hour + 1) * hourMs > wanted.fromMs,
  );
  const kept: Segment[] = [];
  for (const segment of inRange) {
    const filter = segment.kind === Kind.record ? await ground.files!.filter(segment.id) : undefined;
    if (filter === undefined || mayHold(filter, segment, wanted, ground.dictionaries)) kept.push(segment);
  }
  return readable(kept);
}

interface Step {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Stretches of time that together are the range that is wanted, in the order in which they are asked. */
function* steps({ hotHours }: Snapshot, segments: readonly Segment[], { fromMs, toMs, topics, newestFirst }: Wanted): Generator<Step> {
  const hot = hotHours.filter(({ topic }) => topics.has(topic)).map(({ hour }) => hour);
  const hours = [...new Set([...segments.map(({ hour }) => hour), ...hot])]
    .filter((hour) => hour * hourMs < toMs && (hour + 1) * hourMs > fromMs)
    .toSorted((a, b) => (newestFirst === true ? b - a : a - b));
  let edge = newestFirst === true ? toMs : fromMs;
  let size = 1;
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
  const hasIpv6 = hotHours.some(({ ipv6Logs }) => ipv6Logs > 0);
  return [
    ...hotLegs(Kind.record, wanted, ground, hasIpv6),
    ...hotLegs(Kind.log, wanted, ground, false),
    ...segmentLegs(segments, wanted, ground),
  ];
}

async function logsOf(snapshot: Snapshot, segments: readonly Segment[], wanted: Wanted, limit: number): Promise<KeptLog[]> {
  const { run, ground } = snapshot;
  const legs = allLegs(snapshot, segments, wanted);
  const direction = wanted.newestFirst === true ? "DESC" : "ASC";
  const found: KeptLog[] = [];
  for (const kind of [Kind.record, Kind.log]) {
    const union = unionOf(legs, kind, columnsOf[kind]);
    if (union === undefined) continue;
    const order = `ORDER BY ${rowMs[kind]} ${direction}, sequence ${direction}`;
    const rows = await rowsOf(run, `SELECT * FROM (${union}) ${order} LIMIT ${limit}`);
    const read = kind === Kind.record ? recordLog : keptLog;
    for (const row of rows) found.push(read(row, ground.dictionaries));
  }
  return found.toSorted(inOrder(wanted.newestFirst === true)).slice(0, limit);
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
  for (const kind of [Kind.record, Kind.log]) {
    const union = unionOf(legs, kind, `${rowMs[kind]} // ${intervalMs} AS stretch`);
    if (union === undefined) continue;
    for (const row of await rowsOf(snapshot.run, `SELECT stretch, count(*) AS logs FROM (${union}) GROUP BY stretch`)) {
      const begin = Number(row["stretch"]) * intervalMs;
      counts.set(begin, (counts.get(begin) ?? 0) + Number(row["logs"]));
    }
  }
  return counts;
}

/** The legs over everything that is wanted, in whatever order. */
export async function legsOf(snapshot: Snapshot, wanted: Wanted): Promise<Leg[]> {
  return allLegs(snapshot, await candidates(snapshot, wanted), wanted);
}
