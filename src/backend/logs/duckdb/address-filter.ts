/** The filters of addresses of some segments, read page by page from files that stay open. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { blockMayHold, isPage, pageBytes, placeOf } from "./bloom.ts";

/** Most files that stay open. */
const maxOpen = 256;

interface Open {
  /** Undefined where there is no filter, or none that can be read. */
  readonly file: number | undefined;
  readonly pages: number;
}

const none: Open = { file: undefined, pages: 0 };

/** The files of filters by the number of their segment. */
export class AddressFilters {
  private readonly path: (id: number) => string;
  private readonly open = new Map<number, Open>();
  private readonly page = Buffer.alloc(pageBytes);

  constructor(path: (id: number) => string) {
    this.path = path;
  }

  /** Whether a segment may hold an IPv4 address; what is damaged tells nothing, so the segment may hold anything. */
  mayHold(id: number, address: number): boolean {
    const { file, pages } = this.opened(id);
    if (file === undefined) return true;
    const { page, block } = placeOf(address, pages);
    const read = readSync(file, this.page, 0, pageBytes, page * pageBytes);
    if (read === pageBytes && isPage(this.page, page)) return blockMayHold(this.page, block, address);
    this.forget(id);
    this.open.set(id, none);
    return true;
  }

  private opened(id: number): Open {
    const kept = this.open.get(id);
    if (kept !== undefined) return kept;
    const found = openFilter(this.path(id));
    this.open.set(id, found);
    if (this.open.size > maxOpen) this.forget(this.open.keys().next().value!);
    return found;
  }

  /** Closes a segment's file. */
  forget(id: number): void {
    const file = this.open.get(id)?.file;
    this.open.delete(id);
    if (file !== undefined) closeSync(file);
  }

  close(): void {
    for (const id of [...this.open.keys()]) this.forget(id);
  }
}

function openFilter(path: string): Open {
  try {
    const file = openSync(path, "r");
    const { size } = fstatSync(file);
    if (size > 0 && size % pageBytes === 0) return { file, pages: size / pageBytes };
    closeSync(file);
    return none;
  } catch {
    // Whatever keeps it from being opened: the segment itself tells what is in it.
    return none;
  }
}
