/** `flowlogs serve` in a process of its own, which a test may stop or kill. */
import { type ChildProcess, spawn } from "node:child_process";
import { Client } from "../../src/client/client.ts";
import { credentialsInFolder } from "../../src/wire/local-backend.ts";

const command = new URL("../../src/cli/main.ts", import.meta.url).pathname;

/** A backend that was started. */
export interface Served {
  readonly child: ChildProcess;
  /** When it listens; rejects when it ends before. */
  readonly ready: Promise<{ readonly url: string; readonly client: Client }>;
  /** Its exit code, or null when it was killed. */
  readonly ended: Promise<number | null>;
  readonly output: () => string;
}

/** Starts one on a free port with its data in a folder, where it makes its own key pair. */
export function serveIn(folder: string, ...args: string[]): Served {
  const { TENCENTCLOUD_SECRET_ID: _, TENCENTCLOUD_SECRET_KEY: __, ...env } = process.env;
  const child = spawn(process.execPath, [command, "serve", "--port", "0", "--data", folder, ...args], { env });
  let output = "";
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const ready = new Promise<string>((resolve, reject) => {
    const hear = (text: string) => {
      output += text;
      const url = /listening on (\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${output}`)));
  }).then((url) => {
    const client = new Client({ endpoint: url, credentials: credentialsInFolder(folder)!, region: "ap-guangzhou" });
    return { url, client };
  });
  ready.catch(() => {});
  return { child, ready, ended, output: () => output };
}
