/** Reads beside searches: logs in the order in which they were kept, and the keys of logs. */
import type { KeptLog } from "../log-store.ts";
import { recordLine } from "../../record-batch.ts";
import { keptLog } from "./logs.ts";
import { allLegs, candidates, columnsOf, legsOf, type Snapshot, unionOf } from "./reading.ts";
import { recordLog } from "./records.ts";
import { Kind, rowsOf } from "./schema.ts";
import type { Wanted } from "./sources.ts";

/** The first `limit` logs that are wanted, in the order in which they were kept. */
export async function arrivedLogs(snapshot: Snapshot, wanted: Wanted, limit: number): Promise<KeptLog[]> {
  const { run, ground } = snapshot;
  const after = wanted.afterSequence ?? 0;
  const segments = (await candidates(snapshot, wanted)).filter(({ lastSequence }) => lastSequence > after);
  const legs = allLegs(snapshot, segments, wanted);
  const found: KeptLog[] = [];
  for (const kind of [Kind.record, Kind.log]) {
    const union = unionOf(legs, kind, columnsOf[kind]);
    if (union === undefined) continue;
    const rows = await rowsOf(run, `SELECT * FROM (${union}) ORDER BY sequence LIMIT ${limit}`);
    const read = kind === Kind.record ? recordLog : keptLog;
    for (const row of rows) found.push(read(row, ground.dictionaries));
  }
  return found.toSorted((a, b) => a.sequence - b.sequence).slice(0, limit);
}

/** The keys of the values of the wanted logs: a record's fields in their order, then those of other logs by name. */
export async function keysOf(snapshot: Snapshot, wanted: Wanted): Promise<string[]> {
  const legs = await legsOf(snapshot, wanted);
  const records = unionOf(legs, Kind.record, "1");
  const hasRecords = records !== undefined && (await rowsOf(snapshot.run, `${records} LIMIT 1`)).length > 0;
  const keys = new Set<string>(hasRecords ? recordLine.names : []);
  const logs = unionOf(legs, Kind.log, "fields");
  if (logs !== undefined) {
    for (const { key } of await rowsOf(snapshot.run, `SELECT DISTINCT unnest(map_keys(fields)) AS key FROM (${logs}) ORDER BY key`)) keys.add(String(key));
  }
  return [...keys];
}
