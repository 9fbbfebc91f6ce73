/**
 * The files of sealed segments: a Parquet file each, and beside that of records the filter of its addresses.
 *
 * A file is written under a temporary name, synced and renamed; what the catalogue does not name is removed when the
 * store is opened. A file that a read may still be looking at is not removed before the read is over.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AddressFilter } from "./bloom.ts";

/** Most filters kept in memory: 64 of a million records each are about 100 MB at most. */
const maxFilters = 256;

/** Begins the names of segments that were set aside. */
const lostPrefix = "lost-";

/** The folder of segments. */
export class SegmentFiles {
  readonly folder: string;
  private readonly filters = new Map<number, AddressFilter>();
  /** Filters that cannot be read, in words, by segment. */
  readonly lostFilters = new Map<number, string>();
  /** Reads that are going on, by the version of the catalogue they look at. */
  private readonly pins = new Map<number, number>();
  private retired: { readonly id: number; readonly version: number }[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  private names(): string[] {
    return existsSync(this.folder) ? readdirSync(this.folder) : [];
  }

  /** Whether there is any segment. */
  holdsSegments(): boolean {
    return this.names().some((name) => name.endsWith(".parquet"));
  }

  /** The segments that are there whole, whether or not the catalogue names them. */
  ids(): number[] {
    return this.names().flatMap((name) => Number(/^(\d+)\.parquet$/.exec(name)?.[1] ?? []));
  }

  /** Keeps a segment, that the catalogue should name and does not, for whoever repairs the store. */
  setAside(id: number): void {
    renameSync(this.path(id), join(this.folder, `${lostPrefix}${id}.parquet`));
  }

  /** Paths of the segments that were set aside. */
  lostSegments(): string[] {
    return this.names().filter((name) => name.startsWith(lostPrefix)).map((name) => join(this.folder, name));
  }

  /** Makes the folder, and removes files of segments that the catalogue does not name. */
  tidy(known: ReadonlySet<number>): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    for (const name of this.names()) {
      const id = Number(/^(\d+)\.(parquet|filter)$/.exec(name)?.[1] ?? Number.NaN);
      if (!known.has(id) && !name.startsWith(lostPrefix)) rmSync(join(this.folder, name), { force: true });
    }
  }

  path(id: number): string {
    return join(this.folder, `${id}.parquet`);
  }

  /** Where a segment is written before it counts. */
  temporaryPath(id: number): string {
    return join(this.folder, `${id}.parquet.new`);
  }

  private filterPath(id: number): string {
    return join(this.folder, `${id}.filter`);
  }

  /** Puts a written segment and its filter in their places, durably; gives the file's size. */
  place(id: number, filter: AddressFilter | undefined): number {
    sync(this.temporaryPath(id));
    if (filter !== undefined) this.placeFilter(id, filter);
    renameSync(this.temporaryPath(id), this.path(id));
    sync(this.folder);
    return statSync(this.path(id)).size;
  }

  /** Puts a filter in its place, also in that of one that cannot be read. */
  placeFilter(id: number, filter: AddressFilter): void {
    const fresh = `${this.filterPath(id)}.new`;
    writeFileSync(fresh, filter.toBytes(), { mode: 0o600 });
    sync(fresh);
    renameSync(fresh, this.filterPath(id));
    this.lostFilters.delete(id);
  }

  /** Removes what was written of a segment that did not come to be. */
  discard(id: number): void {
    for (const path of [this.temporaryPath(id), this.path(id), this.filterPath(id), `${this.filterPath(id)}.new`]) {
      rmSync(path, { force: true });
    }
  }

  /** The filter of a segment's addresses; undefined where it has none that can be read. */
  async filter(id: number): Promise<AddressFilter | undefined> {
    const kept = this.filters.get(id);
    if (kept !== undefined) {
      this.filters.delete(id);
      this.filters.set(id, kept);
      return kept;
    }
    if (this.lostFilters.has(id)) return undefined;
    const path = this.filterPath(id);
    const read = existsSync(path) ? AddressFilter.fromBytes(await readFile(path)) : undefined;
    if (read === undefined) {
      const fault = existsSync(path) ? "its bytes are not those that were written" : "the file is missing";
      this.lostFilters.set(id, `filter ${path} cannot be read: ${fault}; searches of addresses look into its segment until it is made anew`);
      return undefined;
    }
    this.filters.set(id, read);
    if (this.filters.size > maxFilters) this.filters.delete(this.filters.keys().next().value!);
    return read;
  }

  /** Keeps the files of a version of the catalogue until the answer is called. */
  pin(version: number): () => void {
    this.pins.set(version, (this.pins.get(version) ?? 0) + 1);
    return () => {
      const left = this.pins.get(version)! - 1;
      if (left > 0) this.pins.set(version, left);
      else this.pins.delete(version);
      this.removeRetired();
    };
  }

  /** Removes segments that the catalogue names no more from this version on. */
  retire(ids: readonly number[], version: number): void {
    this.retired.push(...ids.map((id) => ({ id, version })));
    this.removeRetired();
  }

  private removeRetired(): void {
    const oldest = Math.min(Number.POSITIVE_INFINITY, ...this.pins.keys());
    for (const { id } of this.retired.filter(({ version }) => version <= oldest)) {
      this.filters.delete(id);
      this.lostFilters.delete(id);
      this.discard(id);
    }
    this.retired = this.retired.filter(({ version }) => version > oldest);
  }
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
