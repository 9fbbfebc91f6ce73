/** Everything that the embedded store keeps of a topic, in portions, to be copied elsewhere. */
import { cut, type Governed, type Portion } from "../copying.ts";
import { keptLog } from "./logs.ts";
import { columnsOf, type Snapshot } from "./reading.ts";
import { recordLog } from "./records.ts";
import { hotTable, Kind, rowsOf, sealedRows } from "./schema.ts";
import { logMoment, recordMoment } from "../condition/moment.ts";
import { hourMs } from "../arrival.ts";

/** Reads one state of the store. */
type Reading = <R>(work: (snapshot: Snapshot) => Promise<R>) => Promise<R>;

interface Hour {
  readonly kind: Kind;
  readonly hour: number;
}

/** The portions of a topic. */
export async function* portionsOf(read: Reading, topic: number, size: number): AsyncGenerator<Portion> {
  for (const hour of await read((snapshot) => Promise.resolve(hoursOf(snapshot, topic)))) {
    const isRecords = hour.kind === Kind.record;
    for (let last = 0; ; ) {
      const logs = await read((snapshot) => logsOf(snapshot, topic, hour, last, size));
      yield* cut(logs, isRecords, `${isRecords ? "records" : "logs"} ${hour.hour}`);
      if (logs.length < size) break;
      last = logs.at(-1)!.log.sequence;
    }
  }
}

function hoursOf({ catalogue, hotHours }: Snapshot, topic: number): Hour[] {
  const hours = new Map<string, Hour>();
  for (const each of [...catalogue.segments, ...hotHours]) if (each.topic === topic) hours.set(`${each.kind} ${each.hour}`, { kind: each.kind, hour: each.hour });
  return [...hours.values()].toSorted((a, b) => a.kind - b.kind || a.hour - b.hour);
}

async function logsOf({ run, catalogue, readable, ground }: Snapshot, topic: number, { kind, hour }: Hour, last: number, size: number): Promise<Governed[]> {
  const segments = await readable(catalogue.segments.filter((each) => each.topic === topic && each.kind === kind && each.hour === hour));
  const moment = kind === Kind.record ? recordMoment : logMoment;
  const within = moment.within({ fromMs: hour * hourMs, toMs: (hour + 1) * hourMs });
  const columns = columnsOf[kind];
  const places = [`SELECT ${columns} FROM ${hotTable[kind]} WHERE topic = ${topic} AND ${within}`];
  if (segments.length > 0) places.push(`SELECT ${columns} FROM ${sealedRows(kind, segments.map(({ id }) => ground.files!.path(id)))}`);
  const rows = await rowsOf(run, `SELECT * FROM (${places.join(" UNION ALL ")}) WHERE sequence > ${last} ORDER BY sequence LIMIT ${size}`);
  const read = kind === Kind.record ? recordLog : keptLog;
  return rows.map((row) => ({ rule: ground.dictionaries.rules.get(Number(row["rule"])), log: read(row, ground.dictionaries) }));
}
