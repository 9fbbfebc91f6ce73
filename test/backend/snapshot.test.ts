/** Snapshots: a loaded one answers as the cloud that was saved, then and later; a bad one changes nothing; reset leaves nothing. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { randomLogs } from "../../scripts/oracle/random-logs.ts";
import type { VirtualClock } from "../../src/backend/clock.ts";
import type { Cloud, CloudOptions } from "../../src/backend/cloud.ts";
import { folderDisk } from "../../src/backend/main.ts";
import { encodeSnapshotChunk } from "../../src/backend/snapshot/intake.ts";
import { encodeChunk } from "../../src/backend/traffic/packet-chunk.ts";
import type { ActionName, ActionRequest } from "../../src/wire/actions.ts";
import { startMs, testCloud } from "../support/cloud.ts";
import { makeEni, makeFlowLog, makeGroup, makeSubnet, makeTopic, makeVpc, rule } from "../support/network.ts";
import { batchOf } from "../support/packets.ts";
import { outcome } from "../support/ways.ts";

// Every cloud on a disk waits for it often.
vi.setConfig({ testTimeout: 90_000 });

let folder: string;
const open: Cloud[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-snapshot-"));
});

afterEach(async () => {
  for (const cloud of open.splice(0)) await cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: Partial<CloudOptions> & { seed?: number } = {}): { cloud: Cloud; clock: VirtualClock } {
  const made = testCloud(options);
  open.push(made.cloud);
  return made;
}

const durable = (name: string) => ({ disk: folderDisk(join(folder, name)) });

async function save(cloud: Cloud): Promise<Buffer> {
  const { bytes, pieces } = await cloud.saveSnapshot();
  const whole = Buffer.concat(await Array.fromAsync(pieces));
  expect(whole.length).toBe(bytes);
  return whole;
}

/** Loads it in three chunks. */
async function load(cloud: Cloud, snapshot: Buffer): Promise<object> {
  const id = randomBytes(16).toString("hex");
  const cuts = [0, Math.min(100, snapshot.length), Math.ceil(snapshot.length / 2), snapshot.length];
  let answer = {};
  for (const number of [0, 1, 2]) {
    const chunk = encodeSnapshotChunk({ id, number, isLast: number === 2, bytes: snapshot.subarray(cuts[number], cuts[number + 1]) });
    answer = await cloud.loadSnapshot(chunk);
    // One that comes again is answered again.
    expect(await cloud.loadSnapshot(chunk)).toEqual(answer);
  }
  return answer;
}

const replayId = "ab".repeat(16);

/** A chunk of one replay: packets of a second, to two ports, from a number of addresses. */
function chunk(number: number, atSeconds: number, count = 20): Buffer {
  const packets = Array.from({ length: count }, (_, index) => ({ src: `203.0.113.${1 + index}`, dst: "172.31.16.10", sport: 1000 + number, dport: index % 2 === 0 ? 22 : 23, flags: "S", at: atSeconds }));
  return encodeChunk({ replayId, number, notIp: 1, undecodable: 0, batch: batchOf(...packets) });
}

/** A cloud with a network, logs of both kinds, sealed and not, an open window and tracked connections. */
async function fill(cloud: Cloud, clock: VirtualClock): Promise<string> {
  const vpc = await makeVpc(cloud);
  const group = await makeGroup(cloud, [rule("TCP", "ACCEPT", "22")], []);
  await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.16.0/24"), "172.31.16.10", [group]);
  const topic = await makeTopic(cloud);
  await makeFlowLog(cloud, vpc, topic);
  await cloud.rooms.logs.writeLogs(topic, randomLogs(new Chance(1), 40));
  await cloud.pushPackets(chunk(0, 5));
  await clock.moveTo(startMs + 6 * 3_600_000);
  await cloud.pushPackets(chunk(1, 6 * 3600 + 7));
  await clock.moveTo(startMs + 6 * 3_600_000 + 900_000);
  await cloud.pushPackets(chunk(2, 6 * 3600 + 905));
  return topic;
}

