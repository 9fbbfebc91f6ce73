/** The filters of addresses of some segments, read page by page from files that stay open. */
import { closeSync, existsSync, fstatSync, openSync, readSync, rmSync } from "node:fs";
import { blockMayHold, isPage, networkKey, pageBytes, placeOf } from "./bloom.ts";
import { type JoinedLayout, joinedPlace, readLayout } from "./joined-filter.ts";

/** Most files that stay open. */
const maxOpen = 256;

/** Addresses from one to another, both among them. */
export type AddressRange = readonly [first: number, last: number];

/** Whether a segment may hold an address of a stretch. */
export type MayHold = (id: number, range: AddressRange) => boolean;

interface Open {
  readonly file: number;
  readonly pages: number;
}

/** A file with the filters of several segments. */
interface Joined {
  readonly path: string;
  readonly layout: JoinedLayout;
  /** Those of its segments that are still there and have no filter of their own. */
  readonly ids: Set<number>;
}

/** The files of filters by the number of their segment. */
export class AddressFilters {
  /** Filters that cannot be read, in words, by segment. */
  readonly lost = new Map<number, string>();
  private readonly path: (id: number) => string;
  private readonly open = new Map<string, Open>();
  private readonly joined = new Map<number, Joined>();
  private readonly page = Buffer.alloc(pageBytes);

  /** `path`: where a segment's own filter is. */
  constructor(path: (id: number) => string) {
    this.path = path;
  }

  /**
   * Tells for many segments; what is damaged tells nothing, so the segment may hold anything. A page that tells of
   * several segments is read once for all that are asked for by this answer.
   */
  lookUp(): MayHold {
    const pages = new Map<string, Buffer | undefined>();
    return (id, [first, last]) => {
      if (first === last) return this.mayHoldKey(id, first, pages);
      return first >>> 8 !== last >>> 8 || this.mayHoldKey(id, networkKey(first), pages);
    };
  }

  private mayHoldKey(id: number, key: number, pages: Map<string, Buffer | undefined>): boolean {
    if (this.lost.has(id)) return true;
    const joined = this.joined.get(id);
    if (joined !== undefined) {
      const { page, block } = joinedPlace(joined.layout, joined.layout.ids.indexOf(id), key);
      const name = `${page} ${joined.path}`;
      if (!pages.has(name)) pages.set(name, this.joinedPage(joined, page));
      const bytes = pages.get(name);
      return bytes === undefined || blockMayHold(bytes, block, key);
    }
    const path = this.path(id);
    const opened = this.opened(path);
    if (typeof opened === "string") return this.lose(id, path, opened);
    const { page, block } = placeOf(key, opened.pages);
    if (readPage(opened.file, page, this.page)) return blockMayHold(this.page, block, key);
    return this.lose(id, path, notAsWritten);
  }

  private joinedPage({ path, ids }: Joined, page: number): Buffer | undefined {
    const opened = this.opened(path);
    const bytes = Buffer.alloc(pageBytes);
    if (typeof opened !== "string" && readPage(opened.file, page, bytes)) return bytes;
    for (const id of [...ids]) this.lose(id, path, typeof opened === "string" ? opened : notAsWritten);
    return undefined;
  }

  /** A file that is open now; in words what is wrong with it. */
  private opened(path: string): Open | string {
    const kept = this.open.get(path);
    if (kept !== undefined) return kept;
    if (!existsSync(path)) return "the file is missing";
    const file = openSync(path, "r");
    const { size } = fstatSync(file);
    const found = { file, pages: size / pageBytes };
    this.open.set(path, found);
    if (size === 0 || size % pageBytes !== 0) {
      this.shut(path);
      return notAsWritten;
    }
    if (this.open.size > maxOpen) this.shut(this.open.keys().next().value!);
    return found;
  }

  private lose(id: number, path: string, fault: string): true {
    this.forget(id);
    this.lost.set(id, `filter ${path} cannot be read: ${fault}; searches of addresses look into its segment until it is made anew`);
    return true;
  }

  /** Takes up a file with the filters of several segments, for these of them; false where none is, or it is not as it was written. */
  join(path: string, wanted: (id: number) => boolean): boolean {
    const opened = this.opened(path);
    if (typeof opened === "string") return false;
    const first = Buffer.alloc(pageBytes);
    const layout = readPage(opened.file, 0, first) ? readLayout(first, opened.pages * pageBytes) : undefined;
    if (layout === undefined) {
      this.shut(path);
      return false;
    }
    const joined: Joined = { path, layout, ids: new Set(layout.ids.filter(wanted)) };
    for (const id of joined.ids) {
      this.forget(id);
      this.joined.set(id, joined);
    }
    if (joined.ids.size === 0) this.shut(path);
    return joined.ids.size > 0;
  }

  /** Whether a segment has its filter in a file with others. */
  isJoined(id: number): boolean {
    return this.joined.has(id);
  }

  /** A segment's part of the files with filters of several segments: the path, and how many share it. */
  shareOf(id: number): { readonly path: string; readonly among: number } | undefined {
    const joined = this.joined.get(id);
    return joined && { path: joined.path, among: joined.ids.size };
  }

  /** Lets go of a segment's filter, whose place another may take; a file that no segment needs any more is removed. */
  forget(id: number): void {
    this.lost.delete(id);
    this.shut(this.path(id));
    const joined = this.joined.get(id);
    this.joined.delete(id);
    joined?.ids.delete(id);
    if (joined?.ids.size !== 0) return;
    this.shut(joined.path);
    rmSync(joined.path, { force: true });
  }

  private shut(path: string): void {
    const file = this.open.get(path)?.file;
    this.open.delete(path);
    if (file !== undefined) closeSync(file);
  }

  close(): void {
    for (const path of [...this.open.keys()]) this.shut(path);
  }
}

const notAsWritten = "its bytes are not those that were written";

function readPage(file: number, page: number, into: Buffer): boolean {
  try {
    return readSync(file, into, 0, pageBytes, page * pageBytes) === pageBytes && isPage(into, page);
  } catch (error) {
    // The disk cannot read it.
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
