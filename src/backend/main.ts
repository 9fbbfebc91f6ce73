/**
 * Starts the backend: the one place that names the real clock, real chance, the disk and the socket.
 */
import { randomBytes, randomFillSync } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Credentials, credentialsFromEnvironment, credentialsInFolder, credentialsPath } from "../wire/local-backend.ts";
import { type Clock, type Due, VirtualClock } from "./clock.ts";
import { type Cloud, type CloudOptions, createCloud, type Disk, memoryDisk } from "./cloud.ts";
import { newUuid, type Random } from "./ids.ts";
import type { StoreAddress } from "./logs/clickhouse/address.ts";
import { listen, type ServerOptions } from "./server/server.ts";
import { finishSwap } from "./snapshot/swap.ts";

/** How long a timer waits before it looks at the clock again, which may have been set meanwhile, or slept through. */
const longestTimerMs = 10_000;

/** The machine's own clock. */
export class RealClock implements Clock {
  readonly kind = "real";

  nowMs(): number {
    return Date.now();
  }

  at(atMs: number, due: Due): () => void {
    let timer: NodeJS.Timeout;
    // What fails while nobody waits for it (a full disk, say) is told to whoever runs the backend.
    const work = () => void Promise.resolve().then(due).catch((error: unknown) => console.error(error));
    const wait = () => {
      const leftMs = atMs - Date.now();
      timer = setTimeout(leftMs <= 0 ? work : wait, Math.min(Math.max(0, leftMs), longestTimerMs));
      timer.unref();
    };
    wait();
    return () => clearTimeout(timer);
  }
}

/** Chance from the operating system, fetched in stretches. */
class RealRandom implements Random {
  private readonly words = new Uint32Array(256);
  private used = this.words.length;

  next(): number {
    if (this.used === this.words.length) {
      randomFillSync(this.words);
      this.used = 0;
    }
    return this.words[this.used++]!;
  }
}

/** Makes a folder, and those it lies in. Node's own way never ends where the file system takes none, as in /proc. */
function makeFolder(folder: string): void {
  const make = () => mkdirSync(folder, { mode: 0o700 });
  try {
    make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    make();
  }
}

/** A folder on the machine's disk; made, for this user only, when it is not there. */
export function folderDisk(folder: string): Disk {
  makeFolder(folder);
  return { folder, path: (file) => join(folder, file), scratch: join(folder, "incoming") };
}

/** A data folder that lacks one of its files. */
export class DataMissing extends Error {
  override readonly name = "DataMissing";
}

/** Refuses a folder that holds logs and not what says whose they are: as a new backend's they would be deleted. */
export function refuseHalf(folder: string): void {
  const [state, logs] = [join(folder, "state.sqlite"), join(folder, "logs")];
  if (existsSync(state) || !existsSync(join(logs, "hot.duckdb"))) return;
  throw new DataMissing(`${state} is missing, though ${logs} holds logs: put it back, or move ${logs} away to begin anew`);
}

/** The key pair in the folder, made and kept (readable by this user only) when it is not there. */
function makeCredentials(folder: string): Credentials {
  const kept = credentialsInFolder(folder);
  if (kept !== undefined) return kept;
  makeFolder(folder);
  const made = {
    secretId: `AKIDlocal${randomBytes(12).toString("hex")}`,
    secretKey: randomBytes(24).toString("base64url"),
  };
  const path = credentialsPath(folder);
  writeFileSync(path, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  return made;
}

/** How to start a backend. */
export interface BackendOptions extends Omit<CloudOptions, "clock" | "random" | "disk" | "store">, ServerOptions {
  /** Where to keep everything; the credentials are kept there also when the rest is not. */
  readonly dataFolder: string;
  readonly inMemory: boolean;
  /** When the virtual clock starts, in Unix milliseconds; undefined for the real clock. */
  readonly virtualStartMs: number | undefined;
  /** The ClickHouse servers that keep the logs; without it they are kept in the data folder. */
  readonly storeAddress?: StoreAddress;
}

/** A backend that has lost a thread would answer with what is no longer true: the process ends, with the error's stack. */
function endBackend(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}

/** A backend that answers. */
export interface Backend {
  readonly url: string;
  /** What cannot be read of what it keeps, in words that name the files. */
  damage(): Promise<string[]>;
  /** Lets running requests finish, then closes everything. */
  stop(): Promise<void>;
}

/** Makes the cloud; a log store on other machines is loaded only where it is asked for, and must answer before anything else does. */
async function startCloud({ storeAddress: address, ...options }: CloudOptions & Pick<BackendOptions, "storeAddress">): Promise<Cloud> {
  if (address === undefined) return createCloud(options);
  const { ClickhouseStore } = await import("./logs/clickhouse/clickhouse-store.ts");
  let opening: Promise<void> = Promise.resolve();
  const store = (owner: string) => {
    const made = new ClickhouseStore({ address, owner, writer: newUuid(options.random) });
    opening = made.open();
    return made;
  };
  const cloud = createCloud({ ...options, store });
  try {
    await opening;
    return cloud;
  } catch (error) {
    await cloud.close();
    throw error;
  }
}

/** Starts a backend and its server. */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  if (!options.inMemory) {
    finishSwap(options.dataFolder);
    refuseHalf(options.dataFolder);
  }
  const credentials = credentialsFromEnvironment() ?? makeCredentials(options.dataFolder);
  const cloud = await startCloud({
    ...options,
    clock: options.virtualStartMs === undefined ? new RealClock() : new VirtualClock(options.virtualStartMs),
    random: new RealRandom(),
    disk: options.inMemory ? memoryDisk : folderDisk(options.dataFolder),
    threads: { died: endBackend },
  });
  const reportBug = (error: unknown) => console.error(error);
  const counter = { cloud, credentials, wallClockMs: () => Date.now(), reportBug };
  const listening = await listen(counter, options).catch(async (error: unknown) => {
    await cloud.close();
    throw error;
  });
  return {
    url: listening.url,
    damage: () => cloud.damage(),
    async stop() {
      await listening.close();
      await cloud.close();
    },
  };
}
