/** Which segments there are and what has arrived since, in memory as the database has it. */
import { counter, type Kind, nextSequenceSql, type Row, rowsOf } from "./schema.ts";
import type { Reader, Run } from "./engine.ts";
import type { Arrival } from "../arrival.ts";

/** A sealed segment: logs of one topic, kind and hour in one file. */
export interface Segment {
  readonly id: number;
  readonly topic: number;
  readonly kind: Kind;
  readonly hour: number;
  readonly logs: number;
  readonly textBytes: number;
  readonly ipv6Logs: number;
  readonly fileBytes: number;
  readonly lastSequence: number;
  /** CRC-32 of the file; undefined where none was kept. */
  readonly checksum: number | undefined;
  /** Those of its roll-ups, in their order; none where it has no roll-ups. */
  readonly rollUpChecksums: readonly number[];
  /** The index rules of its logs. */
  readonly rules: readonly number[];
}

/** The segments of one version of the catalogue. */
export interface Catalogue {
  readonly version: number;
  readonly segments: readonly Segment[];
}

/** What is in the hot table of a topic, kind and hour. */
export interface HotHour extends Arrival {
  readonly topic: number;
  readonly kind: Kind;
  /** The index rules of its logs; it may name one that was theirs. */
  readonly rules: ReadonlySet<number>;
}

/** Where the logs are, in one state of the database. */
export interface State {
  readonly catalogue: Catalogue;
  /** All logs with a lower sequence are in it, no other is. */
  readonly nextSequence: number;
  readonly hotHours: readonly HotHour[];
}

/** Versions of the catalogue that are remembered for reads that began before the newest. */
const maxVersions = 8;

/** The catalogue's versions, the hot hours and the bytes taken in. */
export class Catalogues {
  private readonly versions = new Map<number, Catalogue>();
  private current: Catalogue = { version: 0, segments: [] };
  private hot = new Map<string, HotHour & { readonly rules: Set<number> }>();
  /** Bytes of text by topic that no arrival and no segment stands for any more, or that segments hold. */
  private readonly taken = new Map<number, number>();
  /** The batches of records that were kept. */
  private readonly batches = new Set<string>();
  /** The sequence that the next log gets; all before it are on disk. */
  nextSequence = 1;
  nextSegment = 1;

  /** Reads everything anew. */
  async load(run: Run): Promise<void> {
    this.nextSequence = Number((await rowsOf(run, `SELECT ${nextSequenceSql} AS next`))[0]!["next"]);
    this.batches.clear();
    const batches = "SELECT topic, id FROM batch UNION SELECT topic, batch FROM arrival WHERE batch IS NOT NULL";
    for (const row of await rowsOf(run, batches)) this.batches.add(batchKey(Number(row["topic"]), String(row["id"])));
    this.nextSegment = (await counter(run, "segment"))!;
    this.versions.clear();
    this.current = await this.at(run, (await counter(run, "catalogue"))!);
    this.hot = new Map();
    for (const each of await hotHoursIn(run)) this.arrive(each.topic, each.kind, [each], each.rules);
    this.taken.clear();
    for (const row of await rowsOf(run, "SELECT * FROM ingested")) this.taken.set(Number(row["topic"]), Number(row["text_bytes"]));
  }

  /** The catalogue as a transaction sees it. */
  async at(run: Run, version: number): Promise<Catalogue> {
    const known = this.versions.get(version);
    if (known !== undefined) return known;
    const catalogue = { version, segments: (await rowsOf(run, "SELECT * FROM segment")).map(segmentOf) };
    this.versions.set(version, catalogue);
    if (this.versions.size > maxVersions) this.versions.delete(Math.min(...this.versions.keys()));
    return catalogue;
  }

  /** The state that a read sees. */
  async stateOf({ run, isSettled }: Reader): Promise<State> {
    if (isSettled) return { catalogue: this.current, nextSequence: this.nextSequence, hotHours: [...this.hot.values()].map((hour) => ({ ...hour })) };
    const [state] = await rowsOf(run, `SELECT value AS catalogue, ${nextSequenceSql} AS next FROM counter WHERE name = 'catalogue'`);
    return { catalogue: await this.at(run, Number(state!["catalogue"])), nextSequence: Number(state!["next"]), hotHours: await hotHoursIn(run) };
  }

