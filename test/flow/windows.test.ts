/** Capture windows and time: when records come, what they count, and what is said of windows without traffic. */
import { describe, expect, test } from "vitest";
import { lines, offer, testCloud } from "../support/cloud.ts";
import { makeEni, makeFlowLog, makeGroup, makeSubnet, makeTopic, makeVpc, rule } from "../support/network.ts";
import { batchOf, type TestPacket } from "../support/packets.ts";

const minute = 60_000;
const start = Date.parse("2026-11-22T10:00:00Z") / 1000;
const web = "172.31.16.10";

async function world(options: Parameters<typeof testCloud>[0] = {}) {
  const { cloud, clock } = testCloud(options);
  const vpc = await makeVpc(cloud);
  const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
  const group = await makeGroup(cloud, [rule("TCP")], [rule("ALL")]);
  const eni = await makeEni(cloud, vpc, subnet, web, [group]);
  const topic = await makeTopic(cloud);
  return { cloud, clock, vpc, subnet, eni, topic };
}

const tcp = (at: number, more: Partial<TestPacket> = {}): TestPacket => ({
  src: "203.0.113.12",
  dst: web,
  sport: 40_000,
  dport: 22,
  flags: "S",
  at,
  ...more,
});

describe("publishing", () => {
  test("nothing at 14:59, the record at 15:00", async () => {
    const { cloud, clock, vpc, topic } = await world();
    await makeFlowLog(cloud, vpc, topic);
    await offer(cloud, batchOf(tcp(1)));
    await clock.moveTo(Date.parse("2026-11-22T10:14:59Z"));
    expect(await lines(cloud, topic)).toHaveLength(0);
    await clock.moveTo(Date.parse("2026-11-22T10:15:00Z"));
    expect(await lines(cloud, topic)).toHaveLength(1);
    await cloud.close();
  });

  test.each([
    [60, 30],
    [300, 300],
    [600, 0],
  ])("a window of %i s and a delay of %i s", async (windowSeconds, publishDelaySeconds) => {
    const { cloud, clock, vpc, topic } = await world({ windowSeconds, publishDelaySeconds });
    await makeFlowLog(cloud, vpc, topic);
    await offer(cloud, batchOf(tcp(1)));
    const dueMs = (start + windowSeconds + publishDelaySeconds) * 1000;
    await clock.moveTo(dueMs - 1);
    expect(await lines(cloud, topic)).toHaveLength(0);
    await clock.moveTo(dueMs);
    expect(await lines(cloud, topic)).toHaveLength(1);
    await cloud.close();
  });

  test("one flow over three windows is three records; start and end are the packets' own", async () => {
    const { cloud, clock, vpc, eni, topic } = await world();
    await makeFlowLog(cloud, vpc, topic);
    await offer(cloud, batchOf(tcp(0), tcp(599.999, { flags: "A" }), tcp(600, { flags: "A" }), tcp(1300, { flags: "A", bytes: 100 })));
    await clock.advance(60 * minute);
    const flow = `${eni} 203.0.113.12 ${web} 40000 22 6`;
    const records = (await lines(cloud, topic, "log-status:OK")).map((line) => line.replace("2 1250000000 ", ""));
    expect(records).toEqual([
      `${flow} 2 120 ${start} ${start + 599} ACCEPT OK`,
      `${flow} 1 60 ${start + 600} ${start + 600} ACCEPT OK`,
      `${flow} 1 100 ${start + 1300} ${start + 1300} ACCEPT OK`,
    ]);
    await cloud.close();
  });

  test("a packet that comes before its window is published still counts, a later one is skipped and told of", async () => {
    const { cloud, clock, vpc, eni, topic } = await world();
    await makeFlowLog(cloud, vpc, topic);
    await clock.moveTo(Date.parse("2026-11-22T10:14:59Z"));
    expect(await offer(cloud, batchOf(tcp(5)))).toMatchObject({ Skipped: 0, Accepted: 1 });
    await clock.moveTo(Date.parse("2026-11-22T10:15:01Z"));
    expect(await offer(cloud, batchOf(tcp(6, { flags: "A" })))).toMatchObject({ Skipped: 1, Accepted: 1 });
    await clock.advance(15 * minute);
    const found = await lines(cloud, topic);
    expect(found.filter((line) => line.endsWith("OK"))).toHaveLength(1);
    expect(found).toContain(`2 1250000000 ${eni} - - - - - - - ${start} ${start + 600} - SKIPDATA`);
    await cloud.close();
  });
});

describe("NODATA", () => {
  test("comes for each window without traffic, with the window's times", async () => {
    const { cloud, clock, vpc, eni, topic } = await world();
    await makeFlowLog(cloud, vpc, topic);
    await clock.advance(25 * minute);
    expect(await lines(cloud, topic)).toEqual(
      [0, 600].map((from) => `2 1250000000 ${eni} - - - - - - - ${start + from} ${start + from + 600} - NODATA`),
    );
    await cloud.close();
  });

  test("does not come where there was traffic, whatever the traffic type", async () => {
    const { cloud, clock, vpc, topic } = await world();
    await makeFlowLog(cloud, vpc, topic, { type: "VPC", id: vpc }, "REJECT");
    await offer(cloud, batchOf(tcp(1)));
    await clock.advance(15 * minute);
    expect(await lines(cloud, topic)).toEqual([]);
    await cloud.close();
  });

  test("does not come where there was only DHCP, which no record shows", async () => {
    const { cloud, clock, vpc, topic } = await world();
    await makeFlowLog(cloud, vpc, topic);
    const dhcp = { src: "172.31.16.1", dst: web, protocol: "udp", sport: 67, dport: 68, at: 1 };
    const activation = { src: web, dst: "169.254.0.55", protocol: "tcp", sport: 50_000, dport: 1688, flags: "S", at: 2 };
    expect(await offer(cloud, batchOf(dhcp, activation))).toMatchObject({ LeftOut: 2, Accepted: 0 });
    await clock.advance(15 * minute);
    expect(await lines(cloud, topic)).toEqual([]);
    await cloud.close();
  });
});

