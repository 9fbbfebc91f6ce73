/**
 * The heavy programs of `test/peers/package.json`, installed once into a cache outside the repository by the suite or
 * benchmark that needs them (about 180 MB to download, 550 MB on disk).
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Why the peers cannot be had here. */
export class PeersUnavailable extends Error {
  override readonly name = "PeersUnavailable";
}

const source = fileURLToPath(new URL("../peers/", import.meta.url));
const files = ["package.json", "package-lock.json"] as const;

/** How long another process that installs them is waited for. */
const patienceMs = 300_000;

/** The folder in whose `node_modules` the peers are, installed now if need be. */
export async function findPeers(): Promise<string> {
  const home = cacheFolder();
  const claim = `${home}-installing`;
  for (const beganMs = Date.now(); !existsSync(home); await sleep(200)) {
    try {
      mkdirSync(dirname(home), { recursive: true });
      mkdirSync(claim);
    } catch (error) {
      // Another suite installs them; one that was killed meanwhile has left its claim behind.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw new PeersUnavailable(`${home} cannot be made: ${String(error)}`);
      if (Date.now() - beganMs > patienceMs) throw new PeersUnavailable(`${claim} has stood for ${patienceMs / 1000} s: remove it if no installation is running`);
      continue;
    }
    try {
      await install(home);
    } finally {
      rmSync(claim, { recursive: true, force: true });
    }
  }
  return home;
}

function cacheFolder(): string {
  const fingerprint = createHash("sha256");
  for (const file of files) fingerprint.update(readFileSync(join(source, file)));
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(cache, "pulumi-flowlogs", `peers-${fingerprint.digest("hex").slice(0, 12)}`);
}

async function install(home: string): Promise<void> {
  const scratch = mkdtempSync(`${home}-`);
  try {
    // Not `npm ci`: the lock names the library of the platform it was made on, and only that.
    for (const file of files) copyFileSync(join(source, file), join(scratch, file));
    const child = spawn("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: scratch, stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject).on("close", resolve);
    }).catch((error: unknown) => String(error));
    if (code !== 0) throw new PeersUnavailable(`npm install of test/peers ended with ${code}: ${complaint.trim()}`);
    renameSync(scratch, home);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
