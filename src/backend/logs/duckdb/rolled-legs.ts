/** A leg of a read as the places it is read from: roll-ups where these say all that is needed, the rows themselves elsewhere. */
import type { Snapshot } from "./reading.ts";
import { rollUpFor, rollUpRows } from "./roll-ups.ts";
import { Kind, recordColumns, sealedRows } from "./schema.ts";
import type { Leg } from "./sources.ts";

/** Where a leg's rows are read. */
export interface LegPlaces {
  /** Rows of roll-ups with their `logs` and sums, and the segments that they stand for. */
  readonly rolled: { readonly from: string; readonly segments: readonly number[] } | undefined;
  /** Rows of logs. */
  readonly rows: string | undefined;
}

/** Finds the places; `needed` is all SQL that is to be asked of them. */
export async function placesOf(leg: Leg, needed: string, { ground: { files }, hasRollUp }: Snapshot): Promise<LegPlaces> {
  const rollUp = leg.kind === Kind.record && leg.segments.length > 0 ? rollUpFor(columnsIn(needed)) : undefined;
  if (rollUp === undefined) return { rolled: undefined, rows: leg.from };
  const segments: number[] = [];
  const others: number[] = [];
  for (const segment of leg.segments) ((await hasRollUp(segment, rollUp)) ? segments : others).push(segment.id);
  return {
    rolled: segments.length === 0 ? undefined : { from: rollUpRows(segments.map((id) => files!.rollUpPath(id, rollUp))), segments },
    rows: others.length === 0 ? undefined : sealedRows(leg.kind, others.map((id) => files!.path(id))),
  };
}

/** The columns of records that a piece of SQL may speak of. */
export function columnsIn(sql: string): Set<string> {
  return new Set(sql.match(/\w+/g)?.filter((word) => Object.hasOwn(recordColumns, word)));
}
