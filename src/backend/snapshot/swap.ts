/**
 * Putting one state of the data folder in the place of another. What was built beside it becomes valid by one rename;
 * from then on it is in force, and whoever opens the folder finishes the work that is left.
 */
import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncPath } from "../disk-sync.ts";

/** Where a state waits that is in force but not in its place. */
const ready = "ready";

/** Puts in force what lies in a folder; each of its files and folders replaces the one of its name. */
export function putInForce(dataFolder: string, built: string): void {
  for (const name of readdirSync(built)) syncPath(join(built, name));
  syncPath(built);
  renameSync(built, join(dataFolder, ready));
  syncPath(dataFolder);
  finishSwap(dataFolder);
}

/** Finishes what a crash left half done; nothing to do otherwise. */
export function finishSwap(dataFolder: string): void {
  const from = join(dataFolder, ready);
  if (dataFolder === "" || !existsSync(from)) return;
  for (const name of readdirSync(from)) {
    // A database's log belongs to the one that was there before.
    for (const old of [name, `${name}-wal`, `${name}-shm`]) rmSync(join(dataFolder, old), { recursive: true, force: true });
    renameSync(join(from, name), join(dataFolder, name));
  }
  syncPath(dataFolder);
  rmdirSync(from);
}
