import { ApiError } from "../../../wire/errors.ts";
import type { OfferCounts } from "../../../wire/flowlogs.ts";
import { ChunkOutOfTurn } from "../../packet-path.ts";
import type { PathCounts } from "../../path-counts.ts";
import type { Rooms } from "../../rooms.ts";
import { MalformedChunk } from "../../traffic/packet-chunk.ts";

/** Offers one chunk of packets; a chunk sent again is answered again and counted once. */
export async function pushPackets(rooms: Rooms, body: Uint8Array): Promise<OfferCounts & { Chunk: number }> {
  try {
    const { chunk, counts } = await rooms.packets.offerChunk(body);
    return { Chunk: chunk, ...shownCounts(counts) };
  } catch (error) {
    const isRefusal = error instanceof MalformedChunk || error instanceof ChunkOutOfTurn;
    if (isRefusal) throw new ApiError("InvalidParameterValue", error.message);
    throw error;
  }
}

/** Counts as the API answers them. */
export function shownCounts(counts: Readonly<PathCounts>): OfferCounts {
  return {
    Read: counts.read,
    Matched: counts.matched,
    Unmatched: counts.unmatched,
    Undecodable: counts.undecodable,
    Offered: counts.offered,
    Accepted: counts.accepted,
    Rejected: counts.rejected,
    Withheld: counts.withheld,
    LeftOut: counts.leftOut,
    Unwatched: counts.unwatched,
    Skipped: counts.skipped,
  };
}
