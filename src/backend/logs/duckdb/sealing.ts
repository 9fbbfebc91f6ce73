/**
 * What the store does beside reads and writes: seals hours that are over into segments, joins small segments, and
 * removes what has outlived its topic's retention or its topic.
 */
import { hourMs } from "../arrival.ts";
import type { Catalogues, HotHour, Segment } from "./catalogue.ts";
import type { Engine, Run } from "./engine.ts";
import type { Integrity } from "./integrity.ts";
import { JoinedFilter } from "./joined-filter.ts";
import { hotTable, Kind, rowsOf, sealedRows } from "./schema.ts";
import type { SegmentFiles } from "./segment-files.ts";
import { addressesOf, filterOf, writeSegment } from "./segment-writer.ts";
import { rowMs } from "./sources.ts";

/** How long after its end an hour stays in the hot table: its last records come with the publish delay. */
const sealAfterMs = hourMs;

/** Segments of one hour from which on they are joined. */
const maxSegmentsOfHour = 4;

/** When an hour is over its segments are joined too, where all but the largest are at least this part of it. */
const joinedPart = 8;

/** Bytes of segments that one tending looks through for damage: some tenths of a second. */
const bytesOfTending = 256 * 1024 * 1024;

/** Segments whose filters are put into one file: those of a day. */
const filtersOfFile = 24;

/** Rows of one topic, kind and hour. */
interface Hour {
  readonly topic: number;
  readonly kind: Kind;
  readonly hour: number;
}

/** Seals, joins and removes, one thing at a time. */
export class Sealing {
  private readonly engine: Engine;
  private readonly catalogues: Catalogues;
  private readonly files: SegmentFiles | undefined;
  private readonly integrity: Integrity | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private isRelieving = false;
  private isFinished = false;

  constructor(engine: Engine, catalogues: Catalogues, files: SegmentFiles | undefined, integrity: Integrity | undefined) {
    this.engine = engine;
    this.catalogues = catalogues;
    this.files = files;
    this.integrity = integrity;
  }