describe("which flow log sees a packet", () => {
  test("an ENI's, its subnet's and its VPC's, each by its traffic type, also for ENIs made later", async () => {
    const { cloud, clock, vpc, subnet, eni } = await world();
    const topics: Record<string, string> = {};
    for (const name of ["vpc", "subnet", "eni"]) topics[name] = await makeTopic(cloud, name);
    await makeFlowLog(cloud, vpc, topics["vpc"]!, { type: "VPC", id: vpc }, "ALL");
    await makeFlowLog(cloud, vpc, topics["subnet"]!, { type: "SUBNET", id: subnet }, "ACCEPT");
    await makeFlowLog(cloud, vpc, topics["eni"]!, { type: "NETWORKINTERFACE", id: eni }, "REJECT");
    const later = await makeEni(cloud, vpc, subnet, "172.31.16.20");
    const udp = tcp(2, { protocol: "udp", dport: 53 });
    await offer(cloud, batchOf(tcp(1), udp, tcp(3, { dst: "172.31.16.20" })));
    await clock.advance(15 * minute);
    const seen = async (name: string) => {
      const found = await lines(cloud, topics[name]!, "log-status:OK");
      return found.map((line) => line.split(" ")).map((fields) => `${fields[2]} ${fields[7]} ${fields[12]}`);
    };
    expect(await seen("vpc")).toEqual([`${eni} 6 ACCEPT`, `${eni} 17 REJECT`, `${later} 6 ACCEPT`]);
    expect(await seen("subnet")).toEqual([`${eni} 6 ACCEPT`, `${later} 6 ACCEPT`]);
    expect(await seen("eni")).toEqual([`${eni} 17 REJECT`]);
    await cloud.close();
  });

  test("each ENI is a log stream of its own in the topic", async () => {
    const { cloud, clock, vpc, subnet, eni, topic } = await world();
    const other = await makeEni(cloud, vpc, subnet, "172.31.16.20");
    await makeFlowLog(cloud, vpc, topic);
    await offer(cloud, batchOf(tcp(1), tcp(2, { src: web, dst: "172.31.16.20", flags: "S" })));
    await clock.advance(15 * minute);
    const { Results } = await cloud.call("SearchLog", { TopicId: topic, From: 0, To: Number.MAX_SAFE_INTEGER, Sort: "asc" });
    expect(Results!.map(({ FileName }) => FileName)).toEqual([eni, eni, other]);
    await cloud.close();
  });

  test("not before it was made, nor while it is switched off; what it captured before it is deleted still comes", async () => {
    const { cloud, clock, vpc, topic } = await world();
    await clock.advance(10_000);
    const early = await offer(cloud, batchOf(tcp(9)));
    const flowLog = await makeFlowLog(cloud, vpc, topic);
    const first = await offer(cloud, batchOf(tcp(8, { dport: 1 }), tcp(11, { dport: 2 })));
    await cloud.call("DisableFlowLogs", { FlowLogIds: [flowLog] });
    const off = await offer(cloud, batchOf(tcp(12, { dport: 3 })));
    await cloud.call("EnableFlowLogs", { FlowLogIds: [flowLog] });
    await offer(cloud, batchOf(tcp(13, { dport: 4 })));
    await cloud.call("DeleteFlowLog", { FlowLogId: flowLog, VpcId: vpc });
    const after = await offer(cloud, batchOf(tcp(14, { dport: 5 })));
    expect([early, first, off, after].map(({ Unwatched }) => Unwatched)).toEqual([1, 1, 1, 1]);
    await clock.advance(15 * minute);
    expect((await lines(cloud, topic)).map((line) => line.split(" ")[6])).toEqual(["2", "4"]);
    await cloud.close();
  });

  test("records on their way to a topic that is deleted are dropped and counted, and it does not come back", async () => {
    const { cloud, clock, vpc, topic } = await world();
    await makeFlowLog(cloud, vpc, topic);
    await offer(cloud, batchOf(tcp(1)));
    expect(await cloud.call("DescribeTopicUsage", { TopicId: topic })).toMatchObject({ Records: 0, PendingRecords: 1 });
    await cloud.call("DeleteTopic", { TopicId: topic });
    await clock.advance(15 * minute);
    expect(await cloud.call("DescribeStatus", {})).toMatchObject({ DroppedRecords: 1, Topics: [] });
    await cloud.close();
  });
});

test("the same chunk sent twice is counted once; one out of turn is refused", async () => {
  const { encodeChunk } = await import("../../src/backend/traffic/packet-chunk.ts");
  const { cloud } = await world();
  const chunk = (number: number) => encodeChunk({ replayId: "ab".repeat(16), number, notIp: 0, undecodable: 0, batch: batchOf(tcp(number)) });
  const first = await cloud.pushPackets(chunk(0));
  expect(await cloud.pushPackets(chunk(0))).toEqual(first);
  expect((await cloud.call("DescribeStatus", {})).Traffic.Read).toBe(1);
  await expect(cloud.pushPackets(chunk(2))).rejects.toThrow("ChunkNumber: 2 is out of turn, 1 is next");
  await cloud.close();
});

test("a virtual clock goes forward only", async () => {
  const { cloud } = await world();
  await expect(cloud.call("AdvanceClock", { ToMs: 5 })).rejects.toThrow("ToMs: 5 is before now");
  await expect(cloud.call("AdvanceClock", {})).rejects.toThrow("exactly one of Seconds, ToMs");
  await cloud.close();
});
