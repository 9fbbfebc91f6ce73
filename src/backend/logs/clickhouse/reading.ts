/** Reads of a ClickHouse store: logs in order, counts, and the conditions that both are asked with. */
import { formatIpv4, formatIpv6 } from "../../../net/address.ts";
import { hourMs } from "../arrival.ts";
import { allOf, anyOf } from "../condition/boolean.ts";
import { ConditionCompiler } from "../condition/compiler.ts";
import { logMoment, type Moment, placed, type Placed, recordMoment, retained, type Stretch } from "../condition/moment.ts";
import { RecordRows } from "../condition/record-condition.ts";
import { type Family, keptRecord, textOf } from "../kept-log.ts";
import type { Governed } from "../copying.ts";
import type { Condition, KeptLog, Place, SearchedTopic } from "../log-store.ts";
import type { Notes, Holding } from "./notes.ts";
import { cells } from "./cells.ts";
import { dialect, logRows } from "./dialect.ts";
import type { SpreadTable } from "./schema.ts";
import type { Server } from "./server.ts";
import { sqlText } from "./sql.ts";

/** Where reads go. */
export interface Ground {
  readonly server: Server;
  readonly notes: Notes;
  /** What the tables are called that hold the logs of all shards. */
  readonly tables: Readonly<Record<SpreadTable, string>>;
}

/** A condition, and where in its answer to begin. */
export interface Wanted extends Condition, Placed {
  readonly stream?: string;
}

/** How rows of each kind tell their moment. */
export const moments: Readonly<Record<SpreadTable, Moment>> = { record: recordMoment, log: logMoment };

/** By how much a step is longer than the one before. */
const stepGrowth = 4;

/** The first `limit` logs that are wanted, in order of time. */
export async function firstLogs(ground: Ground, wanted: Wanted, limit: number): Promise<KeptLog[]> {
  const holdings = ground.notes.holdings(wanted.topics.map(({ id }) => id));
  const found: KeptLog[] = [];
  for (const step of steps(holdings, wanted)) {
    const missing = limit - found.length;
    const parts = await Promise.all(holdings.map((holding) => logsOf(ground, holding, { ...wanted, ...step }, missing)));
    found.push(...parts.flat().toSorted(inOrder(wanted.newestFirst === true)).slice(0, missing));
    if (found.length >= limit) break;
  }
  return found;
}

/** Stretches of time that together are the range that is wanted, in the order in which they are asked, each longer than the last. */
function* steps(holdings: readonly Holding[], { fromMs, toMs, newestFirst }: Wanted): Generator<Stretch> {
  const hours = holdings.flatMap((each) => each.hours).filter((hour) => hour * hourMs < toMs && (hour + 1) * hourMs > fromMs);
  if (hours.length === 0) return;
  const sorted = [...new Set(hours)].toSorted((a, b) => (newestFirst === true ? b - a : a - b));
  let edge = newestFirst === true ? toMs : fromMs;
  let size = 1;
  for (let place = size; place < sorted.length; place += size) {
    const last = sorted[place - 1]!;
    const next = newestFirst === true ? last * hourMs : (last + 1) * hourMs;
    yield newestFirst === true ? { fromMs: next, toMs: edge } : { fromMs: edge, toMs: next };
    edge = next;
    size *= stepGrowth;
  }
  yield newestFirst === true ? { fromMs, toMs: edge } : { fromMs: edge, toMs };
}

function inOrder(newestFirst: boolean): (a: Place, b: Place) => number {
  const sign = newestFirst ? -1 : 1;
  return (a, b) => sign * (a.timeMs - b.timeMs || a.sequence - b.sequence);
}

function logsOf(ground: Ground, holding: Holding, wanted: Wanted, limit: number): Promise<KeptLog[]> {
  const direction = wanted.newestFirst === true ? "DESC" : "ASC";
  const moment = holding.kind === "record" ? "start_s" : "time_ms";
  return logsInOrder(ground, holding, wanted, `${moment} ${direction}, sequence ${direction}`, limit);
}

/** The first wanted logs of a kind, in an order that is said in SQL. */
export async function logsInOrder({ server, notes, tables }: Ground, holding: Holding, wanted: Wanted, order: string, limit: number): Promise<KeptLog[]> {
  const where = conditionOn(holding, wanted, notes);
  if (where === "FALSE") return [];
  const { kind } = holding;
  const { rows } = await server.read(`SELECT ${shownColumns[kind]} FROM ${tables[kind]} WHERE ${where} ORDER BY ${order} LIMIT ${limit}`);
  return rows.map(kind === "record" ? recordOf : logOf);
}

/** Logs of a topic with the rules that govern them, in the order in which they were kept. */
export async function logsWithRules({ server, notes, tables }: Ground, kind: SpreadTable, topicId: string, where: string, limit: number): Promise<Governed[]> {
  const { rows } = await server.read(`SELECT rule, ${shownColumns[kind]} FROM ${tables[kind]} WHERE ${where} ORDER BY sequence LIMIT ${limit}`);
  const read = kind === "record" ? recordOf : logOf;
  return rows.map(([rule, ...row]) => ({ rule: notes.rules(topicId).get(String(rule)), log: read(row) }));
}