  private inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => {});
    return turn;
  }

  /** Does what is due, and says when the next thing will be. */
  tend(nowMs: number, keptFromMs: (topic: number) => number): Promise<number | undefined> {
    return this.inTurn(async () => {
      await this.expire(keptFromMs);
      if (this.files !== undefined) {
        const isOver = ({ hour }: Hour) => (hour + 1) * hourMs + sealAfterMs <= nowMs;
        for (const each of [...this.catalogues.hotHours()].filter(isOver)) await this.seal(each);
        await this.join(isOver);
        await this.restoreFilters();
        await this.joinFilters(isOver);
      }
      // More files to look through: soon, but not now.
      const isMore = await this.integrity?.lookThrough(this.catalogues.segments, bytesOfTending);
      return isMore === true ? nowMs : this.nextDue(nowMs, keptFromMs);
    });
  }

  /** Makes filters anew that could not be read, where their segment can be. */
  private async restoreFilters(): Promise<void> {
    const files = this.files!;
    const lost = this.catalogues.segments.filter(({ id }) => files.filters.lost.has(id));
    for (const { id } of await this.integrity!.readable(lost, true)) {
      const filter = await this.engine.aside((run) => filterOf(run, files.path(id)));
      files.placeFilter(id, filter);
    }
  }

  /** Puts the filters of a topic's hours together, a day's in one file: an address is looked up in all of them by one read. */
  private async joinFilters(isOver: (hour: Hour) => boolean): Promise<void> {
    const { filters } = this.files!;
    const alone = this.catalogues.segments.filter((each) => each.kind === Kind.record && isOver(each) && !filters.isJoined(each.id) && !filters.lost.has(each.id));
    const sound = alone.length < filtersOfFile ? [] : await this.integrity!.readable(alone, true);
    for (const ofTopic of Map.groupBy(sound, ({ topic }) => topic).values()) {
      const inOrder = ofTopic.toSorted((a, b) => a.hour - b.hour);
      for (let from = 0; from + filtersOfFile <= inOrder.length && !this.isFinished; from += filtersOfFile) await this.joinFiltersOf(inOrder.slice(from, from + filtersOfFile));
    }
  }

  private async joinFiltersOf(segments: readonly Segment[]): Promise<void> {
    const files = this.files!;
    const ids = segments.map(({ id }) => id);
    const joined = new JoinedFilter(ids, files.filterBytes(ids));
    for (const segment of segments) {
      const hasRollUps = (await this.integrity!.hasRollUp(segment, "by-src", true)) && (await this.integrity!.hasRollUp(segment, "by-dst", true));
      const [sources, destinations] = hasRollUps ? (["by-src", "by-dst"] as const).map((name) => files.rollUpPath(segment.id, name)) : [files.path(segment.id)];
      joined.fill(segment.id, await this.engine.aside((run) => addressesOf(run, sources!, destinations)));
    }
    const known = new Set(this.catalogues.segments.map(({ id }) => id));
    files.placeJoined(joined.close(), (id) => known.has(id));
  }

  private nextDue(nowMs: number, keptFromMs: (topic: number) => number): number | undefined {
    const expiry = ({ topic, hour }: Hour) => (hour + 1) * hourMs + (nowMs - keptFromMs(topic));
    const hot = [...this.catalogues.hotHours()];
    const moments = [
      ...[...hot, ...this.catalogues.segments].map(expiry),
      ...(this.files === undefined ? [] : hot.map(({ hour }) => (hour + 1) * hourMs + sealAfterMs)),
    ];
    const next = moments.reduce((soonest, each) => Math.min(soonest, each), Number.POSITIVE_INFINITY);
    return Number.isFinite(next) ? next : undefined;
  }

  /** Seals the oldest hours until the hot table holds no more than so many logs. */
  relieve(targetLogs: number): Promise<void> {
    return this.inTurn(async () => {
      const oldestFirst = [...this.catalogues.hotHours()].toSorted((a, b) => a.hour - b.hour);
      for (const each of oldestFirst) {
        if (this.isFinished || this.catalogues.hotLogs() <= targetLogs) break;
        await this.seal(each);
      }
      await this.join(() => false);
    });
  }

  /** The same in the background. What fails stays where it is and is tried again with the next write. */
  relieveSoon(targetLogs: number): void {
    if (this.isRelieving) return;
    this.isRelieving = true;
    void this.relieve(targetLogs)
      .catch(() => {})
      .finally(() => {
        this.isRelieving = false;
      });
  }

  /** Lets what is going on come to its end. */
  async finish(): Promise<void> {
    this.isFinished = true;
    await this.last;
  }

  /** Writes an hour's rows into a segment and removes them from the hot table, in one transaction. */
  private async seal(hour: HotHour): Promise<void> {
    const bound = this.catalogues.nextSequence;
    const from = `${hotTable[hour.kind]} WHERE topic = ${hour.topic} AND ${inHour(hour)} AND sequence < ${bound}`;
    const written = await this.write(hour, from, hour.logs);
    if (written === undefined) return;
    await this.publish(written, [], async (run) => {
      const arrived = `FROM arrival WHERE topic = ${hour.topic} AND kind = ${hour.kind} AND hour = ${hour.hour} AND first_sequence < ${bound}`;
      const [sum] = await rowsOf(run, `SELECT sum(logs) AS logs, sum(text_bytes) AS text_bytes, sum(ipv6_logs) AS ipv6_logs ${arrived}`);
      // The hour may have expired, or its topic have gone, since it was copied.
      if (Number(sum?.["logs"] ?? 0) !== written.logs) return undefined;
      await run(`DELETE FROM ${from}`);
      // A batch that reaches into another hour is named twice: that does no harm.
      await run(`INSERT INTO batch SELECT DISTINCT topic, batch, hour ${arrived} AND batch IS NOT NULL`);
      await run(`DELETE ${arrived}`);
      await run(`UPDATE counter SET value = ${this.catalogues.nextSequence} WHERE name = 'sequence'`);
      const textBytes = Number(sum!["text_bytes"]);
      await takeIn(run, hour.topic, textBytes);
      return {
        segment: { ...written, textBytes },
        done: () => {
          this.catalogues.arrive(hour.topic, hour.kind, [{ hour: hour.hour, logs: -written.logs, textBytes: -textBytes, ipv6Logs: -Number(sum!["ipv6_logs"]) }], []);
          this.catalogues.take(hour.topic, textBytes);
        },
      };
    });
  }

  /** Joins the segments of hours that have many. */
  private async join(isOver: (hour: Hour) => boolean): Promise<void> {
    const isDue = (group: readonly Segment[]) => {
      const rest = logsIn(group) - Math.max(0, ...group.map(({ logs }) => logs));
      return group.length >= maxSegmentsOfHour || (group.length > 1 && isOver(group[0]!) && rest * joinedPart >= logsIn(group) - rest);
    };
    const groups = new Map<string, Segment[]>();
    for (const segment of this.catalogues.segments) {
      const key = `${segment.topic} ${segment.kind} ${segment.hour}`;
      groups.set(key, [...(groups.get(key) ?? []), segment]);
    }
    for (const whole of groups.values()) {
      if (!isDue(whole) || this.isFinished) continue;
      // One that cannot be read stays as it is, for whoever repairs it.
      const group = await this.integrity!.readable(whole, true);
      if (!isDue(group)) continue;
      const paths = group.map(({ id }) => this.files!.path(id));
      // What cannot be joined now, on a full disk for example, is joined another time.
      const written = await this.write(group[0]!, sealedRows(group[0]!.kind, paths), logsIn(group)).catch(() => undefined);
      if (written === undefined) continue;
      const textBytes = group.reduce((sum, each) => sum + each.textBytes, 0);
      await this.publish(written, group, async () => ({ segment: { ...written, textBytes }, done: () => {} }));
    }
  }

  /** Writes rows into the files of a new segment, which does not count yet. */
  private async write({ topic, kind, hour }: Hour, from: string, rows: number): Promise<Omit<Segment, "textBytes"> | undefined> {
    const files = this.files!;
    const id = this.catalogues.nextSegment++;
    try {
      const written = await this.engine.aside((run) => writeSegment(run, files, { id, kind, from, rows }));
      if (written === undefined) {
        files.discard(id);
        return undefined;
      }
      const { filter, ...segment } = written;
      const fileBytes = files.place(id, filter);
      this.integrity!.trust(id);
      return { id, topic, kind, hour, fileBytes, ...segment };
    } catch (error) {
      files.discard(id);
      throw error;
    }
  }

  /** Makes a written segment count, in place of those it replaces; what `take` leaves undone discards it. */
  private async publish(
    written: Omit<Segment, "textBytes">,
    replaced: readonly Segment[],
    take: (run: Run) => Promise<{ segment: Segment; done: () => void } | undefined>,
  ): Promise<void> {
    const { catalogues, files } = this;
    const gone = new Set(replaced.map(({ id }) => id));
    try {
      await this.engine.write(
        async ({ run }) => {
          const known = new Set(catalogues.segments.map(({ id }) => id));
          const taken = replaced.every(({ id }) => known.has(id)) ? await take(run) : undefined;
          if (taken === undefined) return undefined;
          await run(`INSERT INTO segment VALUES (${segmentRow(taken.segment)})`);
          if (gone.size > 0) await run(`DELETE FROM segment WHERE id IN (${[...gone].join(", ")})`);
          await run(`UPDATE counter SET value = value + 1 WHERE name = 'catalogue'`);
          await run(`UPDATE counter SET value = ${catalogues.nextSegment} WHERE name = 'segment'`);
          return taken;
        },
        {
          committed: (taken) => {
            if (taken === undefined) return files!.discard(written.id);
            taken.done();
            catalogues.replace([...catalogues.segments.filter(({ id }) => !gone.has(id)), taken.segment]);
            files!.retire([...gone], catalogues.version);
          },
        },
      );
    } catch (error) {
      files!.discard(written.id);
      throw error;
    }
  }

  /** Removes the hours that have outlived their topic's retention. */
  private async expire(keptFromMs: (topic: number) => number): Promise<void> {
    const isExpired = ({ topic, hour }: Hour) => (hour + 1) * hourMs <= keptFromMs(topic);
    const hours = [...this.catalogues.hotHours()].filter(isExpired);
    const segments = this.catalogues.segments.filter(isExpired);
    const topics = new Set([...hours, ...segments].map(({ topic }) => topic));
    for (const topic of topics) {
      const lastHour = Math.floor(keptFromMs(topic) / hourMs) - 1;
      await this.remove(topic, lastHour);
    }
  }

  /** Removes all of a topic's logs, and that it ever had any. */
  deleteTopic(topic: number): Promise<void> {
    return this.inTurn(async () => {
      await this.remove(topic, undefined);
    });
  }

  /** Removes a topic's logs, up to an hour or all. */
  private async remove(topic: number, lastHour: number | undefined): Promise<void> {
    const { catalogues } = this;
    const upTo = (column: string) => (lastHour === undefined ? "" : ` AND ${column} <= ${lastHour}`);
    await this.engine.write(
      async ({ run }) => {
        const hours = [...catalogues.hotHours()].filter((each) => each.topic === topic && (lastHour === undefined || each.hour <= lastHour));
        const segments = catalogues.segments.filter((each) => each.topic === topic && (lastHour === undefined || each.hour <= lastHour));
        for (const kind of [Kind.record, Kind.log]) {
          const hour = `${rowMs[kind]} // ${hourMs}`;
          await run(`DELETE FROM ${hotTable[kind]} WHERE topic = ${topic}${upTo(hour)}`);
        }
        await run(`UPDATE counter SET value = ${catalogues.nextSequence} WHERE name = 'sequence'`);
        await run(`DELETE FROM arrival WHERE topic = ${topic}${upTo("hour")}`);
        await run(`DELETE FROM batch WHERE topic = ${topic}${upTo("last_hour")}`);
        await run(`DELETE FROM segment WHERE topic = ${topic}${upTo("hour")}`);
        if (lastHour === undefined) await run(`DELETE FROM ingested WHERE topic = ${topic}`);
        else await takeIn(run, topic, hours.reduce((sum, { textBytes }) => sum + textBytes, 0));
        await run(`UPDATE counter SET value = value + 1 WHERE name = 'catalogue'`);
        return { hours, segments };
      },
      {
        committed: ({ hours, segments }) => {
          for (const each of hours) {
            if (lastHour !== undefined) catalogues.take(topic, each.textBytes);
            catalogues.arrive(topic, each.kind, [{ hour: each.hour, logs: -each.logs, textBytes: -each.textBytes, ipv6Logs: -each.ipv6Logs }], []);
          }
          if (lastHour === undefined) catalogues.drop(topic);
          const gone = new Set(segments.map(({ id }) => id));
          catalogues.replace(catalogues.segments.filter(({ id }) => !gone.has(id)));
          this.files?.retire([...gone], catalogues.version);
        },
      },
    );
  }
}

