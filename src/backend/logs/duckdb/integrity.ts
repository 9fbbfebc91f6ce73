/**
 * Whether sealed segments are what was written. The engine takes a damaged file at its word: it answers wrongly, or ends
 * the process. So a file is held against its checksum before the engine first reads it: a small one always, a large
 * one when the process before this one did not end in good order. The other large ones are looked through in the background.
 */
import { closeSync, createReadStream, existsSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { hourMs } from "../arrival.ts";
import type { Damage } from "../log-store.ts";
import type { Catalogues, Segment } from "./catalogue.ts";
import type { Run } from "./engine.ts";
import { type RollUp, rollUpNames } from "./roll-ups.ts";
import { rowsOf } from "./schema.ts";
import type { SegmentFiles } from "./segment-files.ts";
import { sqlText } from "./sql.ts";

/** A file up to this size is looked through at once: that takes less than a millisecond. */
const smallBytes = 1024 * 1024;

/** The same for a roll-up: many of them are read for one answer. */
const smallRollUpBytes = 256 * 1024;

/** Bytes that are read from a file at a time. */
const chunkBytes = 1024 * 1024;

/** Which segments can be read. */
export class Integrity {
  private readonly files: SegmentFiles;
  private readonly topicOf: (segment: Segment) => string;
  /** There while a process has the store open; found at the start, it tells of one that was killed, or died. */
  private readonly mark: string;
  private isSuspicious = false;
  private hasBegun = false;
  private readonly damaged = new Map<number, Damage>();
  /** What was looked at, or is being looked at, by segment; false: it is damaged. */
  private readonly looks = new Map<number, Promise<boolean>>();
  /** The same for roll-ups, by their path. */
  private readonly rollUpLooks = new Map<string, Promise<boolean>>();
  private readonly damagedRollUps = new Map<string, Damage>();

  constructor(folder: string, files: SegmentFiles, topicOf: (segment: Segment) => string) {
    this.files = files;
    this.topicOf = topicOf;
    this.mark = join(folder, "running");
  }

  /** The store is open. */
  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.isSuspicious = existsSync(this.mark);
    try {
      closeSync(openSync(this.mark, "w", 0o600));
    } catch (error) {
      // On a full disk there is no mark; the next process trusts large files a little longer.
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }

  /** The store was closed in good order. */
  end(): void {
    if (this.hasBegun) rmSync(this.mark, { force: true });
  }

  /** A segment is as it was written: this process has just done so. */
  trust(id: number): void {
    this.looks.set(id, Promise.resolve(true));
    for (const name of rollUpNames) this.rollUpLooks.set(this.files.rollUpPath(id, name), Promise.resolve(true));
  }

  /** Whether a segment has a roll-up that can be read. */
  async hasRollUp(segment: Segment, name: RollUp, all = false): Promise<boolean> {
    if (segment.rollUpChecksums.length === 0) return false;
    const path = this.files.rollUpPath(segment.id, name);
    const known = this.rollUpLooks.get(path);
    if (known !== undefined) return known;
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > smallRollUpBytes && !this.isSuspicious && !all) return true;
    const look = faultOf(path, undefined, segment.rollUpChecksums[rollUpNames.indexOf(name)]).then((fault) => {
      if (fault !== undefined) this.damagedRollUps.set(path, { topicId: this.topicOf(segment), words: `roll-up ${path} cannot be read, its segment is read instead: ${fault}` });
      return fault === undefined;
    });
    this.rollUpLooks.set(path, look);
    return look;
  }

  /** Those that can be read; `all`: large files are looked through as well. */
  async readable(segments: readonly Segment[], all = false): Promise<Segment[]> {
    const sound: Segment[] = [];
    for (const segment of segments) {
      const isLate = segment.fileBytes > smallBytes && !this.isSuspicious && !all && !this.looks.has(segment.id);
      if (isLate || (await this.look(segment))) sound.push(segment);
    }
    return sound;
  }

  /** Looks through files that nobody has looked through, about so many bytes of them; whether any are left. */
  async lookThrough(segments: readonly Segment[], maxBytes: number): Promise<boolean> {
    let bytes = 0;
    for (const segment of segments.filter(({ id }) => !this.looks.has(id))) {
      if (bytes >= maxBytes) return true;
      bytes += segment.fileBytes;
      await this.look(segment);
      for (const name of rollUpNames) await this.hasRollUp(segment, name, true);
    }
    return false;
  }

  /** A read has failed: looks at all of them again; whether one is damaged that was not known to be. */
  async lookAgain(segments: readonly Segment[]): Promise<boolean> {
    const before = this.damaged.size + this.damagedRollUps.size;
    for (const segment of segments) {
      for (const name of rollUpNames) {
        const path = this.files.rollUpPath(segment.id, name);
        if (!this.damagedRollUps.has(path)) this.rollUpLooks.delete(path);
        await this.hasRollUp(segment, name, true);
      }
      if (this.damaged.has(segment.id)) continue;
      this.looks.delete(segment.id);
      await this.look(segment);
    }
    return this.damaged.size + this.damagedRollUps.size > before;
  }

  private look(segment: Segment): Promise<boolean> {
    const known = this.looks.get(segment.id);
    if (known !== undefined) return known;
    const look = faultOf(this.files.path(segment.id), segment.fileBytes, segment.checksum).then((fault) => {
      if (fault === undefined) return true;
      const hour = new Date(segment.hour * hourMs).toISOString().slice(0, 13);
      const words = `segment ${this.files.path(segment.id)} (${segment.logs} logs of ${hour}h UTC) cannot be read: ${fault}`;
      this.damaged.set(segment.id, { topicId: this.topicOf(segment), words });
      return false;
    });
    this.looks.set(segment.id, look);
    return look;
  }

  /** What is damaged of these. */
  damageOf(segments: readonly Segment[]): Damage[] {
    return segments.flatMap(({ id }) => this.damaged.get(id) ?? []);
  }

  /** Roll-ups of these that cannot be read; nothing is missing for it. */
  rollUpDamageOf(segments: readonly Segment[]): Damage[] {
    return segments.flatMap(({ id }) => rollUpNames.flatMap((name) => this.damagedRollUps.get(this.files.rollUpPath(id, name)) ?? []));
  }
}

