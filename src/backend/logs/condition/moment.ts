/** Conditions on when a row is and where it stands in the order of a search. */
import type { Place, SearchedTopic } from "../log-store.ts";
import { allOf } from "./boolean.ts";

/** A stretch of time, from one moment on, up to but not with another. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is wanted, some seconds before. */
export function earlier<W extends Stretch>(wanted: W, seconds: number): W {
  return { ...wanted, fromMs: wanted.fromMs - seconds * 1000, toMs: wanted.toMs - seconds * 1000 };
}

/** How the rows of a table tell their moment. */
export interface Moment {
  /** The moment in SQL, in milliseconds. */
  readonly ms: string;
  within(stretch: Stretch): string;
}

/** The moment of a record: a whole second. */
export const recordMoment: Moment = {
  ms: "(CAST(start_s AS BIGINT) * 1000)",
  within({ fromMs, toMs }) {
    const [first, behind] = [Math.max(0, Math.ceil(fromMs / 1000)), Math.ceil(toMs / 1000)];
    return allOf([first > 0 ? `start_s >= ${first}` : "TRUE", behind > 0xffff_ffff ? "TRUE" : `start_s < ${behind}`]);
  },
};

/** The moment of a log of keys and values. */
export const logMoment: Moment = {
  ms: "time_ms",
  within: ({ fromMs, toMs }) => allOf([fromMs > 0 ? `time_ms >= ${fromMs}` : "TRUE", `time_ms < ${toMs}`]),
};

/** Logs that have outlived their topic's retention are not found, whether or not they are removed yet; topics by what SQL calls them. */
export function retained(moment: Moment, { topics, fromMs, toMs }: Stretch & { readonly topics: ReadonlyMap<number | string, SearchedTopic> }): string[] {
  return [...topics]
    .filter(([, { keptFromMs }]) => keptFromMs > fromMs)
    .map(([topic, { keptFromMs }]) => `(topic <> ${topic} OR ${moment.ms} >= ${Math.min(keptFromMs, toMs)})`);
}

/** Where a page of a search begins. */
export interface Placed {
  readonly newestFirst?: boolean;
  readonly after?: Place;
  readonly upToSequence?: number;
  readonly afterSequence?: number;
}

/** Behind the place where the last page ended, and not kept after the first page was asked for, or before another log. */
export function placed({ ms }: Moment, { after, newestFirst, upToSequence, afterSequence }: Placed): string[] {
  const conditions: string[] = [];
  if (afterSequence !== undefined) conditions.push(`sequence > ${afterSequence}`);
  if (upToSequence !== undefined) conditions.push(`sequence <= ${upToSequence}`);
  if (after !== undefined) {
    const behind = newestFirst === true ? "<" : ">";
    conditions.push(`(${ms} ${behind} ${after.timeMs} OR (${ms} = ${after.timeMs} AND sequence ${behind} ${after.sequence}))`);
  }
  return conditions;
}
