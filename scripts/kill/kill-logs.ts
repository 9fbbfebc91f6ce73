/** The log store killed with `kill -9` at random points while it writes, seals, joins, expires and deletes, and looked at afterwards. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import type { Place } from "../../src/backend/logs/log-store.ts";
import { Chance } from "../oracle/chance.ts";
import { expectedAfter, killRule, killTopics, operation } from "./operations.ts";

/** What a round of kills came to. */
export interface KillRound {
  kills: number;
  /** Of them: before the store had opened. */
  early: number;
  acknowledged: number;
  /** Topics whose deletion was acknowledged. */
  deleted: number;
  logs: number;
  failures: string[];
}

const writer = fileURLToPath(new URL("log-writer.ts", import.meta.url));

/** Kills of one store before it is begun anew: each time all of it is read. */
const killsOfStore = 12;

/** Kills a store so many times. */
export async function killRound(seed: number, kills: number): Promise<KillRound> {
  const chance = new Chance(seed);
  const round: KillRound = { kills: 0, early: 0, acknowledged: 0, deleted: 0, logs: 0, failures: [] };
  while (round.kills < kills) await killStore(chance, Math.min(killsOfStore, kills - round.kills), round);
  return round;
}

async function killStore(chance: Chance, kills: number, round: KillRound): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-kill-"));
  // Each store has operations of its own.
  const begin = chance.below(100_000) * 10_000;
  // Operations that were acknowledged, or were found done after a kill that came before the acknowledgement.
  let done = begin - 1;
  try {
    for (let kill = 0; kill < kills; kill++) {
      // The last writes come again; records must not be doubled by it, logs are not sent twice.
      const first = resendFrom(begin, done);
      const acknowledged = await live(folder, first, chance, round);
      for (let number = done + 1; number <= acknowledged; number++) {
        if (operation(number).count > 0) round.acknowledged++;
        if (operation(number).kind === "delete") round.deleted++;
      }
      round.kills++;
      done = await look(folder, begin, Math.max(done, acknowledged), round);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A few writes back, as far as these are all records. */
function resendFrom(begin: number, done: number): number {
  let first = done + 1;
  while (first > begin && done + 1 - first < 3 && operation(first - 1).kind === "records") first--;
  return first;
}

/** Lets the writer live for a while; gives the number of the last write that it saw acknowledged. */
function live(folder: string, first: number, chance: Chance, round: KillRound): Promise<number> {
  const child = spawn(process.execPath, [writer, folder, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  // Counted from where it is ready, or from an acknowledgement: a busy machine writes less in the same time.
  const isEarly = chance.percent(15);
  const lines = isEarly ? 1 : 2 + chance.below(24);
  const afterMs = chance.below(isEarly ? 120 : 40);
  let output = "";
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.split("\n").length > lines) timer ??= setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      if (signal !== "SIGKILL") return reject(new Error(`the writer ended by itself with ${code}`));
      // A number that was cut off by the kill counts as not seen.
      const numbers = output.split("\n").slice(0, -1).filter((line) => line !== "ready");
      if (numbers.length === 0) round.early++;
      resolve(numbers.length === 0 ? -1 : Number(numbers.at(-1)));
    });
  });
}

/** Opens the store and holds all of it against what was acknowledged; gives the last operation that was done. */
async function look(folder: string, begin: number, acknowledged: number, round: KillRound): Promise<number> {
  const store = new EmbeddedStore({ folder, threads: 1 });
  try {
    const found = await everything(store);
    round.logs += [...found.values()].reduce((sum, rows) => sum + rows.length, 0);
    const wrong = await difference(store, found, expectedAfter(begin, acknowledged));
    if (wrong === undefined) return acknowledged;
    // The one that was under way may be done or not, but not in part.
    if ((await difference(store, found, expectedAfter(begin, acknowledged + 1))) === undefined) return acknowledged + 1;
    round.failures.push(`after ${acknowledged}, with ${operation(acknowledged + 1).kind} under way: ${wrong}`);
    return acknowledged;
  } finally {
    await store.close();
  }
}

/** What is otherwise than expected; undefined where nothing is. */
async function difference(
  store: EmbeddedStore,
  found: ReadonlyMap<number, readonly number[]>,
  expected: ReadonlyMap<number, readonly number[]>,
): Promise<string | undefined> {
  for (const number of new Set([...expected.keys(), ...found.keys()])) {
    const [rows, wanted] = [found.get(number) ?? [], expected.get(number) ?? []];
    const isSame = rows.length === wanted.length && rows.toSorted((a, b) => a - b).every((row, place) => row === wanted[place]);
    if (!isSame) return `write ${number} (${operation(number).kind}): ${rows.length} logs found, ${new Set(rows).size} different, ${wanted.length} expected`;
  }
  for (const topicId of killTopics) {
    const counted = (await store.usage(topicId)).logs;
    const wanted = [...expected].reduce((sum, [number, rows]) => sum + (operation(number).topicId === topicId ? rows.length : 0), 0);
    if (counted !== wanted) return `topic ${topicId} counts ${counted} logs, ${wanted} are expected`;
  }
  return undefined;
}

/** The rows of every write, by its number. */
async function everything(store: EmbeddedStore): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>();
  const topics = killTopics.map((id) => ({ id, index: killRule, keptFromMs: 0 }));
  const search = { query: { kind: "all" }, syntax: "cql", topics, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, newestFirst: false, limit: 20_000 } as const;
  let after: Place | undefined;
  for (;;) {
    const { logs, isAll, damage } = await store.search({ ...search, ...(after === undefined ? {} : { after }) });
    if (damage.length > 0) throw new Error(damage[0]!.words);
    for (const { values } of logs) {
      const of = new Map(values);
      const number = Number(of.get("packets"));
      found.set(number, [...(found.get(number) ?? []), Number(of.get("bytes"))]);
    }
    if (isAll) return found;
    after = logs.at(-1);
  }
}
