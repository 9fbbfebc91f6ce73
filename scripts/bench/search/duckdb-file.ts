/** A plain DuckDB file beside us, ordered by hour, topic and ENI, with the same records, behind a small HTTP server. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Agent, request } from "undici";
import { benchFolder } from "../capture/mixes.ts";
import type { Built } from "./database.ts";
import type { Engine } from "./engine.ts";
import { evict } from "./eviction.ts";
import { askInSql, firstHour } from "./questions.ts";
import { hours } from "./records.ts";

const script = fileURLToPath(new URL("duckdb-server.ts", import.meta.url));
const limitMs = 3_600_000;
const dialect = { minute: "start // 60", tenMinutes: "start // 600", topic1: "topic = 1", distinct: "count(DISTINCT dst) + 0 * count" };

/** A server on the file. */
export async function startDuckdbOn(built: Built, eni1: number): Promise<Engine & { readonly bytes: number }> {
  const folder = join(benchFolder, `search-${built.records}-duckdb`);
  const file = join(folder, "flow.duckdb");
  if (!existsSync(folder)) await make(folder, built);
  let server = await launch(file);
  return {
    name: "DuckDB file",
    get pid() {
      return server.pid;
    },
    bytes: statSync(file).size,
    ask: (question) => askInSql(question, { ...dialect, eni1: `eni = ${eni1}`, distinct: "count_distinct" }, (sql) => server.run(sql.replace(/count_distinct\((\w+)\)/, "count(DISTINCT $1)"))),
    async chill() {
      // Its cache lives in its process.
      await server.stop();
      await evict(folder);
      server = await launch(file);
    },
    stop: () => server.stop(),
  };
}

async function make(folder: string, built: Built): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  console.error(`making ${folder}`);
  const server = await launch(join(partial, "flow.duckdb"));
  const rows = `SELECT CAST(topic - 1 AS UTINYINT) AS topic, CAST(start_s // 3600 AS UINTEGER) AS hour, eni, src, dst, sport, dport, protocol, packets, bytes, start_s AS start, CAST(start_s + duration AS UINTEGER) AS stop, action, status FROM read_parquet('${join(built.folder, "logs", "segments")}/*.parquet')`;
  await server.run(`CREATE TABLE flow AS ${rows} LIMIT 0`);
  for (let hour = firstHour; hour < firstHour + hours; hour++) {
    await server.run(`INSERT INTO flow SELECT * FROM (${rows}) WHERE start >= ${hour * 3600} AND start < ${(hour + 1) * 3600} ORDER BY topic, eni, start`);
  }
  await server.run("CHECKPOINT");
  await server.stop();
  renameSync(partial, folder);
}

async function launch(file: string) {
  const child = spawn(process.execPath, [script, file], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve((JSON.parse(text) as { port: number }).port));
    child.once("close", (code) => reject(new Error(`the DuckDB server ended with ${code}`)));
  });
  const agent = new Agent({ pipelining: 0, headersTimeout: limitMs, bodyTimeout: limitMs });
  return {
    pid: child.pid!,
    async run(sql: string): Promise<unknown[][]> {
      const answer = await request(`http://127.0.0.1:${port}/`, { method: "POST", body: sql, dispatcher: agent });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${sql}: ${text}`);
      return JSON.parse(text) as unknown[][];
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}
