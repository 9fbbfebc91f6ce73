/**
 * Chunks of packets on their way to the backend, several at a time and in their order: the next is made, signed and
 * sent while the backend works on the one before.
 */
import type { Client } from "../client/client.ts";
import type { OfferCounts } from "../wire/flowlogs.ts";

/** What the backend answers to a chunk. */
export type ChunkAnswer = OfferCounts & { readonly Chunk: number };

interface Sent {
  readonly chunk: Buffer;
  /** Settles to the answer, or to undefined where there is none: a later chunk may have overtaken one that was lost. */
  readonly answer: Promise<ChunkAnswer | undefined>;
}

/** Chunks that may be without an answer: one is judged, one has arrived, one is on its way. */
const maxInFlight = 3;

/** Sends chunks; `answered` hears every answer once, in the order of the chunks, and gets the chunk's memory back. */
export class ChunksInFlight {
  private readonly client: Client;
  private readonly answered: (answer: ChunkAnswer, chunk: Buffer) => void;
  private readonly sent: Sent[] = [];

  constructor(client: Client, answered: (answer: ChunkAnswer, chunk: Buffer) => void) {
    this.client = client;
    this.answered = answered;
  }

  /** Sends a chunk as soon as there is room for it. */
  async send(chunk: Buffer): Promise<void> {
    if (this.sent.length === maxInFlight) await this.settleFirst();
    this.sent.push({ chunk, answer: this.client.pushPackets(chunk).catch(() => undefined) });
  }

  /** Waits until everything is answered. */
  async settle(): Promise<void> {
    while (this.sent.length > 0) await this.settleFirst();
  }

  private async settleFirst(): Promise<void> {
    const answer = await this.sent[0]!.answer;
    if (answer === undefined) return this.sendAgain();
    this.answered(answer, this.sent.shift()!.chunk);
  }

  /**
   * The first chunk has no answer. When nothing is under way any more, it and those behind it are sent again, one after
   * the other: the backend counts none of them twice, and what is really wrong comes back.
   */
  private async sendAgain(): Promise<void> {
    await Promise.all(this.sent.map(({ answer }) => answer));
    for (let first = this.sent[0]; first !== undefined; first = this.sent[0]) {
      const answer = (await first.answer) ?? (await this.client.pushPackets(first.chunk));
      this.sent.shift();
      this.answered(answer, first.chunk);
    }
  }
}
