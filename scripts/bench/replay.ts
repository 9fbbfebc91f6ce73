/**
 * `npm run bench -- replay [--packets N] [--rounds N]`: a capture through `flowlogs aggregate`, and through `flowlogs
 * replay` into a durable backend in a process of its own, while another process calls its API. Writes its section of
 * docs/benchmarks.md; what missed its target stands there too.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { availableParallelism, loadavg } from "node:os";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Client } from "../../src/client/client.ts";
import { markdownTable, provenance, writeSection } from "../report.ts";
import { wholeIndex } from "../../test/support/network.ts";
import { benchFolder, captureOf, connectionsOf, firstSecond } from "./capture/mixes.ts";
import { type Running, secret, startFlowlogs } from "./control/processes.ts";
import { makeNetwork } from "./verdict-world.ts";

const cli = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const caller = fileURLToPath(new URL("replay/caller.ts", import.meta.url));

/** What is aimed at: the share of the offline speed, and the milliseconds within which 99 of 100 calls are answered. */
const targets = { share: 0.5, p99Ms: 50 } as const;

const connections = 100_000;
const enis = 100;

type Taken = Readonly<Record<"DescribeFlowLogs" | "SearchLog", readonly number[]>>;

interface Round {
  readonly offlineSeconds: number;
  readonly offlineCpuSeconds: number;
  readonly offlineRecords: number;
  /** The replay alone, and with the publication of its last window, until its records are found. */
  readonly replaySeconds: number;
  readonly foundSeconds: number;
  readonly clientCpuSeconds: number;
  readonly serverCpuSeconds: number;
  readonly serverMb: number;
  readonly taken: Taken;
}

type Replayed = Omit<Round, "offlineSeconds" | "offlineCpuSeconds" | "offlineRecords">;

/** Measures and writes. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { packets: { type: "string", default: "20000000" }, rounds: { type: "string", default: "3" } },
  });
  const [packets, rounds] = [Number(values.packets), Number(values.rounds)];
  const capture = captureOf(connectionsOf(packets, connections, enis));
  // The first reading would come from the disk.
  execFileSync("cat", [capture], { stdio: ["ignore", "ignore", "inherit"] });
  const measured: Round[] = [];
  const [load] = loadavg() as [number, number, number];
  for (let round = 0; round < rounds; round++) {
    const offline = aggregateOffline(capture, packets);
    const replayed = await replayInto(capture, packets, offline.records);
    measured.push({ offlineSeconds: offline.seconds, offlineCpuSeconds: offline.cpuSeconds, offlineRecords: offline.records, ...replayed });
    console.error(`round ${round + 1}: offline ${offline.seconds.toFixed(2)} s, replay ${replayed.replaySeconds.toFixed(2)} s`);
  }
  const text = report(packets, measured, load);
  console.log(text);
  writeSection("docs/benchmarks.md", "replay", "A capture into a running backend", text);
}

function aggregateOffline(capture: string, packets: number): { seconds: number; cpuSeconds: number; records: number } {
  const out = join(benchFolder, `records-${process.pid}`);
  const measured = join(benchFolder, `offline-time-${process.pid}`);
  const beginMs = performance.now();
  const command = [process.execPath, cli, "aggregate", capture, "-o", out];
  const { stderr } = spawnSync("/usr/bin/time", ["-f", "%U %S", "-o", measured, ...command], { encoding: "utf8" });
  const seconds = (performance.now() - beginMs) / 1000;
  const cpuSeconds = takeCpu(measured);
  rmSync(out, { force: true });
  const count = (words: RegExp) => Number(words.exec(stderr)?.[1]!.replaceAll(",", ""));
  if (count(/([\d,]+) packets/) !== packets) throw new Error(`flowlogs aggregate: ${stderr}`);
  return { seconds, cpuSeconds, records: count(/([\d,]+) records/) };
}

/** The processor time that `time` wrote to a file, which goes. */
function takeCpu(path: string): number {
  const [user, system] = readFileSync(path, "utf8").trim().split(" ").map(Number) as [number, number];
  rmSync(path);
  return user + system;
}

async function replayInto(capture: string, packets: number, records: number): Promise<Replayed> {
  const server = await startFlowlogs("--clock", "virtual", "--clock-start", new Date(firstSecond * 1000).toISOString(), "--max-flows", "10000000");
  const endpoint = `http://127.0.0.1:${server.port}`;
  const credentials = { secretId: secret.TENCENTCLOUD_SECRET_ID, secretKey: secret.TENCENTCLOUD_SECRET_KEY };
  const client = new Client({ endpoint, credentials, region: "ap-guangzhou" });
  try {
    const TopicId = await makeNetwork(client, true);
    await client.call("CreateIndex", { TopicId, Rule: wholeIndex });
    return await replayBeside(client, server, { endpoint, capture, packets, records, TopicId });
  } finally {
    await client.close();
    await server.stop();
  }
}

interface Work {
  readonly endpoint: string;
  readonly capture: string;
  readonly packets: number;
  readonly records: number;
  readonly TopicId: string;
}

