/** `verdict-path.ts CAPTURE`: offers a capture to a cloud in this process; prints packets, bytes and flows counted. */
import { openCapture } from "../../../src/backend/traffic/capture-file.ts";
import { pathOf, world } from "../verdicts.ts";
import { firstSecond } from "./mixes.ts";

const cloud = await world(true, firstSecond * 1000);
const { packets } = cloud.rooms;
let number = 0;
let bytes = 0;
for await (const batch of openCapture(process.argv[2]!).batches) {
  for (let place = 0; place < batch.count; place++) bytes += batch.view.getUint32(place * 32 + 16, true);
  await pathOf(cloud).offerChunk({ replayId: "00".repeat(16), number: number++, notIp: 0, undecodable: 0, batch });
}
const { read, accepted, skipped, unwatched, withheld } = packets.total;
if (accepted !== read || skipped + unwatched + withheld > 0) throw new Error(JSON.stringify(packets.total));
const topics = await cloud.call("DescribeTopics", {});
const flows = await packets.pendingRecords(topics.Topics[0]!.TopicId);
console.log(`${read} packets, ${bytes} bytes, ${flows} flows`);
await cloud.close();
