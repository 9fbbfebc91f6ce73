/** The backend as a process of its own, and its command line as a person would use it. */
import { spawn, spawnSync } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { readFileSync } from "node:fs";

const command = new URL("../../dist/cli/main.js", import.meta.url).pathname;

/** A backend that is running. */
export interface BackendProcess {
  readonly url: string;
  readonly pid: number;
  readonly dataFolder: string;
}

/** Starts `flowlogs serve` on a free port and waits for its line; it outlives this process until it is told to stop. */
export async function startProcess(folder: string, clockStart: string): Promise<BackendProcess> {
  const dataFolder = join(folder, "data");
  const logPath = join(folder, "backend.log");
  const log = openSync(logPath, "w");
  const args = ["serve", "--port", "0", "--data", dataFolder, "--clock", "virtual", "--clock-start", clockStart];
  const child = spawn(process.execPath, [command, ...args], { stdio: ["ignore", log, log], detached: true });
  child.unref();
  for (let tries = 0; tries < 200; tries++) {
    const url = /listening on (\S+)/.exec(readFileSync(logPath, "utf8"))?.[1];
    if (url !== undefined) return { url, pid: child.pid!, dataFolder };
    if (child.exitCode !== null) break;
    await wait(50);
  }
  throw new Error(`the backend did not start:\n${readFileSync(logPath, "utf8")}`);
}

/** Asks the backend to stop, and waits until it has. */
export async function stopProcess({ pid }: BackendProcess): Promise<void> {
  try {
    process.kill(pid, "SIGTERM");
    for (let tries = 0; tries < 200; tries++) {
      process.kill(pid, 0);
      await wait(50);
    }
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone.
  }
}

/** Runs a `flowlogs` command against the backend and gives what it prints; ends everything when it fails. */
export function flowlogs(backend: BackendProcess, ...args: string[]): string {
  const env = { ...process.env, FLOWLOGS_ENDPOINT: backend.url, FLOWLOGS_DATA: backend.dataFolder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    env,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`flowlogs ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return stdout.trimEnd();
}
