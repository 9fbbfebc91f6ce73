/** ClickHouse beside us: the server that chdb carries, with the same records, read once from our own segments. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Agent, request } from "undici";
import { freePorts } from "../../../test/support/free-ports.ts";
import { findPeers } from "../../../test/support/peers.ts";
import { benchFolder } from "../capture/mixes.ts";
import type { Built } from "./database.ts";
import type { Engine } from "./engine.ts";
import { evict } from "./eviction.ts";
import { askInSql } from "./questions.ts";

const script = fileURLToPath(new URL("../../../test/support/clickhouse-process.ts", import.meta.url));

const table = `CREATE TABLE flow (
  topic UInt8 CODEC(ZSTD(1)), hour UInt32 CODEC(Delta, ZSTD(1)), eni UInt32 CODEC(Delta, ZSTD(1)),
  src UInt32 CODEC(ZSTD(1)), dst UInt32 CODEC(ZSTD(1)), sport UInt16 CODEC(ZSTD(1)), dport UInt16 CODEC(ZSTD(1)), protocol UInt8 CODEC(ZSTD(1)),
  packets UInt64 CODEC(ZSTD(1)), bytes UInt64 CODEC(ZSTD(1)), start UInt32 CODEC(Delta, ZSTD(1)), stop UInt32 CODEC(Delta, ZSTD(1)), action UInt8 CODEC(ZSTD(1)), status UInt8 CODEC(ZSTD(1)),
  INDEX of_src src TYPE bloom_filter(0.01), INDEX of_dst dst TYPE bloom_filter(0.01)
) ENGINE = MergeTree ORDER BY (topic, hour, eni, start)`;

const loadFrom = (segments: string) => `INSERT INTO flow SELECT topic - 1, intDiv(start_s, 3600), eni, src, dst, sport, dport, protocol, packets, bytes, start_s, start_s + duration, action, status
  FROM file('${segments}/*.parquet', Parquet, 'topic UInt32, eni UInt32, src UInt32, dst UInt32, sport UInt16, dport UInt16, protocol UInt8, packets UInt64, bytes UInt64, start_s UInt32, duration Int64, action UInt8, status UInt8')
  SETTINGS max_insert_threads = 2, max_threads = 2`;

/** What SQL is called here. */
const dialect = { minute: "intDiv(start, 60)", tenMinutes: "intDiv(start, 600)", topic1: "topic = 1", eni1: "eni = {eni1}", distinct: "uniqExact" };

/** How long it may take to load: the records are a hundred million. */
const limitMs = 3_600_000;

/** A server on its files, and the bytes that the records take there. */
export async function startClickhouseOn(built: Built, eni1: number): Promise<Engine & { readonly bytes: number }> {
  const folder = join(benchFolder, `search-${built.records}-clickhouse`);
  if (!existsSync(folder)) await make(folder, built);
  const server = await launch(folder);
  const rows = async (sql: string) => (await server.run(`${sql} FORMAT JSONCompactEachRow`)).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as unknown[]);
  const [[bytes]] = (await rows("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'flow'")) as [[string]];
  return {
    name: "ClickHouse",
    pid: server.child.pid!,
    bytes: Number(bytes),
    ask: (question) => askInSql(question, { ...dialect, eni1: `eni = ${eni1}` }, (sql) => rows(`${sql} `)),
    async chill() {
      for (const cache of ["MARK", "INDEX MARK", "UNCOMPRESSED", "INDEX UNCOMPRESSED", "QUERY"]) await server.run(`SYSTEM DROP ${cache} CACHE`);
      await evict(join(folder, "data"));
    },
    stop: () => end(server.child),
  };
}

async function make(folder: string, built: Built): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  console.error(`making ${folder}`);
  const server = await launch(partial);
  await server.run(table);
  await server.run(loadFrom(join(built.folder, "logs", "segments")));
  await server.run("OPTIMIZE TABLE flow FINAL");
  await end(server.child);
  renameSync(partial, folder);
}

interface Server {
  readonly child: ChildProcess;
  readonly run: (sql: string) => Promise<string>;
}

async function launch(folder: string): Promise<Server> {
  mkdirSync(join(folder, "data"), { recursive: true });
  const [http, tcp] = (await freePorts(2)) as [number, number];
  writeFileSync(join(folder, "config.xml"), configuration(folder, http, tcp));
  writeFileSync(join(folder, "users.xml"), "<clickhouse><users><default><no_password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users><profiles><default><max_threads>2</max_threads></default></profiles><quotas><default/></quotas></clickhouse>");
  const child = spawn(process.execPath, [script, await findPeers(), folder], { stdio: ["pipe", "ignore", "inherit"] });
  const agent = new Agent({ pipelining: 0, headersTimeout: limitMs, bodyTimeout: limitMs });
  const run = async (sql: string) => {
    const answer = await request(`http://127.0.0.1:${http}/`, { method: "POST", body: sql, dispatcher: agent });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${sql}: ${text}`);
    return text;
  };
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries > 1200) throw new Error("the ClickHouse server does not answer");
    const isUp = await run("SELECT 1").then(() => true, () => false);
    if (isUp) return { child, run };
    await sleep(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await ended;
}

function configuration(folder: string, http: number, tcp: number): string {
  return `<clickhouse>
  <logger><level>none</level></logger>
  <listen_host>127.0.0.1</listen_host><http_port>${http}</http_port><tcp_port>${tcp}</tcp_port>
  <users_config>${folder}/users.xml</users_config>
  <max_server_memory_usage>4000000000</max_server_memory_usage>
</clickhouse>
`;
}
