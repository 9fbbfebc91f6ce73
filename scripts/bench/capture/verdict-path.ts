/** `verdict-path.ts CAPTURE`: offers a capture to a cloud in this process, as built; prints packets, bytes and flows counted. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { openCaptureAside } from "../../../src/backend/traffic/capture-thread.ts";
import { type CloudParts, pathOf, world } from "../verdict-world.ts";
import { firstSecond } from "./mixes.ts";

/** A module of the built backend. */
async function built(name: string): Promise<unknown> {
  return import(pathToFileURL(resolve("dist", "backend", `${name}.js`)).href);
}

const parts = Object.assign({}, ...(await Promise.all(["cloud", "clock", "ids"].map(built)))) as CloudParts;
const reading = (await built("traffic/capture-thread")) as { openCaptureAside: typeof openCaptureAside };
// The second thread reads ahead while the network is made.
const { batches } = reading.openCaptureAside(process.argv[2]!);
const cloud = await world(parts, true, firstSecond * 1000);
const { packets } = cloud.rooms;
let number = 0;
let bytes = 0;
for await (const batch of batches) {
  const words = new Uint32Array(batch.bytes.buffer, batch.bytes.byteOffset, batch.count * 8);
  for (let at = 4; at < words.length; at += 8) bytes += words[at]!;
  await pathOf(cloud).offerChunk({ replayId: "00".repeat(16), number: number++, notIp: 0, undecodable: 0, batch });
  batch.place?.release();
}
const { read, accepted, skipped, unwatched, withheld } = packets.total;
if (accepted !== read || skipped + unwatched + withheld > 0) throw new Error(JSON.stringify(packets.total));
const topics = await cloud.call("DescribeTopics", {});
const flows = await packets.pendingRecords(topics.Topics[0]!.TopicId);
console.log(`${read} packets, ${bytes} bytes, ${flows} flows`);
await cloud.close();
