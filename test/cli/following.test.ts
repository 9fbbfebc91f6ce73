/** `flowlogs tail` and `flowlogs export` as processes: restarts, signals, closed pipes, full disks, large exports. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { randomBatch } from "../../scripts/oracle/random-logs.ts";
import type { Cloud } from "../../src/backend/cloud.ts";
import { folderDisk } from "../../src/backend/main.ts";
import type { Client } from "../../src/client/client.ts";
import { credentialsInFolder } from "../../src/wire/local-backend.ts";
import { testCloud } from "../support/cloud.ts";
import { flowlogs } from "../support/command.ts";
import { recordLogs } from "../support/plain-records.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc } from "../support/network.ts";
import { type Served, serveIn } from "../support/served.ts";

vi.setConfig({ testTimeout: 60_000 });

const command = new URL("../../src/cli/main.ts", import.meta.url).pathname;

let folder: string;
const running: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-following-"));
});

afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function serve(...args: string[]): Promise<Served & { url: string; client: Client }> {
  const served = serveIn(join(folder, "data"), "--clock", "virtual", "--clock-start", "2026-11-22T10:00:00Z", ...args);
  running.push(served.child);
  return { ...served, ...(await served.ready) };
}

function environment(url: string): Record<string, string> {
  const { secretId, secretKey } = credentialsInFolder(join(folder, "data"))!;
  return { FLOWLOGS_ENDPOINT: url, TENCENTCLOUD_SECRET_ID: secretId, TENCENTCLOUD_SECRET_KEY: secretKey };
}

/** A watched ENI whose windows without traffic give one NODATA record each. */
async function network(client: Client): Promise<void> {
  const cloud = client as unknown as Cloud;
  const vpc = await makeVpc(cloud);
  await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.16.0/24"), "172.31.16.10");
  await makeFlowLog(cloud, vpc, await makeTopic(cloud));
  await client.call("AdvanceClock", { Seconds: 1200 });
}

/** A command that goes on until it is told to end. */
class Following {
  private readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  stdout = "";
  stderr = "";

  constructor(url: string, ...args: string[]) {
    this.child = spawn(process.execPath, [command, ...args], { env: { ...process.env, ...environment(url) } });
    running.push(this.child);
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
  }

  lines(): string[] {
    return this.stdout.split("\n").slice(0, -1);
  }

  hear(count: number): Promise<void> {
    return vi.waitFor(() => expect(this.lines().length, this.stderr).toBeGreaterThanOrEqual(count), { timeout: 30_000, interval: 20 });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Whoever reads it has read enough. */
  hangUp(): void {
    this.child.stdout!.destroy();
  }
}

test("tail -f goes on over a restart of the backend: nothing twice, nothing missing, exit 0 when told to end", async () => {
  const first = await serve();
  await network(first.client);
  const tails = [new Following(first.url, "tail", "-f"), new Following(first.url, "tail", "-f", "NODATA", "--json", "--since", "1d")];
  const before = (await first.client.call("SearchLog", { TopicId: await topicId(first.client), From: 0, To: Number.MAX_SAFE_INTEGER, Sort: "asc" })).Results!;
  for (const each of tails) await each.hear(before.length);
  await first.client.call("AdvanceClock", { Seconds: 600 });
  for (const each of tails) await each.hear(before.length + 1);
  first.child.kill("SIGKILL");
  await first.ended;
  await vi.waitFor(() => expect(tails.every(({ stderr }) => stderr.includes("waiting for it"))).toBe(true), { timeout: 30_000 });
  const second = await serve("--port", new URL(first.url).port);
  await second.client.call("AdvanceClock", { Seconds: 1800 });
  const all = (await second.client.call("SearchLog", { TopicId: await topicId(second.client), From: 0, To: Number.MAX_SAFE_INTEGER, Sort: "asc" })).Results!;
  for (const each of tails) await each.hear(all.length);
  expect(tails[0]!.lines()).toEqual(all.map(({ RawLog }) => RawLog));
  expect(tails[1]!.lines().map((line) => (JSON.parse(line) as { start: string }).start)).toEqual(all.map(({ Time }) => String(Time / 1000)));
  expect(tails[0]!.stderr).toMatch(/^-- .*; waiting for it --\n-- the backend answers again --\n$/);
  tails[0]!.signal("SIGINT");
  tails[1]!.signal("SIGTERM");
  expect(await Promise.all(tails.map(({ ended }) => ended))).toEqual([0, 0]);
});

async function topicId(client: Client): Promise<string> {
  return (await client.call("DescribeTopics", {})).Topics[0]!.TopicId;
}

test("a reader that has seen enough ends tail quietly; what is wrong is said with its exit code", async () => {
  const { url, client } = await serve("--memory");
  await network(client);
  const tail = new Following(url, "tail", "-f");
  await tail.hear(1);
  tail.hangUp();
  await client.call("AdvanceClock", { Seconds: 600 });
  expect(await tail.ended).toBe(0);
  const run = (...args: string[]) => flowlogs(args, environment(url));
  expect(await run("tail", "--limit", "1")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^2 1250000000 eni-\S+ .* NODATA\n$/) as string });
  expect(await run("tail", "--limit", "0")).toMatchObject({ code: 0, stderr: "", stdout: "" });
  expect((await run("tail", "--format", "csv", "REJECT")).stdout).toMatch(/^topic,version,account-id,.*\n$/);
  expect((await run("tail", "--format", "table")).stdout).toMatch(/^START +ENI .*\n20.* NODATA/);
  expect(await run("tail", "a AND (")).toMatchObject({ code: 1, stderr: expect.stringMatching(/character 8: .* \(request \S+\)\na AND \(\n {7}\^\n$/) as string });
  expect(await run("tail", "--topic", "nowhere")).toMatchObject({ code: 1, stderr: '--topic: "nowhere" is no topic\'s name or id; there are: flow-logs\n' });
  expect(await run("tail", "a | select 1")).toMatchObject({ code: 2 });
  expect(await run("tail", "--since", "yesterday")).toMatchObject({ code: 2, stderr: expect.stringContaining('--since: "yesterday" must be') as string });
  expect(await flowlogs(["tail", "-f"], environment("http://127.0.0.1:9"))).toMatchObject({ code: 3 });
  expect(await flowlogs(["export", join(folder, "x")], environment("http://127.0.0.1:9"))).toMatchObject({ code: 3 });
  expect(await run("export", "/dev/full")).toMatchObject({ code: 1, stderr: expect.stringMatching(/ENOSPC.*\n\/dev\/full holds the first 0 logs; the rest is missing\n$/) as string });
  expect(await run("export", join(folder, "nowhere", "x"))).toMatchObject({ code: 1, stderr: expect.stringContaining("ENOENT") as string });
  const json = await run("export", "-", "--format", "json");
  expect(json).toMatchObject({ code: 0, stderr: "2 logs written to standard output\n" });
  expect(json.stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line) as object)).toMatchObject(Array.from({ length: 2 }, () => ({ topic: "flow-logs", "log-status": "NODATA" })));
});

