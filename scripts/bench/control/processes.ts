/** Servers in processes of their own: started, timed until they answer, weighed, stopped. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const flowlogs = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

/** A server that answers. */
export interface Running {
  readonly port: number;
  readonly folder: string;
  /** From the process's start until it could be called. */
  readonly readyMs: number;
  /** Resident memory, MB. */
  rssMb(): number;
  /** Processor time it has taken so far. */
  cpuMs(): number;
  stop(): Promise<void>;
}

export const secret = { TENCENTCLOUD_SECRET_ID: "AKIDbench", TENCENTCLOUD_SECRET_KEY: "bench" };

/** Starts `flowlogs serve` on a free port, with a data folder of its own. */
export async function startFlowlogs(...args: string[]): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-bench-"));
  const startedMs = performance.now();
  const child = spawn(process.execPath, [flowlogs, "serve", "--port", "0", "--data", folder, ...args], {
    env: { ...process.env, ...secret },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(Number(/:(\d+) /.exec(text)?.[1])));
    child.once("close", (code) => reject(new Error(`flowlogs serve ended with ${code}`)));
  });
  return running(child, port, folder, performance.now() - startedMs);
}

/** How long Node itself takes to start and end, doing nothing, and its processor time. */
export function nodeStart(): { readonly wallMs: number; readonly cpuMs: number } {
  const startedMs = performance.now();
  const { stdout } = spawnSync(process.execPath, ["-p", "process.cpuUsage().user + process.cpuUsage().system"], { encoding: "utf8" });
  return { wallMs: performance.now() - startedMs, cpuMs: Number(stdout) / 1000 };
}

/** The version that the measurements name. */
export const motoVersion = "5.2.5";

/** The folder of a Python environment with moto in it, made on first use in the user's cache. */
function motoFolder(): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "pulumi-flowlogs", `moto-${motoVersion}`);
  if (existsSync(join(folder, "bin", "moto_server"))) return folder;
  console.error(`Installing moto ${motoVersion} into ${folder}: once.`);
  const steps: [string, string[]][] = [
    ["python3", ["-m", "venv", folder]],
    [join(folder, "bin", "pip"), ["install", "--quiet", `moto[server]==${motoVersion}`]],
  ];
  for (const [command, args] of steps) {
    if (spawnSync(command, args, { stdio: "inherit" }).status !== 0) throw new Error(`${command} ${args.join(" ")} failed: moto is not there to compare with`);
  }
  return folder;
}

/** Starts moto's server. It cannot pick a free port itself, so it is given one. */
export async function startMoto(): Promise<Running> {
  const program = join(motoFolder(), "bin", "moto_server");
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-bench-"));
  const startedMs = performance.now();
  const child = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`moto_server ended with ${child.exitCode}`);
    const answers = await fetch(`http://127.0.0.1:${port}/moto-api/`).then(({ ok }) => ok, () => false);
    if (answers) break;
    await wait(5);
  }
  return running(child, port, folder, performance.now() - startedMs);
}

function running(child: ChildProcess, port: number, folder: string, readyMs: number): Running {
  return {
    port,
    folder,
    readyMs,
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))![1]) / 1024,
    cpuMs: () => {
      // Behind the name in brackets the third field is the first; times are in hundredths of a second.
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
