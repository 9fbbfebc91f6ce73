/** The packets of a replay on their way to the backend, and what it says became of them. */
import { randomBytes } from "node:crypto";
import type { CaptureReading } from "../backend/traffic/capture-file.ts";
import { PacketBatch } from "../backend/traffic/packet-batch.ts";
import { encodeChunk } from "../backend/traffic/packet-chunk.ts";
import type { Client } from "../client/client.ts";
import type { OfferCounts } from "../wire/flowlogs.ts";
import { type ChunkAnswer, ChunksInFlight } from "./chunks-in-flight.ts";
import { clearProgress, grouped, showProgress } from "./output.ts";

/** Pushes batches as numbered chunks and sums up what the backend answers. */
export class Pusher {
  private readonly chunks: ChunksInFlight;
  private readonly captures: readonly CaptureReading[];
  private readonly replayId = randomBytes(16).toString("hex");
  /** The batches whose chunks are under way, in their order. */
  private readonly underWay: PacketBatch[] = [];
  /** Memory of chunks that were answered, for the next ones. */
  private readonly used: Buffer[] = [];
  private readonly startedMs = performance.now();
  private number = 0;
  private readonly reported = { notIp: 0, undecodable: 0 };
  private readonly totals: Record<string, number> = {};

  constructor(client: Client, captures: readonly CaptureReading[]) {
    this.chunks = new ChunksInFlight(client, (answer, chunk) => {
      const { place } = this.underWay.shift()!;
      if (place === undefined) this.used.push(chunk);
      else place.release();
      this.count(answer);
    });
    this.captures = captures;
  }

  /** Sends a batch, as soon as the backend keeps up. */
  async push(batch: PacketBatch): Promise<void> {
    this.underWay.push(batch);
    await this.chunks.send(encodeChunk(this.nextChunk(batch), batch.place === undefined ? this.used.pop() : undefined));
  }

  private count({ Chunk: _, ...counts }: ChunkAnswer): void {
    for (const [name, count] of Object.entries(counts)) {
      if (typeof count === "number") this.totals[name] = (this.totals[name] ?? 0) + count;
    }
    showProgress(() => this.progress());
  }

  private progress(): string {
    const total = (name: keyof OfferCounts) => this.totals[name] ?? 0;
    const seconds = (performance.now() - this.startedMs) / 1000;
    const parts = [
      `${grouped(total("Read"))} packets`,
      `${grouped(total("Matched"))} at ENIs`,
      `${grouped(total("Rejected"))} rejected`,
      `${grouped(total("Unmatched"))} unmatched`,
      `${grouped(Math.round(total("Read") / seconds))}/s`,
    ];
    const share = shareOf(this.captures);
    if (share !== undefined && share > 0) parts.push(`${Math.ceil((seconds / share) * (1 - share))} s left`);
    return parts.join(", ");
  }

  /** Reports the frames that came after the last packet, and gives the totals. */
  async finish(): Promise<OfferCounts> {
    await this.push(new PacketBatch());
    await this.chunks.settle();
    clearProgress();
    return this.totals as unknown as OfferCounts;
  }

  private nextChunk(batch: PacketBatch) {
    const sum = (count: (of: CaptureReading["counts"]) => number) => this.captures.reduce((total, { counts }) => total + count(counts), 0);
    const notIp = sum((counts) => counts.notIp + counts.otherLink) - this.reported.notIp;
    const undecodable = sum((counts) => counts.undecodable) - this.reported.undecodable;
    this.reported.notIp += notIp;
    this.reported.undecodable += undecodable;
    return { replayId: this.replayId, number: this.number++, notIp, undecodable, batch };
  }
}

/** How much of the captures has been read; undefined where their size is not known. */
function shareOf(captures: readonly CaptureReading[]): number | undefined {
  let [position, size] = [0, 0];
  for (const { source } of captures) {
    if (source.size === undefined) return undefined;
    position += source.position;
    size += source.size;
  }
  return size === 0 ? undefined : position / size;
}