async function replayBeside(client: Client, server: Running, work: Work): Promise<Replayed> {
  const { endpoint, capture, packets, records, TopicId } = work;
  const asking = await startCaller(endpoint, TopicId);
  const cpuBefore = server.cpuMs();
  const beginMs = performance.now();
  const { summary, cpuSeconds } = await replay(endpoint, capture);
  const replaySeconds = (performance.now() - beginMs) / 1000;
  // The last window ends, its publish delay passes, and its records are there.
  await client.call("AdvanceClock", { Seconds: 1000 });
  const found = await client.call("DescribeLogHistogram", { TopicId, Query: "ACCEPT OR REJECT", From: 0, To: Number.MAX_SAFE_INTEGER });
  const foundSeconds = (performance.now() - beginMs) / 1000;
  const serverCpuSeconds = (server.cpuMs() - cpuBefore) / 1000;
  const taken = await asking.end();
  if (summary["Accepted"] !== packets) throw new Error(`flowlogs replay: ${JSON.stringify(summary)}`);
  if (found.TotalCount !== records) throw new Error(`${found.TotalCount} records are found, ${records} were aggregated`);
  return { replaySeconds, foundSeconds, clientCpuSeconds: cpuSeconds, serverCpuSeconds, serverMb: server.rssMb(), taken };
}

async function replay(endpoint: string, capture: string): Promise<{ summary: Record<string, number>; cpuSeconds: number }> {
  const measured = join(benchFolder, `replay-time-${process.pid}`);
  const args = ["-f", "%U %S", "-o", measured, process.execPath, cli, "replay", capture, "--shift", "none", "--json", "--endpoint", endpoint];
  const child = spawn("/usr/bin/time", args, { env: { ...process.env, ...secret }, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`flowlogs replay ended with ${code}`);
  return { summary: JSON.parse(text) as Record<string, number>, cpuSeconds: takeCpu(measured) };
}

/** Starts the process that calls the API meanwhile. */
async function startCaller(endpoint: string, topicId: string): Promise<{ end(): Promise<Taken> }> {
  const child = spawn(process.execPath, [caller, endpoint, topicId], { env: { ...process.env, ...secret }, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== "ready") throw new Error("the process that calls the API did not start");
  return {
    async end() {
      child.stdin.end();
      return JSON.parse((await lines.next()).value!) as Taken;
    },
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

function report(packets: number, rounds: readonly Round[], load: number): string {
  const least = (of: (round: Round) => number) => Math.min(...rounds.map(of));
  const rate = (seconds: number) => (packets / seconds / 1e6).toFixed(2);
  const [offline, replayed, found] = [least((r) => r.offlineSeconds), least((r) => r.replaySeconds), least((r) => r.foundSeconds)];
  const cpu = `${least((r) => r.clientCpuSeconds).toFixed(2)} + ${least((r) => r.serverCpuSeconds).toFixed(2)}`;
  const rows = [
    ["flowlogs aggregate, records written", offline.toFixed(2), rate(offline), least((r) => r.offlineCpuSeconds).toFixed(2)],
    ["flowlogs replay, packets judged and counted", replayed.toFixed(2), rate(replayed), cpu],
    ["the same until its records are stored and found", found.toFixed(2), rate(found), "-"],
  ];
  const share = offline / found;
  // The best round, as everywhere: what other work does to the machine is not the backend's doing.
  const best = rounds.reduce((a, b) => (percentile(b.taken.DescribeFlowLogs, 0.99) < percentile(a.taken.DescribeFlowLogs, 0.99) ? b : a));
  const calls = (["DescribeFlowLogs", "SearchLog"] as const).map((action) => {
    const taken = best.taken[action];
    const p99 = percentile(taken, 0.99);
    return [action, taken.length, percentile(taken, 0.5).toFixed(1), p99.toFixed(1), Math.max(...taken).toFixed(1), p99 <= targets.p99Ms ? "met" : `missed by ${((p99 / targets.p99Ms - 1) * 100).toFixed(0)} %`];
  });
  return [
    provenance("npm run bench -- replay"),
    `${packets.toLocaleString("en")} packets of ${connections.toLocaleString("en")} TCP connections with ${enis} ENIs (five groups of twenty rules each, ACLs) into a fresh durable ` +
      `backend with a virtual clock; best of ${rounds.length} round${rounds.length === 1 ? "" : "s"} in turns. ${rounds[0]!.offlineRecords.toLocaleString("en")} records, as many found by the backend's search as ` +
      `aggregated offline. The server's peak: ${Math.round(Math.max(...rounds.map((r) => r.serverMb)))} MB.`,
    `Other work kept ${load.toFixed(0)} processes waiting or running on ${availableParallelism()} processors when it began: three processes that wait for each other suffer more of that than one.`,
    markdownTable(["", "wall s", "M packets/s", "CPU s (client + server, with the calls)"], rows),
    markdownTable(
      ["", "share", "target", ""],
      [["of the offline speed, records found", `${share.toFixed(2)}×`, `≥ ${targets.share}×`, share >= targets.share ? "met" : `missed by ${((1 - share / targets.share) * 100).toFixed(0)} %`]],
    ),
    "Calls meanwhile, one every 20 ms from a process of their own:",
    markdownTable(["action", "calls", "median ms", "99 % within ms", "longest ms", `≤ ${targets.p99Ms} ms`], calls),
  ].join("\n\n");
}