/** What is wrong with a file, in words; undefined where nothing is, as far as its size and checksum are known. */
async function faultOf(path: string, bytes: number | undefined, checksum: number | undefined): Promise<string | undefined> {
  if (!existsSync(path)) return "the file is missing";
  const { size } = statSync(path);
  if (bytes !== undefined && size !== bytes) return `it has ${size} bytes, ${bytes} were written`;
  try {
    if (checksum !== undefined && (await checksumOf(path)) !== checksum) return "its bytes are not those that were written";
    return undefined;
  } catch (error) {
    // The disk itself cannot read it.
    if (error instanceof Error && "code" in error) return error.message;
    throw error;
  }
}

/**
 * Sets aside segments that the database should know of: where it names files that are gone, or has not seen logs that
 * such a segment holds, it has lost its latest writes. A segment that a crash left unfinished holds only what it has.
 */
export async function setAsideLost(run: Run, files: SegmentFiles, catalogues: Catalogues): Promise<void> {
  const known = new Set(catalogues.segments.map(({ id }) => id));
  const there = files.ids();
  const isBehind = [...known].some((id) => !there.includes(id));
  for (const id of there.filter((each) => !known.has(each) && each >= catalogues.nextSegment)) {
    if (isBehind || (await lastSequence(run, files.path(id))) >= catalogues.nextSequence) files.setAside(id);
  }
}

/** The sequence of a segment's last log; 0 where the file is none that can be read. */
async function lastSequence(run: Run, path: string): Promise<number> {
  try {
    const [row] = await rowsOf(run, `SELECT max(sequence) AS last FROM read_parquet([${sqlText(path)}])`);
    return Number(row!["last"]);
  } catch {
    // Whatever the engine says of it, nothing can be saved from it.
    return 0;
  }
}

/** The CRC-32 of a file. */
export async function checksumOf(path: string): Promise<number> {
  let checksum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) checksum = crc32(chunk as Buffer, checksum);
  return checksum;
}