function inHour({ kind, hour }: Hour): string {
  if (kind === Kind.record) return `start_s >= ${hour * 3600} AND start_s < ${(hour + 1) * 3600}`;
  return `time_ms >= ${hour * hourMs} AND time_ms < ${(hour + 1) * hourMs}`;
}

function logsIn(segments: readonly Segment[]): number {
  return segments.reduce((sum, { logs }) => sum + logs, 0);
}

async function takeIn(run: Run, topic: number, textBytes: number): Promise<void> {
  const known = await rowsOf(run, `SELECT 1 FROM ingested WHERE topic = ${topic}`);
  if (known.length > 0) await run(`UPDATE ingested SET text_bytes = text_bytes + ${textBytes} WHERE topic = ${topic}`);
  else await run(`INSERT INTO ingested VALUES (${topic}, ${textBytes})`);
}

function segmentRow(segment: Segment): string {
  const { id, topic, kind, hour, logs, textBytes, ipv6Logs, fileBytes, lastSequence, rules, checksum, rollUpChecksums } = segment;
  return `${[id, topic, kind, hour, logs, textBytes, ipv6Logs, fileBytes, lastSequence].join(", ")}, [${rules.join(", ")}], ${checksum ?? "NULL"}, [${rollUpChecksums.join(", ")}]`;
}
