/** The filters of addresses of some segments, read page by page from files that stay open. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { blockMayHold, isPage, networkKey, pageBytes, placeOf } from "./bloom.ts";

/** Most files that stay open. */
const maxOpen = 256;

/** Addresses from one to another, both among them. */
export type AddressRange = readonly [first: number, last: number];

interface Open {
  readonly file: number;
  readonly pages: number;
}

/** The files of filters by the number of their segment. */
export class AddressFilters {
  /** Filters that cannot be read, in words, by segment. */
  readonly lost = new Map<number, string>();
  private readonly path: (id: number) => string;
  private readonly open = new Map<number, Open>();
  private readonly page = Buffer.alloc(pageBytes);

  constructor(path: (id: number) => string) {
    this.path = path;
  }

  /** Whether a segment may hold an IPv4 address of a stretch; what is damaged tells nothing, so the segment may hold anything. */
  mayHold(id: number, [first, last]: AddressRange): boolean {
    if (first === last) return this.mayHoldKey(id, first);
    return first >>> 8 !== last >>> 8 || this.mayHoldKey(id, networkKey(first));
  }

  private mayHoldKey(id: number, key: number): boolean {
    if (this.lost.has(id)) return true;
    const opened = this.opened(id);
    if (opened === undefined) return true;
    const { page, block } = placeOf(key, opened.pages);
    if (this.readPage(opened.file, page)) return blockMayHold(this.page, block, key);
    this.lose(id, "its bytes are not those that were written");
    return true;
  }

  private readPage(file: number, page: number): boolean {
    try {
      return readSync(file, this.page, 0, pageBytes, page * pageBytes) === pageBytes && isPage(this.page, page);
    } catch (error) {
      // The disk cannot read it.
      if (error instanceof Error && "code" in error) return false;
      throw error;
    }
  }

  private opened(id: number): Open | undefined {
    const kept = this.open.get(id);
    if (kept !== undefined) return kept;
    const path = this.path(id);
    if (!existsSync(path)) return this.lose(id, "the file is missing");
    const file = openSync(path, "r");
    const { size } = fstatSync(file);
    const found = { file, pages: size / pageBytes };
    this.open.set(id, found);
    if (size === 0 || size % pageBytes !== 0) return this.lose(id, "its bytes are not those that were written");
    if (this.open.size > maxOpen) this.forget(this.open.keys().next().value!);
    return found;
  }

  private lose(id: number, fault: string): undefined {
    this.forget(id);
    this.lost.set(id, `filter ${this.path(id)} cannot be read: ${fault}; searches of addresses look into its segment until it is made anew`);
    return undefined;
  }

  /** Closes a segment's file, whose place another may take. */
  forget(id: number): void {
    const file = this.open.get(id)?.file;
    this.open.delete(id);
    this.lost.delete(id);
    if (file !== undefined) closeSync(file);
  }

  close(): void {
    for (const id of [...this.open.keys()]) this.forget(id);
  }
}
