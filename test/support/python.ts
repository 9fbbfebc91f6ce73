/** The official Python SDK in a virtual environment of its own, made once and kept outside the repository. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const requirements = fileURLToPath(new URL("../peers/requirements.txt", import.meta.url));
const script = fileURLToPath(new URL("../peers/official_sdk.py", import.meta.url));

/** Where a Python with the SDK is, or why there is none. */
export type Python = { readonly path: string } | { readonly unavailable: string };

/** Finds the environment, or makes it: half a minute, and it needs a package index. */
export function pythonWithSdk(): Python {
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "pulumi-flowlogs", `python-${wanted}`);
  const path = join(folder, "bin", "python");
  if (existsSync(path)) return { path };
  mkdirSync(dirname(folder), { recursive: true });
  // Made aside and moved in place, so that one that was interrupted is never taken for whole.
  const fresh = mkdtempSync(`${folder}-`);
  try {
    const run = (command: string, ...args: string[]) => {
      const { status, error, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 150_000 });
      return status === 0 ? undefined : `${command} ${args.slice(0, 3).join(" ")}: ${error?.message ?? stderr.trim().split("\n").at(-1)}`;
    };
    const failed =
      run("python3", "-m", "venv", fresh) ?? run(join(fresh, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements);
    if (failed !== undefined) return { unavailable: failed };
    renameSync(fresh, folder);
    return { path };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** One thing to do with the SDK. */
export type Step = { readonly upload: readonly [topicId: string, compression: string, base64: string] } | { readonly call: readonly [service: string, action: string, parameters: object] };

/** Does the steps, in one process; each gives the SDK's answer, or the error that it raised. */
export async function withPythonSdk(path: string, asked: { readonly host: string; readonly secretId: string; readonly secretKey: string; readonly steps: readonly Step[] }): Promise<Record<string, unknown>[]> {
  // A proxy of the machine's own has no business with loopback.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^https?_proxy$/i.test(name)));
  const child = spawn(path, [script], { env });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  child.stdin.end(JSON.stringify(asked));
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`the Python SDK ended with ${String(code)}: ${output.stderr}`);
  return JSON.parse(output.stdout) as Record<string, unknown>[];
}
