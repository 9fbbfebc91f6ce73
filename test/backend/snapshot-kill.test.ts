/** A load that is killed anywhere leaves the cloud as it was, or the one of the snapshot: never a mix. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { setTimeout as wait } from "node:timers/promises";
import type { ChildProcess } from "node:child_process";
import type { Cloud } from "../../src/backend/cloud.ts";
import { encodeSnapshotChunk } from "../../src/backend/snapshot/intake.ts";
import type { Client } from "../../src/client/client.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc } from "../support/network.ts";
import { serveIn } from "../support/served.ts";

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-snapshot-kill-"));
});

afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function serve() {
  const served = serveIn(folder, "--clock", "virtual", "--clock-start", "2026-11-22T10:00:00Z");
  child = served.child;
  return { ...served, ...(await served.ready) };
}

/** So many VPCs, each with an ENI whose windows without traffic are in the topic. */
async function make(client: Client, vpcs: number): Promise<void> {
  const cloud = client as unknown as Cloud;
  const topic = await makeTopic(cloud);
  for (let count = 0; count < vpcs; count++) {
    const vpc = await makeVpc(cloud);
    await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.16.0/24"), "172.31.16.10");
    await makeFlowLog(cloud, vpc, topic);
  }
  await client.call("AdvanceClock", { Seconds: vpcs * 3600 });
}

/** Everything that must not mix: resources, time, and the logs. */
async function standing(client: Client): Promise<string> {
  const [topic] = (await client.call("DescribeTopics", {})).Topics;
  const logs = await client.call("ExportLogs", { TopicIds: [topic!.TopicId], Limit: 10_000 });
  const { VpcSet } = await client.call("DescribeVpcs", {});
  const { NowMs } = await client.call("DescribeClock", {});
  return JSON.stringify([NowMs, VpcSet.map(({ VpcId }) => VpcId), logs.Results]);
}

test("killed while it loads", async () => {
  let backend = await serve();
  await make(backend.client, 2);
  const bytes = Buffer.concat(await Array.fromAsync((await backend.client.saveSnapshot()).pieces));
  const saved = await standing(backend.client);
  await backend.client.call("ResetCloud", {});
  await make(backend.client, 3);
  let now = await standing(backend.client);
  const seen = new Set<string>();
  for (let turn = 0; turn < 6; turn++) {
    const chunk = encodeSnapshotChunk({ id: randomBytes(16).toString("hex"), number: 0, isLast: true, bytes });
    const loading = backend.client.loadSnapshot(chunk).then(() => true).catch(() => false);
    await wait(turn * 60);
    child!.kill("SIGKILL");
    const isAnswered = await loading;
    await backend.ended;
    await backend.client.close();
    backend = await serve();
    const found = await standing(backend.client);
    expect([now, saved]).toContain(found);
    if (isAnswered) expect(found).toBe(saved);
    seen.add(found === saved ? "loaded" : "as it was");
    if (found !== saved) continue;
    await backend.client.call("ResetCloud", {});
    await make(backend.client, 3);
    now = await standing(backend.client);
  }
  expect(seen.size).toBeGreaterThan(0);
}, 180_000);