  get segments(): readonly Segment[] {
    return this.current.segments;
  }

  get version(): number {
    return this.current.version;
  }

  /** The newest catalogue from now on. */
  replace(segments: readonly Segment[]): void {
    this.current = { version: this.current.version + 1, segments };
    this.versions.set(this.current.version, this.current);
  }

  /** Whether a topic has kept a batch before. */
  hasBatch(topic: number, id: string): boolean {
    return this.batches.has(batchKey(topic, id));
  }

  /** The batches that a topic has kept. */
  batchIds(topic: number | undefined): string[] {
    const begin = `${topic ?? 0} `;
    return [...this.batches].filter((key) => key.startsWith(begin)).map((key) => key.slice(begin.length));
  }

  rememberBatch(topic: number, id: string): void {
    this.batches.add(batchKey(topic, id));
  }

  hotHours(): Iterable<HotHour> {
    return this.hot.values();
  }

  hotLogs(): number {
    let logs = 0;
    for (const each of this.hot.values()) logs += each.logs;
    return logs;
  }

  /** Counts logs that arrived, or (with negative numbers) that are gone from the hot table. */
  arrive(topic: number, kind: Kind, arrivals: readonly Arrival[], rules: Iterable<number>): void {
    for (const arrival of arrivals) {
      const key = `${topic} ${kind} ${arrival.hour}`;
      const hour = this.hot.get(key) ?? { topic, kind, hour: arrival.hour, logs: 0, textBytes: 0, ipv6Logs: 0, rules: new Set<number>() };
      hour.logs += arrival.logs;
      hour.textBytes += arrival.textBytes;
      hour.ipv6Logs += arrival.ipv6Logs;
      for (const rule of rules) hour.rules.add(rule);
      if (hour.logs === 0) this.hot.delete(key);
      else this.hot.set(key, hour);
    }
  }

  /** Bytes of text that a topic has ever taken in. */
  ingestedBytes(topic: number): number {
    let bytes = this.taken.get(topic) ?? 0;
    for (const each of this.hot.values()) if (each.topic === topic) bytes += each.textBytes;
    return bytes;
  }

  take(topic: number, textBytes: number): void {
    this.taken.set(topic, (this.taken.get(topic) ?? 0) + textBytes);
  }

  /** A topic is gone, with all that was counted for it. */
  drop(topic: number): void {
    this.taken.delete(topic);
    for (const key of this.batches) if (key.startsWith(`${topic} `)) this.batches.delete(key);
    for (const [key, each] of this.hot) if (each.topic === topic) this.hot.delete(key);
  }
}

function batchKey(topic: number, id: string): string {
  return `${topic} ${id}`;
}

/** What is in the hot tables, as a transaction sees it. */
async function hotHoursIn(run: Run): Promise<HotHour[]> {
  const sums = ["logs", "text_bytes", "ipv6_logs"].map((column) => `sum(${column}) AS ${column}`);
  const rules = "flatten(list(DISTINCT rules)) AS rules";
  return (await rowsOf(run, `SELECT topic, kind, hour, ${sums.join(", ")}, ${rules} FROM arrival GROUP BY ALL`)).map(hotHour);
}

function hotHour(row: Row): HotHour {
  return {
    topic: Number(row["topic"]),
    kind: Number(row["kind"]) as Kind,
    hour: Number(row["hour"]),
    logs: Number(row["logs"]),
    textBytes: Number(row["text_bytes"]),
    ipv6Logs: Number(row["ipv6_logs"]),
    rules: new Set((row["rules"] as { readonly items: readonly number[] }).items),
  };
}

function segmentOf(row: Row): Segment {
  return {
    id: Number(row["id"]),
    topic: Number(row["topic"]),
    kind: Number(row["kind"]) as Kind,
    hour: Number(row["hour"]),
    logs: Number(row["logs"]),
    textBytes: Number(row["text_bytes"]),
    ipv6Logs: Number(row["ipv6_logs"]),
    fileBytes: Number(row["file_bytes"]),
    lastSequence: Number(row["last_sequence"]),
    checksum: row["checksum"] === null ? undefined : Number(row["checksum"]),
    rollUpChecksums: (row["roll_up_checksums"] as { readonly items: readonly number[] }).items,
    rules: (row["rules"] as { readonly items: readonly number[] }).items,
  };
}
