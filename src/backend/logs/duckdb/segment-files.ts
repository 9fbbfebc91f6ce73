/**
 * The files of sealed segments: a Parquet file each, and beside that of records the filter of its addresses and its
 * roll-ups.
 *
 * A file is written under a temporary name, synced and renamed; what the catalogue does not name is removed when the
 * store is opened. A file that a read may still be looking at is not removed before the read is over.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { syncPath } from "../../disk-sync.ts";
import { AddressFilters } from "./address-filter.ts";
import { rollUpNames } from "./roll-ups.ts";

/** Names of files with the filters of several segments. */
export const joinedName = /^\d+\.filters$/;

/** Begins the names of segments that were set aside. */
const lostPrefix = "lost-";

/** The folder of segments. */
export class SegmentFiles {
  readonly folder: string;
  readonly filters: AddressFilters;
  /** Reads that are going on, by the version of the catalogue they look at. */
  private readonly pins = new Map<number, number>();
  private retired: { readonly id: number; readonly version: number }[] = [];

  constructor(folder: string) {
    this.folder = folder;
    this.filters = new AddressFilters((id) => this.filterPath(id));
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
    for (const name of this.names().filter((each) => !joinedName.test(each))) {
      const id = Number(/^(\d+)\.(?:parquet|filter|[a-z-]+\.sums)$/.exec(name)?.[1] ?? Number.NaN);
      if (!known.has(id) && !name.startsWith(lostPrefix)) rmSync(join(this.folder, name), { force: true });
    }
    // A filter of a segment's own is newer than one that it shares.
    const sharing = (id: number) => known.has(id) && !existsSync(this.filterPath(id));
    // Of two that tell of a segment, the later one's file counts.
    for (const name of this.names().filter((each) => joinedName.test(each)).toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))) {
      if (!this.filters.join(join(this.folder, name), sharing)) rmSync(join(this.folder, name), { force: true });
    }
  }

  path(id: number): string {
    return join(this.folder, `${id}.parquet`);
  }

  /** Where the rows of a segment are summed by some of their columns. */
  rollUpPath(id: number, name: string): string {
    return join(this.folder, `${id}.${name}.sums`);
  }

  private filterPath(id: number): string {
    return join(this.folder, `${id}.filter`);
  }

  private paths(id: number): string[] {
    return [...rollUpNames.map((name) => this.rollUpPath(id, name)), this.filterPath(id), this.path(id)];
  }

  /** Puts a written segment, its filter and its roll-ups in their places, durably; gives the size of the segment's file. */
  place(id: number, filter: Uint8Array | undefined): number {
    if (filter !== undefined) writeFileSync(temporary(this.filterPath(id)), filter, { mode: 0o600 });
    // The segment's own file comes last: where it is, the others are.
    for (const path of this.paths(id)) {
      if (!existsSync(temporary(path))) continue;
      syncPath(temporary(path));
      renameSync(temporary(path), path);
    }
    syncPath(this.folder);
    return statSync(this.path(id)).size;
  }

  /** Bytes of what lies beside a segment: its filter and its roll-ups. */
  besideBytes(id: number): number {
    const share = this.filters.shareOf(id);
    const beside = this.paths(id).filter((path) => path !== this.path(id));
    return beside.reduce((sum, path) => sum + bytesOf(path), share === undefined ? 0 : Math.round(bytesOf(share.path) / share.among));
  }

  /** Bytes of the filters that these segments have of their own. */
  filterBytes(ids: readonly number[]): number {
    return ids.reduce((sum, id) => sum + bytesOf(this.filterPath(id)), 0);
  }

  /** Puts the filters of several segments, as one file, in the place of those that each has of its own. */
  placeJoined(filter: Uint8Array, isWanted: (id: number) => boolean): void {
    const numbers = this.names().filter((name) => joinedName.test(name)).map((name) => Number.parseInt(name, 10));
    const path = join(this.folder, `${Math.max(0, ...numbers) + 1}.filters`);
    writeDurably(path, filter);
    syncPath(this.folder);
    this.filters.join(path, isWanted);
    for (const id of this.ids()) if (this.filters.shareOf(id)?.path === path) rmSync(this.filterPath(id), { force: true });
  }

  /** Puts a filter in the place of one that cannot be read. */
  placeFilter(id: number, filter: Uint8Array): void {
    writeDurably(this.filterPath(id), filter);
    this.filters.forget(id);
  }

  /** Removes what was written of a segment that did not come to be. */
  discard(id: number): void {
    this.filters.forget(id);
    for (const path of this.paths(id)) {
      rmSync(path, { force: true });
      rmSync(temporary(path), { force: true });
    }
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
      this.discard(id);
    }
    this.retired = this.retired.filter(({ version }) => version > oldest);
  }
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function writeDurably(path: string, bytes: Uint8Array): void {
  writeFileSync(temporary(path), bytes, { mode: 0o600 });
  syncPath(temporary(path));
  renameSync(temporary(path), path);
}

/** Where a file is written before it counts. */
export function temporary(path: string): string {
  return `${path}.new`;
}