const count = 300_000;

/** Lines as a sum that does not depend on their order. */
class Sum {
  lines = 0;
  private readonly parts = [0, 0];

  add(line: string): void {
    const digest = createHash("sha1").update(line).digest();
    this.lines++;
    for (const place of [0, 1]) this.parts[place]! += digest.readUInt32BE(place * 4);
  }

  toString(): string {
    return `${this.lines} ${this.parts.join(" ")}`;
  }
}

/** Fills the data folder with records; gives the sum of their lines. */
async function fill(): Promise<string> {
  const { cloud } = testCloud({ disk: folderDisk(join(folder, "data")) });
  const topic = await makeTopic(cloud);
  const sum = new Sum();
  for (let part = 0; part < 10; part++) {
    const batch = randomBatch(new Chance(part), `part ${part}`, count / 10, true);
    await cloud.rooms.logs.writeRecords(topic, batch);
    for (const { text } of recordLogs(batch)) sum.add(text);
  }
  await cloud.close();
  return sum.toString();
}

/** The most memory a process has had, in MB. */
function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}

test("300,000 records: all of them, in flat memory, and ingest meanwhile changes nothing", async () => {
  const sum = await fill();
  // As JSON they are some 200 MB; neither process has room for a quarter of that.
  vi.stubEnv("NODE_OPTIONS", "--max-old-space-size=48");
  const { url, client, child } = await serve();
  const file = join(folder, "all.json");
  await flowlogs(["export", join(folder, "warm"), "--to", "1"], environment(url));
  const backendMb = peakMb(child.pid!);
  const exporting = spawn(process.execPath, [command, "export", file], { env: { ...process.env, ...environment(url) } });
  running.push(exporting);
  let exportMb = 0;
  const watch = setInterval(() => {
    try {
      exportMb = Math.max(exportMb, peakMb(exporting.pid!));
    } catch {
      // It has just ended.
    }
  }, 20);
  const ended = new Promise((resolve) => exporting.on("close", resolve));
  const cloud = client as unknown as Cloud;
  const vpc = await makeVpc(cloud);
  await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.16.0/24"), "172.31.16.10");
  await makeFlowLog(cloud, vpc, await topicId(client));
  for (let window = 0; window < 20; window++) await client.call("AdvanceClock", { Seconds: 600 });
  expect(await ended).toBe(0);
  clearInterval(watch);
  vi.unstubAllEnvs();
  expect(exportMb).toBeLessThan(350);
  expect(peakMb(child.pid!) - backendMb).toBeLessThan(350);
  const found = new Sum();
  let latest = 0;
  for (const line of readFileSync(file, "utf8").split("\n").slice(0, -1)) {
    const { time, topic: _, stream: __, __TAG__: ___, ...values } = JSON.parse(line) as Record<string, unknown>;
    expect(time as number >= latest).toBe(true);
    latest = time as number;
    // A window may have been published before the export began.
    if (values["account-id"] !== "1250000000") found.add(Object.values(values).join(" "));
  }
  expect(found.toString()).toBe(sum);
}, 240_000);
