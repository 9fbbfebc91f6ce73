/** While packets are judged and counted, and records kept, sealed and searched, whoever asks for something else is answered. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as othersTurn, setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Cloud } from "../../src/backend/cloud.ts";
import { folderDisk } from "../../src/backend/main.ts";
import { encodeChunk } from "../../src/backend/traffic/packet-chunk.ts";
import { testCloud } from "../support/cloud.ts";
import { makeEni, makeFlowLog, makeGroup, makeSubnet, makeTopic, makeVpc, rule } from "../support/network.ts";
import { batchOf } from "../support/packets.ts";

const folder = mkdtempSync(join(tmpdir(), "flowlogs-meanwhile-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const chunks = 4;
const packetsOfChunk = 30_000;

/** Chunks of packets, each of a flow of its own, a window apart. */
function bodies(): Buffer[] {
  return Array.from({ length: chunks }, (_, number) => {
    const packets = Array.from({ length: packetsOfChunk }, (_, place) => ({
      src: `203.0.${place >> 8}.${place & 255}`,
      dst: "172.31.16.10",
      protocol: "udp",
      sport: 1024 + number,
      dport: 53,
      at: number * 600 + 1 + place / 1000,
    }));
    return encodeChunk({ replayId: "ab".repeat(16), number, notIp: 0, undecodable: 0, batch: batchOf(...packets) });
  });
}

/** Calls the cloud again and again until told to stop: how often it answered, and how much of this thread's time the longest turn took. */
async function callMeanwhile(cloud: Cloud, until: Promise<unknown>): Promise<{ answers: number; longestMs: number }> {
  let isOver = false;
  const over = until.finally(() => (isOver = true));
  let [answers, longestMs] = [0, 0];
  while (!isOver) {
    const before = process.threadCpuUsage();
    const calling = cloud.call("DescribeFlowLogs", {});
    await othersTurn();
    const { user, system } = process.threadCpuUsage(before);
    longestMs = Math.max(longestMs, (user + system) / 1000);
    await calling;
    answers++;
    // The machine's other processors are for the threads.
    await wait(1);
  }
  await over;
  return { answers, longestMs };
}

test("120,000 packets, their records and the sealing of them hold up no answer", async () => {
  const deaths: Error[] = [];
  const { cloud } = testCloud({ disk: folderDisk(folder), threads: { died: (error) => deaths.push(error) } });
  const vpc = await makeVpc(cloud);
  const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
  await makeEni(cloud, vpc, subnet, "172.31.16.10", [await makeGroup(cloud, [rule("UDP")], [])]);
  const TopicId = await makeTopic(cloud);
  await makeFlowLog(cloud, vpc, TopicId);
  const sent = bodies();
  const meanwhile = await callMeanwhile(cloud, (async () => {
    for (const body of sent) await cloud.pushPackets(body);
    await cloud.call("AdvanceClock", { Seconds: 3 * 3600 });
    await cloud.call("SearchLog", { TopicId, QueryString: "action:ACCEPT", From: 0, To: Number.MAX_SAFE_INTEGER, Limit: 1000 });
  })());
  const usage = await cloud.call("DescribeTopicUsage", { TopicId });
  await cloud.close();
  expect(usage.Records).toBeGreaterThanOrEqual(chunks * packetsOfChunk);
  expect(existsSync(join(folder, "logs", "segments")) && readdirSync(join(folder, "logs", "segments")).length).toBeGreaterThan(0);
  expect(deaths).toEqual([]);
  expect(meanwhile.answers).toBeGreaterThan(50);
  expect(meanwhile.longestMs).toBeLessThan(50);
}, 60_000);