/** Which rows of a kind are wanted. */
export function conditionOn({ kind, hasIpv6 }: Holding, wanted: Wanted, notes: Notes): string {
  const { topics, query, syntax, stream } = wanted;
  const named = new Map(topics.map((topic): [string, SearchedTopic] => [sqlText(topic.id), topic]));
  const moment = moments[kind];
  const rules = new Map(topics.flatMap(({ id }) => [...notes.rules(id)]));
  const byRule = [...rules].map(([id, rule]) => {
    const compiled = (rows: ConstructorParameters<typeof ConditionCompiler>[0]) => new ConditionCompiler(rows, rule, syntax).compile(query);
    if (kind === "log") return allOf([`rule = ${sqlText(id)}`, compiled(logRows)]);
    const plain = compiled(new RecordRows(dialect, cells, false));
    if (!hasIpv6) return allOf([`rule = ${sqlText(id)}`, plain]);
    const ipv6 = compiled(new RecordRows(dialect, cells, true));
    return allOf([`rule = ${sqlText(id)}`, plain === ipv6 ? plain : anyOf([allOf(["family <> 6", plain]), allOf(["family = 6", ipv6])])]);
  });
  return allOf([
    `topic IN (${[...named.keys()].join(", ")})`,
    moment.within(wanted),
    ...retained(moment, { ...wanted, topics: named }),
    ...placed(moment, wanted),
    stream === undefined ? "TRUE" : `${kind === "record" ? "eni" : "stream"} = ${sqlText(stream)}`,
    anyOf(byRule),
  ]);
}

/** How many wanted logs fall into each stretch of time. */
export async function countLogs({ server, notes, tables }: Ground, wanted: Wanted, intervalMs: number): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  const holdings = notes.holdings(wanted.topics.map(({ id }) => id));
  await Promise.all(
    holdings.map(async (holding) => {
      const where = conditionOn(holding, wanted, notes);
      if (where === "FALSE") return;
      const stretch = `intDiv(${moments[holding.kind].ms}, ${intervalMs})`;
      const { rows } = await server.read(`SELECT ${stretch} AS stretch, count() FROM ${tables[holding.kind]} WHERE ${where} GROUP BY stretch`);
      for (const [place, logs] of rows) {
        const begin = Number(place) * intervalMs;
        counts.set(begin, (counts.get(begin) ?? 0) + Number(logs));
      }
    }),
  );
  return counts;
}

/** The records of a log stream that begin in one second, of all topics. */
export async function recordsAt({ server, tables }: Ground, stream: string, seconds: number): Promise<KeptLog[]> {
  const { rows } = await server.read(`SELECT ${shownColumns.record} FROM ${tables.record} WHERE start_s = ${seconds} AND eni = ${sqlText(stream)}`);
  return rows.map(recordOf);
}

const shownColumns: Readonly<Record<SpreadTable, string>> = {
  record:
    "topic, sequence, account, eni, vpc, subnet, family, src, dst, hex(src6), hex(dst6), sport, dport, protocol, packets, bytes, start_s, end_s, " +
    "toInt8(action), toInt8(status), toInt8(direction), decided_by, decided_in, decided_id, decided_rule, decided_because, skipped_packets, skipped_bytes",
  log: "topic, sequence, time_ms, stream, source, mapKeys(fields), mapValues(fields), mapKeys(tags), mapValues(tags)",
};

function recordOf(row: readonly unknown[]): KeptLog {
  const [topicId, sequence, account, eni, vpc, subnet, family, src, dst, src6, dst6, sport, dport, protocol, packets, bytes, ...rest] = row.map(String) as Cells16;
  const [start, end, action, status, direction, layer, decidedIn, decider, place, because, skippedPackets, skippedBytes] = rest as Cells12;
  const address = (ipv4: string, ipv6: string) => (family === "6" ? formatIpv6(BigInt(`0x${ipv6}`)) : formatIpv4(Number(ipv4)));
  return keptRecord({
    ...{ topicId, sequence: Number(sequence), account, eni, vpc, subnet, family: Number(family) as Family },
    ...{ src: address(src, src6), dst: address(dst, dst6), ports: [sport, dport], protocol, packets, bytes },
    ...{ startSeconds: Number(start), endSeconds: Number(end), action: Number(action), status: Number(status), direction: Number(direction) },
    reason: layer === "" ? undefined : { layer, direction: decidedIn, decider, place: Number(place), because },
    ...{ skippedPackets, skippedBytes },
  });
}

type Repeated<T, N extends number, All extends T[] = []> = All["length"] extends N ? All : Repeated<T, N, [...All, T]>;
type Cells12 = Repeated<string, 12>;
type Cells16 = [...Repeated<string, 16>, ...string[]];

function logOf([topicId, sequence, timeMs, stream, source, ...maps]: readonly unknown[]): KeptLog {
  const [keys, contents, tagKeys, tagValues] = maps as [string[], string[], string[], string[]];
  const values = keys.map((key, place): [string, string] => [key, contents[place]!]);
  return {
    topicId: String(topicId),
    sequence: Number(sequence),
    timeMs: Number(timeMs),
    stream: String(stream),
    source: String(source),
    text: textOf(values),
    values,
    tags: tagKeys.map((key, place): [string, string] => [key, tagValues[place]!]),
  };
}
