/**
 * The embedded store in a thread of its own: neither its appends nor the turning of its columns into logs hold up
 * whoever answers requests.
 *
 * This file is both sides: loaded as a worker it keeps the store, imported it offers {@link storeThread}.
 */
import { isMainThread, workerData } from "node:worker_threads";
import { type ErrorClass, type Line, lineToStarter, Thread } from "../thread.ts";
import { EmbeddedStore, type EmbeddedStoreOptions } from "./duckdb/embedded-store.ts";
import { type Damage, type LogStore, QueryFailure, SearchTooSlow, StoreFailure, StoreFull } from "./log-store.ts";
import { QuerySyntaxError } from "./query/ast.ts";

/** What a store answers later, and so can answer from another thread. */
type Later = { [M in keyof LogStore]: LogStore[M] extends (...args: never[]) => Promise<unknown> ? M : never }[keyof LogStore];

/** Everything that is passed on; the compiler misses what is missing here. */
const passedOn = {
  writeRecords: true,
  writeLogs: true,
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
  close: true,
} as const satisfies Readonly<Record<Later, true>>;

type PassedOn = Pick<LogStore, Later>;

/** What the store's thread tells the one that started it. */
interface Hearing {
  damaged(damage: readonly Damage[]): void;
}

const errors: readonly ErrorClass[] = [StoreFull, StoreFailure, QueryFailure, SearchTooSlow, QuerySyntaxError];

interface StoreWork {
  readonly task: "keep logs";
  readonly options: EmbeddedStoreOptions;
}

/** An embedded store in a thread, which starts with the first thing that is asked of it. */
export function storeThread(options: EmbeddedStoreOptions, died: (error: Error) => void): LogStore {
  const work: StoreWork = { task: "keep logs", options };
  let thread: Thread<PassedOn> | undefined;
  let damage: readonly Damage[] = [];
  const hearing: Hearing = {
    damaged(known) {
      damage = known;
    },
  };
  const line = (): Line<PassedOn> => {
    thread ??= new Thread<PassedOn>(new URL(import.meta.url), work, hearing, errors, died);
    return thread.line;
  };
  return {
    ...forwards(line),
    damage: () => damage,
    async close() {
      if (thread === undefined) return;
      await thread.line.call("close", []);
      await thread.end();
    },
  };
}

function forwards(line: () => Line<PassedOn>): PassedOn {
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
  const line = lineToStarter<Hearing>(Object.fromEntries(served), errors);
}

if (!isMainThread && (workerData as Partial<StoreWork> | null)?.task === "keep logs") keepLogs(workerData as StoreWork);
