/** Real ClickHouse servers for tests: processes of their own, on free ports of the loopback interface, with a user and a password. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { freePorts } from "./free-ports.ts";
import { findPeers, PeersUnavailable } from "./peers.ts";

/** Who may speak to the servers of tests. */
export const clickhouseUser = { name: "flowlogs", password: "s3cret:/@" } as const;

/** The name of the cluster that servers started together form. */
export const clickhouseCluster = "pair";

/** A server that runs, or ran: it can be killed and started again with what it has on disk. */
export interface ClickhouseServer {
  readonly httpPort: number;
  readonly tcpPort: number;
  readonly pid: number;
  /** Its address as `--store` takes it, with user and password. */
  url(database: string): string;
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const script = fileURLToPath(new URL("clickhouse-process.ts", import.meta.url));

/** How long a server may take to answer. */
const startLimitMs = 60_000;

/** Why no server can run here; undefined where one can. Installs the peers if need be. */
export async function clickhouseUnavailable(): Promise<string | undefined> {
  try {
    await findPeers();
    return undefined;
  } catch (error) {
    if (error instanceof PeersUnavailable) return error.message;
    throw error;
  }
}

/** Starts servers that know each other as the shards of one cluster. */
export async function startClickhouse(count = 1): Promise<ClickhouseServer[]> {
  const peers = await findPeers();
  const ports = await freePorts(count * 2);
  const pairs = Array.from({ length: count }, (_, place) => ({ http: ports[place * 2]!, tcp: ports[place * 2 + 1]! }));
  const shards = pairs.map(({ tcp }) => `<shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>${tcp}</port>${credentials}</replica></shard>`);
  return Promise.all(pairs.map((pair) => startOne(peers, pair, shards.join(""))));
}

const credentials = `<user>${clickhouseUser.name}</user><password>${clickhouseUser.password}</password>`;

async function startOne(peers: string, ports: { http: number; tcp: number }, shards: string): Promise<ClickhouseServer> {
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-clickhouse-"));
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "config.xml"), configuration(folder, ports, shards));
  writeFileSync(join(folder, "users.xml"), users);
  let child = await launch(peers, folder, ports.http);
  return {
    httpPort: ports.http,
    tcpPort: ports.tcp,
    get pid() {
      return child.pid!;
    },
    url: (database) => `clickhouse://${clickhouseUser.name}:${encodeURIComponent(clickhouseUser.password)}@127.0.0.1:${ports.http}/${database}`,
    kill: () => end(child),
    async restart() {
      child = await launch(peers, folder, ports.http);
    },
    async stop() {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the process and waits for its first answer. */
async function launch(peers: string, folder: string, httpPort: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, peers, folder], { stdio: ["pipe", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  for (const beganMs = Date.now(); ; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`the ClickHouse server ended with ${child.exitCode}: ${complaint}`);
    const answer = await request(`http://127.0.0.1:${httpPort}/ping`).then(({ body }) => body.text(), () => "");
    if (answer.startsWith("Ok")) return child;
    if (Date.now() - beganMs < startLimitMs) continue;
    await end(child);
    throw new Error(`the ClickHouse server did not answer within ${startLimitMs / 1000} s: ${complaint}`);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await ended;
}

function configuration(folder: string, { http, tcp }: { http: number; tcp: number }, shards: string): string {
  return `<clickhouse>
  <logger><level>none</level></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${http}</http_port>
  <tcp_port>${tcp}</tcp_port>
  <users_config>${folder}/users.xml</users_config>
  <max_server_memory_usage>4000000000</max_server_memory_usage>
  <remote_servers><${clickhouseCluster}>${shards}</${clickhouseCluster}></remote_servers>
</clickhouse>
`;
}

const users = `<clickhouse>
  <users>
    <default><no_password/><networks><ip>::1</ip><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
    <${clickhouseUser.name}>
      <password>${clickhouseUser.password}</password><networks><ip>::1</ip><ip>127.0.0.1</ip></networks>
      <profile>default</profile><quota>default</quota>
    </${clickhouseUser.name}>
  </users>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
</clickhouse>
`;
