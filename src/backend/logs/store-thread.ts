/**
 * The embedded store in a thread of its own: neither its appends nor the turning of its columns into logs hold up
 * whoever answers requests.
 *
 * This file is both sides: loaded as a worker it keeps the store, imported it offers {@link storeThread}.
 */
import { existsSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";
import { inTurns } from "../in-turns.ts";
import { type ErrorClass, type Line, lineToStarter, Thread } from "../thread.ts";
import { EmbeddedStore, type EmbeddedStoreOptions } from "./duckdb/embedded-store.ts";
import { type Arrivals, type Damage, type Found, type KeptLog, type LogStore, QueryFailure, type Search, SearchTooSlow, StoreFailure, StoreFull } from "./log-store.ts";
import { QuerySyntaxError } from "./query/ast.ts";
import { UploadTooLarge } from "./upload/log-groups.ts";
import { UnreadableUpload } from "./upload/upload.ts";

/** What a store answers later, and so can answer from another thread. */
type Later = { [M in keyof LogStore]: LogStore[M] extends (...args: never[]) => Promise<unknown> ? M : never }[keyof LogStore];

/** Everything that is passed on; the compiler misses what is missing here. */
const passedOn = {
  writeRecords: true,
  writeLogs: true,
  writeUpload: true,
  search: true,
  arrivals: true,
  keys: true,
  count: true,
  analyse: true,
  findLine: true,
  usage: true,
  countStreams: true,
  open: true,
  deleteTopic: true,
  keepOnly: true,
  tend: true,
  beginCopy: true,
  finishCopy: true,
  takeUp: true,
  close: true,
} as const satisfies Readonly<Record<Later, true>>;

type PassedOn = Pick<LogStore, Later>;

/** What was found, on its way: logs as JSON, in pieces, which are read in turns and twice as fast as clones. */
interface PackedFound extends Omit<Found, "logs"> {
  readonly pieces: readonly string[];
}

/** The store's thread, as it answers. */
interface StoreSide extends Omit<PassedOn, "search" | "arrivals"> {
  search(search: Search): Promise<PackedFound>;
  arrivals(wanted: Arrivals): Promise<PackedFound>;
}

const pieceLogs = 100;

function packed({ logs, ...found }: Found): PackedFound {
  const pieces = Array.from({ length: Math.ceil(logs.length / pieceLogs) }, (_, place) => logs.slice(place * pieceLogs, (place + 1) * pieceLogs));
  return { ...found, pieces: pieces.map((piece) => JSON.stringify(piece)) };
}

async function unpacked({ pieces, ...found }: PackedFound): Promise<Found> {
  const logs = await inTurns(pieces, (piece) => JSON.parse(piece) as KeptLog[], 1);
  return { ...found, logs: logs.flat() };
}

/** What the store's thread tells the one that started it. */
interface Hearing {
  damaged(damage: readonly Damage[]): void;
}

const errors: readonly ErrorClass[] = [StoreFull, StoreFailure, QueryFailure, SearchTooSlow, QuerySyntaxError, UploadTooLarge, UnreadableUpload];

interface StoreWork {
  readonly task: "keep logs";
  readonly options: EmbeddedStoreOptions;
}

/** An embedded store in a thread, which starts with the first thing that is asked of it. */
export function storeThread(options: EmbeddedStoreOptions, died: (error: Error) => void): LogStore {
  const work: StoreWork = { task: "keep logs", options };
  let thread: Thread<StoreSide> | undefined;
  let damage: readonly Damage[] = [];
  const hearing: Hearing = {
    damaged(known) {
      damage = known;
    },
  };
  const line = (): Line<StoreSide> => {
    thread ??= new Thread<StoreSide>(new URL(import.meta.url), work, hearing, errors, died);
    return thread.line;
  };
  return {
    place: options.folder ?? "memory",
    ...forwards(line),
    search: async (search) => unpacked(await line().call("search", [search])),
    arrivals: async (wanted) => unpacked(await line().call("arrivals", [wanted])),
    async open() {
      // A thread is not started to find that there is nothing.
      if (thread !== undefined || holdsLogs(options)) await line().call("open", []);
    },
    damage: () => damage,
    async close() {
      if (thread === undefined) return;
      await thread.line.call("close", []);
      await thread.end();
    },
  };
}

function holdsLogs({ folder }: EmbeddedStoreOptions): boolean {
  return folder !== undefined && existsSync(folder);
}

function forwards(line: () => Line<StoreSide>): PassedOn {
  const names = Object.keys(passedOn) as Later[];
  return Object.fromEntries(names.map((name) => [name, (...args: never) => line().call(name, args)])) as unknown as PassedOn;
}

/** Keeps the store, and tells of damage before it answers what met it. */
function keepLogs({ options }: StoreWork): void {
  const store = new EmbeddedStore(options);
  let told = 0;
  const tellDamage = () => {
    const damage = store.damage();
    if (damage.length !== told) line.tell("damaged", [damage]);
    told = damage.length;
  };
  const served = Object.keys(passedOn).map((name) => {
    const method = store[name as Later].bind(store) as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => method(...args).finally(tellDamage)] as const;
  });
  const found: Pick<StoreSide, "search" | "arrivals"> = {
    search: async (search) => packed(await store.search(search).finally(tellDamage)),
    arrivals: async (wanted) => packed(await store.arrivals(wanted).finally(tellDamage)),
  };
  const line = lineToStarter<Hearing>({ ...Object.fromEntries(served), ...found }, errors);
}

if (!isMainThread && (workerData as Partial<StoreWork> | null)?.task === "keep logs") keepLogs(workerData as StoreWork);
