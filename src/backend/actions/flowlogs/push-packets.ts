import { ApiError } from "../../../wire/errors.ts";
import { maxChunkBytes, type OfferCounts } from "../../../wire/flowlogs.ts";
import { ChunkOutOfTurn } from "../../packet-path.ts";
import type { PathCounts } from "../../path-counts.ts";
import type { Rooms } from "../../rooms.ts";
import { MalformedChunk, nameOfChunk } from "../../traffic/packet-chunk.ts";

type Answer = OfferCounts & { Chunk: number };

/** Chunks whose answers are remembered, of all replays together: more than any client has under way. */
const maxAnswers = 256;

/** The answers to the latest chunks of each cloud, also to those that are still being judged, by the chunks' names. */
const answersOf = new WeakMap<Rooms["packets"], Map<string, Promise<Answer>>>();

/** Offers one chunk of packets; a chunk sent again is answered again and counted once. */
export async function pushPackets(rooms: Rooms, body: Uint8Array): Promise<Answer> {
  const answers = answersOf.get(rooms.packets) ?? new Map<string, Promise<Answer>>();
  answersOf.set(rooms.packets, answers);
  if (body.length > maxChunkBytes) {
    throw new ApiError("InvalidParameterValue", `Body: ${body.length} bytes are more than a chunk's ${maxChunkBytes}`);
  }
  const name = nameOfChunk(body);
  const known = answers.get(name);
  if (known !== undefined) return known;
  const answer = offer(rooms, body);
  answers.set(name, answer);
  if (answers.size > maxAnswers) answers.delete(answers.keys().next().value!);
  // A refused chunk may come again when its turn has come.
  answer.catch(() => answers.delete(name));
  return answer;
}

async function offer(rooms: Rooms, body: Uint8Array): Promise<Answer> {
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
