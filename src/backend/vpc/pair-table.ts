/** Bounded tables of what stands between two addresses: conversations, connections. */
import { BoundedTable, lastFloat } from "./bounded-table.ts";
import { saveRows, type SavedTable } from "./saved-table.ts";
import { latenessMs } from "./tracking-settings.ts";

/** Bits of a key's fourth word: the first address, the second one is IPv6. */
export const [firstIpv6, secondIpv6] = [256, 512];

/** A table whose keys begin with two addresses; the fourth word tells their families. */
export abstract class PairTable extends BoundedTable {
  /** The moment by which the worth of others is judged. */
  protected worthMs = Number.NEGATIVE_INFINITY;

  protected override isRecent(place: number): boolean {
    return this.worthMs - this.floats[place * (this.rowWords / 2) + lastFloat]! < latenessMs;
  }

  /** Marks the IPv6 addresses that are remembered. */
  mark(needed: Uint8Array): void {
    const { rows, rowWords } = this;
    for (const place of this.taken()) {
      const at = place * rowWords;
      const kind = rows[at + 3]!;
      if ((kind & firstIpv6) !== 0) needed[rows[at]!] = 1;
      if ((kind & secondIpv6) !== 0) needed[rows[at + 1]!] = 1;
    }
  }

  /** Everything remembered, as plain values; only when no pulse goes on. */
  save(): SavedTable {
    return saveRows(this.rows, this.rowWords, this.taken());
  }
}
