/** A backend on a disk of its own that is filled up again and again: a small tmpfs in a mount namespace. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a round of full disks came to. */
export interface FullDiskRound {
  /** How often the disk was filled. */
  points: number;
  acknowledged: number;
  /** Refused for want of space: uploads, calls of the control plane, records that were to be published. */
  refusedUploads: number;
  refusedCalls: number;
  refusedPublications: number;
  /** Killed, or told to stop, while the disk was full. */
  kills: number;
  stops: number;
  reads: number;
  logs: number;
  failures: string[];
}

const inside = fileURLToPath(new URL("inside.ts", import.meta.url));

/** Why there can be no disk of our own here; undefined when there can. */
export function diskUnavailable(): string | undefined {
  const { status, error, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], { encoding: "utf8" });
  return status === 0 ? undefined : `unshare -rm: ${error?.message ?? stderr.trim()}`;
}

/** Fills a disk so many times, at moments that the seed decides. */
export async function fullDiskRound(seed: number, points: number): Promise<FullDiskRound> {
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-full-"));
  try {
    const script = 'mount -t tmpfs -o size=48m tmpfs "$1" && exec "$2" "$3" "$1" "$4" "$5"';
    const child = spawn("unshare", ["-rm", "sh", "-c", script, "sh", folder, process.execPath, inside, String(seed), String(points)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    if (code !== 0) throw new Error(`the round ended with ${code}: ${output}`);
    return JSON.parse(output) as FullDiskRound;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