/** What the cloud answers to a battery of questions. */
async function answers(cloud: Cloud, topic: string): Promise<string[]> {
  const range = { From: 0, To: Number.MAX_SAFE_INTEGER };
  const ask = async <A extends ActionName>(action: A, request: ActionRequest<A>) => {
    const { RequestId: _, ...answer } = await cloud.call(action, request);
    return `${action} ${JSON.stringify({ ...answer, DataFolder: "", Store: "" })}`;
  };
  const { Context } = await cloud.call("SearchLog", { TopicId: topic, ...range, Limit: 7 });
  const search = (request: object) => ask("SearchLog", { TopicId: topic, ...range, ...request });
  return [
    ...(await Promise.all((["DescribeVpcs", "DescribeSubnets", "DescribeNetworkInterfaces", "DescribeSecurityGroups", "DescribeNetworkAcls"] as const).map((action) => ask(action, {})))),
    ...(await Promise.all((["DescribeFlowLogs", "DescribeLogsets", "DescribeTopics", "DescribeStatus", "DescribeClock"] as const).map((action) => ask(action, {})))),
    await ask("DescribeIndex", { TopicId: topic }),
    await search({ Limit: 1000 }),
    await search({ Limit: 7, Context }),
    await search({ QueryString: "REJECT AND dstport:23", HighLight: true }),
    await search({ QueryString: "error* OR 203.0.113.7", Sort: "asc" }),
    await search({ QueryString: "* | select action, count(*) as n, sum(bytes) as b group by action order by action", UseNewAnalysis: true }),
    await ask("DescribeLogHistogram", { TopicId: topic, From: startMs, To: startMs + 8 * 3_600_000, Query: "22", Interval: 600_000 }),
    await ask("ExportLogs", { TopicIds: [topic], WithKeys: true }).then((answer) => answer.replace(/"Cursor":"[^"]*"/, "")),
    await ask("DescribeTopicUsage", { TopicId: topic }),
    await ask("ExplainVerdict", { SrcAddr: "203.0.113.1", DstAddr: "172.31.16.10", Protocol: "tcp", DstPort: 23 }),
  ];
}

/** What happens next: the replay goes on (its last chunk once more), windows close, things are made. */
async function later(cloud: Cloud, clock: VirtualClock): Promise<string[]> {
  const pushed = [await cloud.pushPackets(chunk(2, 6 * 3600 + 905)), await cloud.pushPackets(chunk(3, 6 * 3600 + 930))];
  await clock.advance(3 * 3_600_000);
  const vpc = await makeVpc(cloud);
  return [JSON.stringify(pushed), vpc];
}

const targets = {
  "a fresh folder": () => start({ ...durable("b"), seed: 2 }),
  "a folder that holds other data": async () => {
    const other = start({ ...durable("c"), seed: 3 });
    await fill(other.cloud, other.clock);
    await other.clock.advance(86_400_000);
    return other;
  },
  memory: () => start({ seed: 4 }),
} as const;

describe.each(["a durable cloud", "one in memory"])("%s, saved", (from) => {
  test.each(Object.entries(targets))("answers the same in %s, then and later", async (name, target) => {
    const saved = start(from === "a durable cloud" ? durable("a") : {});
    const topic = await fill(saved.cloud, saved.clock);
    const snapshot = await save(saved.cloud);
    const before = await answers(saved.cloud, topic);
    const loaded = await target();
    expect(await load(loaded.cloud, snapshot)).toEqual({ Topics: 1, NowMs: saved.clock.nowMs() });
    expect(await answers(loaded.cloud, topic)).toEqual(before);
    const [made, madeThere] = [await later(saved.cloud, saved.clock), await later(loaded.cloud, loaded.clock)];
    expect(madeThere[0]).toBe(made[0]);
    // Chance was one request ahead where more was asked; no id comes twice.
    expect(before.join()).not.toContain(madeThere[1]!);
    const without = (lines: string[]) => lines.filter((line) => !line.startsWith("DescribeVpcs") && !line.startsWith("DescribeNetworkAcls"));
    expect(without(await answers(loaded.cloud, topic))).toEqual(without(await answers(saved.cloud, topic)));
    if (name === "memory") return;
    // And after a restart.
    const last = await answers(loaded.cloud, topic);
    open.splice(open.indexOf(loaded.cloud), 1);
    await loaded.cloud.close();
    const again = start(durable(name === "a fresh folder" ? "b" : "c"));
    expect(await answers(again.cloud, topic)).toEqual(last);
  });
});

test("taken while packets and calls come in, it is of one moment: what was offered is in its records or its open windows", async () => {
  const { cloud, clock } = start(durable("a"));
  const topic = await fill(cloud, clock);
  let isSaved = false;
  const pushing = (async () => {
    for (let number = 3; !isSaved; number++) {
      await cloud.pushPackets(chunk(number, 6 * 3600 + 905 + number * 40));
      await cloud.call("CreateLogset", { LogsetName: `l${number}` });
    }
  })();
  const snapshots: Buffer[] = [];
  for (let turn = 0; turn < 4; turn++) snapshots.push(await save(cloud));
  isSaved = true;
  await pushing;
  for (const snapshot of snapshots) {
    const there = start({ seed: 9 });
    await load(there.cloud, snapshot);
    await there.clock.advance(3_600_000);
    const { Traffic } = await there.cloud.call("DescribeStatus", {});
    const sum = await there.cloud.call("SearchLog", { TopicId: topic, From: 0, To: Number.MAX_SAFE_INTEGER, QueryString: "log-status:OK | select sum(packets) as n", UseNewAnalysis: true });
    expect(JSON.parse(sum.AnalysisRecords![0]!)).toEqual({ n: Traffic.Accepted + Traffic.Rejected - Traffic.Skipped });
    expect(Traffic.Read).toBeGreaterThanOrEqual(60);
  }
});

test("what is no snapshot, or no whole one, is refused by name, and the cloud stays as it was", async () => {
  const { cloud, clock } = start(durable("a"));
  const topic = await fill(cloud, clock);
  const snapshot = await save(cloud);
  const before = await answers(cloud, topic);
  const changed = (at: number) => Buffer.concat([snapshot.subarray(0, at), Buffer.from([snapshot[at]! ^ 1]), snapshot.subarray(at + 1)]);
  const cases: readonly (readonly [Buffer, string])[] = [
    [Buffer.from("PK\u0003\u0004 something else"), 'it is no snapshot: it does not begin with "flowlogs snapshot"'],
    [Buffer.alloc(0), "it is no snapshot"],
    [Buffer.from(snapshot.toString("latin1").replace("snapshot 1", "snapshot 7"), "latin1"), 'it is a snapshot of version "7"; this backend reads version 1'],
    [snapshot.subarray(0, -1), `it is cut off: it has ${snapshot.length - 1} of ${snapshot.length} bytes`],
    [snapshot.subarray(0, 200), "it is cut off within its list of files"],
    [Buffer.concat([snapshot, Buffer.from("x")]), `it is damaged: it has ${snapshot.length + 1} bytes`],
    [changed(snapshot.length >> 1), "it is damaged: its bytes are not those that were written"],
    [changed(snapshot.length - 70), "it is damaged: its bytes are not those that were written"],
    [Buffer.from(snapshot.toString("latin1").replace('"name":"ledger"', '"name":"../l.x"'), "latin1"), "it is damaged: its list of files cannot be read"],
  ];
  for (const [bytes, words] of cases) expect(await outcome(load(cloud, bytes))).toContain(`InvalidParameterValue: the snapshot cannot be loaded: ${words}`);
  expect(await outcome(cloud.loadSnapshot(encodeSnapshotChunk({ id: "cd".repeat(16), number: 1, isLast: true, bytes: Buffer.alloc(0) })))).toContain("chunk 1 is out of turn");
  expect(await outcome(cloud.loadSnapshot(Buffer.from("x")))).toContain("the body is no chunk of a snapshot");
  expect(await answers(cloud, topic)).toEqual(before);
  expect(readdirSync(join(folder, "a", "incoming"))).toEqual([]);
});

test("a snapshot that is not read to its end, or cannot be made, leaves nothing behind", async () => {
  const { cloud, clock } = start(durable("a"));
  await fill(cloud, clock);
  for await (const piece of (await cloud.saveSnapshot()).pieces) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
  expect(readdirSync(join(folder, "a", "incoming"))).toEqual([]);
  await save(cloud);
});

test.each([["a folder", () => durable("a")], ["memory", () => ({})]])("reset in %s: everything is gone, the clock stands at its start, ids do not come again", async (_, options) => {
  const { cloud, clock } = start(options());
  const topic = await fill(cloud, clock);
  const before = await answers(cloud, topic);
  const { RequestId: __, ...reset } = await cloud.call("ResetCloud", {});
  expect(reset).toEqual({ Kind: "virtual", NowMs: startMs, WindowSeconds: 600, PublishDelaySeconds: 300 });
  expect(await cloud.call("DescribeStatus", {})).toMatchObject({ FlowLogs: [], Topics: [], Traffic: { Read: 0 }, Resources: { Vpc: 0, Topic: 0 } });
  const again = await fill(cloud, clock);
  expect(again).not.toBe(topic);
  const known = new Set(before.join().match(/(?:vpc|eni|fl|subnet|sg)-\w{8}/g));
  const now = (await answers(cloud, again)).join().match(/(?:vpc|eni|fl|subnet|sg)-\w{8}/g)!;
  expect(now.filter((id) => known.has(id))).toEqual([]);
  expect((await answers(cloud, again)).map((line) => line.length)).toEqual(before.map((line) => line.length));
});

test("credentials are not in it, nor is any path of the machine", async () => {
  const { cloud, clock } = start(durable("a"));
  await fill(cloud, clock);
  const text = (await save(cloud)).toString("latin1");
  expect(text).not.toContain(folder);
  expect(text).not.toContain("secretKey");
  expect(existsSync(join(folder, "a", "ready"))).toBe(false);
});

test("whoever follows logs goes on behind those of a snapshot, and begins with a cloud that was reset", async () => {
  const { cloud, clock } = start();
  const topic = await fill(cloud, clock);
  const snapshot = await save(cloud);
  const { Cursor } = await cloud.call("TailLogs", { TopicIds: [topic] });
  await clock.advance(3_600_000);
  await load(cloud, snapshot);
  const anew = await cloud.call("TailLogs", { TopicIds: [topic], Cursor });
  expect(anew).toMatchObject({ Anew: true, Results: [], ListOver: true });
  await clock.advance(900_000);
  const next = await cloud.call("TailLogs", { TopicIds: [topic], Cursor: anew.Cursor });
  expect(next.Anew).toBe(false);
  expect(next.Results.length).toBeGreaterThan(0);
});
