/** Several captures as one, in the order of their packets' times. */
import { placeBytes } from "./capture-file.ts";
import { PacketBatch, timeMsAt } from "./packet-batch.ts";

/** Bytes of a merged batch, which a packet with all that belongs to it may exceed. */
const mostBytes = placeBytes - 1024;

interface Cursor {
  readonly batches: AsyncIterator<PacketBatch>;
  batch: PacketBatch;
  place: number;
}

/** Merges captures, each of them in its own order already; a single one passes as it is. */
export async function* mergeByTime(captures: readonly AsyncIterable<PacketBatch>[]): AsyncGenerator<PacketBatch> {
  if (captures.length === 1) {
    yield* captures[0]!;
    return;
  }
  const cursors: Cursor[] = [];
  for (const capture of captures) {
    const cursor = { batches: capture[Symbol.asyncIterator](), batch: new PacketBatch(), place: 0 };
    if (await advance(cursor)) cursors.push(cursor);
  }
  let merged = new PacketBatch();
  while (cursors.length > 0) {
    const next = earliest(cursors);
    merged.copy(next.batch, next.place);
    next.place++;
    if (next.place === next.batch.count && !(await advance(next))) cursors.splice(cursors.indexOf(next), 1);
    if (merged.size >= mostBytes) {
      yield merged;
      merged = new PacketBatch();
    }
  }
  if (merged.count > 0) yield merged;
}

async function advance(cursor: Cursor): Promise<boolean> {
  cursor.batch.place?.release();
  const next = await cursor.batches.next();
  if (next.done) return false;
  cursor.batch = next.value;
  cursor.place = 0;
  return true;
}

/** The cursor whose next packet comes first; of equals, the one of the earlier file. */
function earliest(cursors: readonly Cursor[]): Cursor {
  let first = cursors[0]!;
  for (const cursor of cursors) {
    if (timeMsAt(cursor.batch, cursor.place) < timeMsAt(first.batch, first.place)) first = cursor;
  }
  return first;
}
