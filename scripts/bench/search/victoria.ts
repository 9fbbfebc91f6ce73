/** VictoriaLogs beside us, built from its Go module where Go is, with the same records: fields of their own, a stream for each topic and ENI. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { ActionCode } from "../../../src/backend/record-batch.ts";
import { freePorts } from "../../../test/support/free-ports.ts";
import { formatIpv4 } from "../../../src/net/address.ts";
import { benchFolder } from "../capture/mixes.ts";
import { cpuMs, type Engine } from "./engine.ts";
import { evict } from "./eviction.ts";
import { eniId, needle, type Published, publications } from "./records.ts";

const module = fileURLToPath(new URL("../../../test/peers/victorialogs/", import.meta.url));
const program = "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs";

/** VictoriaLogs cannot be built here. */
export class VictoriaUnavailable extends Error {
  override readonly name = "VictoriaUnavailable";
}

/** What it is asked, by the question's name; one that it has no words for is not asked. */
export const victoriaQueries: Readonly<Record<string, string>> = {
  "the needle": anywhere(formatIpv4(needle)),
  "key:value count": "dstport:=22 action:=REJECT | stats count() n",
  "prefix 203.0.113.*": 'srcaddr:="203.0.113."* or dstaddr:="203.0.113."* | sort by (_time desc) limit 100',
  "histogram, all topics": "* | stats by (_time:1m, action) count() n",
  "histogram of a condition, one topic": "{topic=1} dstport:=22 action:=REJECT | stats by (_time:10m) count() n | stats sum(n) n",
  "one stream's latest 100": `{topic=1,eni=${JSON.stringify(eniId(1))}} | sort by (_time desc) limit 100`,
  "key:value latest 100": "dstport:=22 action:=REJECT | sort by (_time desc) limit 100",
  "latest 100 of all": "* | sort by (_time desc) limit 100",
  "top talkers": "* | stats by (srcaddr) sum(bytes) n | sort by (n desc) limit 10",
  "fan-out, one topic": "{topic=1} | stats by (srcaddr) count_uniq(dstaddr) n | sort by (n desc) limit 10",
};

function anywhere(address: string): string {
  return `srcaddr:="${address}" or dstaddr:="${address}" | sort by (_time desc) limit 100`;
}

/** What it takes to hold the records. */
export interface VictoriaCost {
  readonly bytes: number;
  /** Processor time of its writing; undefined where the files were there. */
  readonly writeCpuS: number | undefined;
}

/** A server on its files, which are written first where they are not there. */
export async function startVictoriaOn(records: number): Promise<Engine & VictoriaCost> {
  const binary = build();
  const folder = join(benchFolder, `search-${records}-victorialogs`);
  const writeCpuS = existsSync(folder) ? undefined : await make(binary, folder, records);
  const server = await launch(binary, folder);
  return {
    name: "VictoriaLogs",
    pid: server.pid,
    bytes: Number(execFileSync("du", ["-sb", folder], { encoding: "utf8" }).split("\t")[0]),
    writeCpuS,
    async ask(question) {
      const isAddress = question.own.query.split(" ").length === 1 && !question.own.query.includes(":") && !question.own.query.includes("*");
      const rows = await server.query(isAddress ? anywhere(question.own.query) : victoriaQueries[question.name]!);
      return { count: question.by === "rows" ? rows.length : Number(rows[0]!["n"]) };
    },
    async chill() {
      await evict(folder);
    },
    stop: () => server.stop(),
  };
}

function build(): string {
  const binary = join(benchFolder, "victoria-logs");
  if (existsSync(binary)) return binary;
  mkdirSync(benchFolder, { recursive: true });
  console.error("building VictoriaLogs: once, about a minute");
  const { status, stderr, error } = spawnSync("go", ["build", "-mod=readonly", "-o", binary, program], { cwd: module, encoding: "utf8" });
  if (status !== 0) throw new VictoriaUnavailable(`VictoriaLogs cannot be built here: ${(error?.message ?? stderr).trim().slice(-500)}`);
  return binary;
}

async function make(binary: string, folder: string, records: number): Promise<number> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  console.error(`making ${folder}`);
  const server = await launch(binary, partial);
  for (const published of publications(records)) await server.write(jsonLines(published));
  await server.settle();
  const spent = cpuMs(server.pid) / 1000;
  await server.stop();
  renameSync(partial, folder);
  return spent;
}

function jsonLines({ topic, batch }: Published): string {
  const lines: string[] = [];
  for (let row = 0; row < batch.count; row++) {
    const time = new Date(batch.start[row]! * 1000).toISOString();
    const ends = `"srcaddr":"${formatIpv4(batch.src[row]!)}","dstaddr":"${formatIpv4(batch.dst[row]!)}","srcport":${batch.srcPort[row]},"dstport":${batch.dstPort[row]}`;
    const sums = `"protocol":${batch.protocol[row]},"packets":${batch.packets[row]},"bytes":${batch.bytes[row]},"start":${batch.start[row]},"end":${batch.end[row]}`;
    const rest = `"version":2,"account":"${batch.accountId}","action":"${batch.action[row] === ActionCode.REJECT ? "REJECT" : "ACCEPT"}","status":"OK"`;
    lines.push(`{"_time":"${time}","topic":"${topic}","eni":"${batch.enis[batch.eni[row]!]!.id}",${ends},${sums},${rest}}\n`);
  }
  return lines.join("");
}

async function launch(binary: string, folder: string) {
  const [port] = await freePorts(1);
  const child = spawn(binary, [`-storageDataPath=${folder}`, `-httpListenAddr=127.0.0.1:${port}`, "-retentionPeriod=100y", "-futureRetention=100y", "-search.maxQueryDuration=10m", "-loggerLevel=ERROR"], {
    env: { ...process.env, GOMAXPROCS: "2" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  const call = async (path: string, body: string, type = "application/x-www-form-urlencoded") => {
    const answer = await request(`${url}${path}`, { method: "POST", body, headers: { "content-type": type }, headersTimeout: 600_000, bodyTimeout: 600_000 });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`VictoriaLogs, ${path}: ${text}`);
    return text;
  };
  for (let tries = 0; !(await call("/health", "").then(() => true, () => false)); tries++) {
    if (child.exitCode !== null || tries > 600) throw new Error("VictoriaLogs does not answer");
    await sleep(50);
  }
  return {
    pid: child.pid!,
    write: (lines: string) => call("/insert/jsonline?_stream_fields=topic,eni", lines, "application/stream+json"),
    async query(query: string): Promise<Record<string, string>[]> {
      const text = await call("/select/logsql/query", new URLSearchParams({ query }).toString());
      return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, string>);
    },
    /** What was written can be found, and its parts are joined. */
    async settle() {
      await call("/internal/force_flush", "");
      await call("/internal/force_merge", "");
      await sleep(2000);
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}
