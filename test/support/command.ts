/** The `flowlogs` command as a person runs it, in a process of its own. */
import { spawn } from "node:child_process";

const command = new URL("../../src/cli/main.ts", import.meta.url).pathname;

/** How a command ended and what it printed. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `flowlogs ARGS`, with an environment on top of the test's, and something on standard input. */
export function flowlogs(args: readonly string[], environment: Record<string, string> = {}, input: string | Buffer = "", cwd?: string): Promise<Ran> {
  const child = spawn(process.execPath, [command, ...args], { env: { ...process.env, ...environment }, ...(cwd === undefined ? {} : { cwd }) });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => {}).end(input);
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
