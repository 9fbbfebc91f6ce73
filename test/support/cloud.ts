/** A cloud in the process, with a clock that tests move, and packets offered to it. */
import { randomBytes } from "node:crypto";
import { VirtualClock } from "../../src/backend/clock.ts";
import { type Cloud, type CloudOptions, createCloud } from "../../src/backend/cloud.ts";
import { SeededRandom } from "../../src/backend/ids.ts";
import type { PacketBatch } from "../../src/backend/traffic/packet-batch.ts";
import { encodeChunk } from "../../src/backend/traffic/packet-chunk.ts";
import type { OfferCounts } from "../../src/wire/flowlogs.ts";

/** When the clocks of tests start: the opening of a capture window. */
export const startMs = Date.parse("2026-11-22T10:00:00Z");

/** A cloud and its clock. */
export interface TestCloud {
  readonly cloud: Cloud;
  readonly clock: VirtualClock;
}

/** How clouds of a test file are started where it does not say otherwise. */
export const usual: Partial<CloudOptions> = {};

/** How many of so many clouds are looked at: a tenth where each starts threads. */
export function some(clouds: number): number {
  return usual.threads === undefined ? clouds : Math.ceil(clouds / 10);
}

/** Starts a cloud that keeps nothing; the same seed gives the same ids. */
export function testCloud(options: Partial<CloudOptions> & { readonly seed?: number } = {}): TestCloud {
  const clock = new VirtualClock(startMs);
  const cloud = createCloud({ clock, random: new SeededRandom(options.seed ?? 1), ...usual, ...options });
  return { cloud, clock };
}

/** Offers packets as one chunk of a replay of their own. */
export function offer(cloud: Cloud, batch: PacketBatch): Promise<OfferCounts> {
  const replayId = randomBytes(16).toString("hex");
  return cloud.pushPackets(encodeChunk({ replayId, number: 0, notIp: 0, undecodable: 0, batch }));
}

/** Every record of a topic, as lines, oldest first. */
export async function lines(cloud: Cloud, topicId: string, query = ""): Promise<string[]> {
  const found = await cloud.call("SearchLog", {
    TopicId: topicId,
    QueryString: query,
    From: 0,
    To: Number.MAX_SAFE_INTEGER,
    Sort: "asc",
    Limit: 1000,
  });
  if (!found.ListOver) throw new Error("more than 1000 records: the test needs paging");
  return (found.Results ?? []).map(({ RawLog }) => RawLog);
}
