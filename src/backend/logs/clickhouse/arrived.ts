/** Reads beside searches: logs in the order in which they were kept, and the keys of logs. */
import { recordLine } from "../../record-batch.ts";
import type { KeptLog } from "../log-store.ts";
import { conditionOn, type Ground, logsInOrder, type Wanted } from "./reading.ts";

/** The first `limit` logs that are wanted, in the order in which they were kept. */
export async function arrivedLogs(ground: Ground, wanted: Wanted, limit: number): Promise<KeptLog[]> {
  const holdings = ground.notes.holdings(wanted.topics.map(({ id }) => id));
  const parts = await Promise.all(holdings.map((holding) => logsInOrder(ground, holding, wanted, "sequence", limit)));
  return parts.flat().toSorted((a, b) => a.sequence - b.sequence).slice(0, limit);
}

/** The keys of the values of the wanted logs: a record's fields in their order, then those of other logs by name. */
export async function keysOf({ server, notes, tables }: Ground, wanted: Wanted): Promise<string[]> {
  const keys = new Set<string>();
  for (const holding of notes.holdings(wanted.topics.map(({ id }) => id))) {
    const { kind } = holding;
    const where = conditionOn(holding, wanted, notes);
    if (where === "FALSE") continue;
    const sql = kind === "record" ? `SELECT 1 FROM ${tables.record} WHERE ${where} LIMIT 1` : `SELECT DISTINCT arrayJoin(mapKeys(fields)) AS key FROM ${tables.log} WHERE ${where} ORDER BY key`;
    const { rows } = await server.read(sql);
    const found = kind === "log" ? rows.map(([key]) => String(key)) : rows.length > 0 ? recordLine.names : [];
    for (const key of found) keys.add(key);
  }
  return [...keys];
}
