/**
 * The filters of several segments in one file, so that one page tells of an address in all of them: rows of blocks, in
 * each row a block of every segment. A filter of a segment alone has its blocks in a file of its own (`bloom.ts`).
 *
 * The first page names the segments; all pages are closed as those of a single filter are.
 */
import { addToBlock, blocksPerPage, closePage, isPage, keysOf, pageBytes, rowOf } from "./bloom.ts";

/** Most segments of one file. */
const maxJoined = blocksPerPage;

/** Where the blocks of a joined filter's segments lie. */
export interface JoinedLayout {
  readonly ids: readonly number[];
  readonly rowsPerPage: number;
  readonly rows: number;
}

function layoutOf(ids: readonly number[], pages: number): JoinedLayout {
  const rowsPerPage = Math.floor(blocksPerPage / ids.length);
  return { ids, rowsPerPage, rows: pages * rowsPerPage };
}

/** A file that is filled segment by segment. */
export class JoinedFilter {
  readonly bytes: Uint8Array;
  private readonly words: Uint32Array;
  private readonly layout: JoinedLayout;

  /** `ownBytes`: what the segments' own filters take together, which is what this one takes. */
  constructor(ids: readonly number[], ownBytes: number) {
    if (ids.length === 0 || ids.length > maxJoined) throw new RangeError(`a joined filter is of 1 to ${maxJoined} segments`);
    const pages = Math.max(1, Math.ceil(ownBytes / pageBytes));
    this.layout = layoutOf(ids, pages);
    this.bytes = new Uint8Array((pages + 1) * pageBytes);
    this.words = new Uint32Array(this.bytes.buffer);
    this.words.set([ids.length, ...ids]);
  }

  /** The addresses of a segment, each given once. */
  fill(id: number, addresses: ArrayLike<number>): void {
    const segment = this.layout.ids.indexOf(id);
    for (const key of keysOf(addresses)) {
      const { page, block } = joinedPlace(this.layout, segment, key);
      addToBlock(this.words, page, block, key);
    }
  }

  /** The file's bytes. */
  close(): Uint8Array {
    for (let page = 0; page * pageBytes < this.bytes.length; page++) closePage(this.bytes, page);
    return this.bytes;
  }
}

/** The page that tells of a key in a segment, and the segment's block in it. */
export function joinedPlace({ ids, rowsPerPage, rows }: JoinedLayout, segment: number, key: number): { readonly page: number; readonly block: number } {
  const row = rowOf(key, rows);
  return { page: 1 + Math.floor(row / rowsPerPage), block: (row % rowsPerPage) * ids.length + segment };
}

/** Reads the layout from the first page of a file of so many bytes; undefined where it is not as it was written. */
export function readLayout(first: Uint8Array, fileBytes: number): JoinedLayout | undefined {
  const pages = fileBytes / pageBytes - 1;
  if (!Number.isInteger(pages) || pages < 1 || !isPage(first, 0)) return undefined;
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const count = view.getUint32(0, true);
  if (count === 0 || count > maxJoined) return undefined;
  return layoutOf(Array.from({ length: count }, (_, place) => view.getUint32(4 + place * 4, true)), pages);
}
