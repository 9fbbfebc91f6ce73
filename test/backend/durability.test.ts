/** What was answered is there after `kill -9`, and one process owns a data folder. */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { credentialsInFolder } from "../../src/wire/local-backend.ts";
import { makeFlowLog, makeTopic, makeVpc } from "../support/network.ts";
import type { Cloud } from "../../src/backend/cloud.ts";
import { type Served, serveIn } from "../support/served.ts";

let folder: string;
const running: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-durability-"));
});

afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function serve(...args: string[]): Promise<Served & { client: Client }> {
  const served = serveIn(folder, ...args);
  running.push(served.child);
  return { ...served, ...(await served.ready) };
}

test("kill -9 loses nothing that was answered", async () => {
  const first = await serve();
  const asCloud = first.client as unknown as Cloud;
  const vpc = await makeVpc(asCloud);
  const topic = await makeTopic(asCloud);
  const flowLog = await makeFlowLog(asCloud, vpc, topic);
  await first.client.call("DisableFlowLogs", { FlowLogIds: [flowLog] });
  const before = await everything(first.client);
  first.child.kill("SIGKILL");
  await first.ended;
  const second = await serve();
  expect(await everything(second.client)).toEqual(before);
  expect(before).toMatchObject({ FlowLog: [{ FlowLogId: flowLog, Enable: false }], VpcSet: [{ VpcId: vpc }] });
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
}, 30_000);

async function everything(client: Client): Promise<object> {
  const answers = [
    await client.call("DescribeVpcs", {}),
    await client.call("DescribeLogsets", {}),
    await client.call("DescribeTopics", {}),
    await client.call("DescribeFlowLogs", {}),
  ];
  return Object.assign({}, ...answers.map(({ RequestId: _, ...answer }) => answer)) as object;
}

test("a second backend on the same folder is told whose it is", async () => {
  await serve();
  const second = serveIn(folder);
  running.push(second.child);
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain("state.sqlite is in use by another process: one backend owns a data folder");
}, 30_000);

test.each(["judge and count packets", "keep logs"])("a backend whose thread to %s dies ends with 1 and the stack", async (task) => {
  // Loaded into every thread of the process: the one with that task throws soon after its start.
  const fall = `import { workerData } from "node:worker_threads"; if (workerData?.task === ${JSON.stringify(task)}) setTimeout(function fallOver() { throw new Error("it fell over"); }, 50);`;
  vi.stubEnv("NODE_OPTIONS", `--import=data:text/javascript,${encodeURIComponent(fall)}`);
  const served = serveIn(folder, "--clock", "virtual");
  vi.unstubAllEnvs();
  running.push(served.child);
  const { client } = await served.ready;
  await client.call("AdvanceClock", { Seconds: 3600 }).catch(() => {});
  expect(await served.ended).toBe(1);
  expect(served.output()).toContain("it fell over");
  expect(served.output()).toContain("fallOver");
}, 30_000);

test("a virtual clock goes on where it stood, open windows and all", async () => {
  const first = await serve("--clock", "virtual", "--clock-start", "2026-11-22T10:00:00Z");
  const asCloud = first.client as unknown as Cloud;
  const vpc = await makeVpc(asCloud);
  const { makeEni, makeSubnet } = await import("../support/network.ts");
  const eni = await makeEni(asCloud, vpc, await makeSubnet(asCloud, vpc, "172.31.1.0/24"), "172.31.1.10");
  const topic = await makeTopic(asCloud);
  await makeFlowLog(asCloud, vpc, topic);
  const { batchOf } = await import("../support/packets.ts");
  const { encodeChunk } = await import("../../src/backend/traffic/packet-chunk.ts");
  const batch = batchOf({ src: "203.0.113.12", dst: "172.31.1.10", sport: 1, dport: 22, flags: "S", at: 5 });
  await first.client.pushPackets(encodeChunk({ replayId: "00".repeat(16), number: 0, notIp: 0, undecodable: 0, batch }));
  first.child.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  const second = await serve("--clock", "virtual");
  expect(await second.client.call("DescribeClock", {})).toMatchObject({ NowMs: Date.parse("2026-11-22T10:00:05Z") });
  await second.client.call("AdvanceClock", { Seconds: 895 });
  const found = await second.client.call("SearchLog", { TopicId: topic, From: 0, To: Number.MAX_SAFE_INTEGER });
  expect(found.Results!.map(({ RawLog }) => RawLog)).toEqual([
    `2 1250000000 ${eni} 203.0.113.12 172.31.1.10 1 22 6 1 60 1795341605 1795341605 ACCEPT OK`,
  ]);
}, 30_000);

test("the key pair is the owner's alone, and no file of the backend or its output holds it", async () => {
  const { child, ended, output, client } = await serve();
  await client.call("CreateVpc", { VpcName: "a", CidrBlock: "10.0.0.0/16" });
  const { secretKey } = credentialsInFolder(folder)!;
  expect(statSync(join(folder, "credentials.json")).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o077).toBe(0);
  child.kill("SIGTERM");
  await ended;
  expect(output()).not.toContain(secretKey);
  expect(readFileSync(join(folder, "state.sqlite")).includes(secretKey)).toBe(false);
}, 30_000);
