/** The log store killed with `kill -9` at random points while it writes, seals and joins, and looked at afterwards. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import type { Place } from "../../src/backend/logs/log-store.ts";
import { Chance } from "../oracle/chance.ts";
import { killRule, killTopics, operation } from "./operations.ts";

/** What a round of kills came to. */
export interface KillRound {
  kills: number;
  /** Of them: before the store had opened. */
  early: number;
  acknowledged: number;
  logs: number;
  segments: number;
  failures: string[];
}

const writer = fileURLToPath(new URL("log-writer.ts", import.meta.url));

/** Kills of one store before it is begun anew: each time all of it is read. */
const killsOfStore = 12;

/** Kills a store so many times. */
export async function killRound(seed: number, kills: number): Promise<KillRound> {
  const chance = new Chance(seed);
  const round: KillRound = { kills: 0, early: 0, acknowledged: 0, logs: 0, segments: 0, failures: [] };
  while (round.kills < kills) await killStore(chance, Math.min(killsOfStore, kills - round.kills), round);
  return round;
}

async function killStore(chance: Chance, kills: number, round: KillRound): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-kill-"));
  // Writes that were acknowledged, or were found whole after a kill that came before the acknowledgement.
  let done = -1;
  try {
    for (let kill = 0; kill < kills; kill++) {
      // The last writes come again; records must not be doubled by it, logs are not sent twice.
      const first = resendFrom(done);
      const acknowledged = await live(folder, first, chance, round);
      round.acknowledged += Math.max(0, acknowledged - done);
      round.kills++;
      done = await look(folder, Math.max(done, acknowledged), round);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A few writes back, as far as these are all records. */
function resendFrom(done: number): number {
  let first = done + 1;
  while (first > 0 && done + 1 - first < 3 && operation(first - 1).kind === "records") first--;
  return first;
}

/** Lets the writer live for a while; gives the number of the last write that it saw acknowledged. */
function live(folder: string, first: number, chance: Chance, round: KillRound): Promise<number> {
  const child = spawn(process.execPath, [writer, folder, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  const isEarly = chance.percent(15);
  const afterMs = chance.below(isEarly ? 120 : 500);
  let output = "";
  const kill = () => setTimeout(() => child.kill("SIGKILL"), afterMs);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const hasBegun = (of: string) => of.includes(isEarly ? "ready" : `${first}\n`);
    const isFirst = !hasBegun(output) && hasBegun(output + text);
    output += text;
    if (isFirst) kill();
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      if (signal !== "SIGKILL") return reject(new Error(`the writer ended by itself with ${code}`));
      // A number that was cut off by the kill counts as not seen.
      const lines = output.split("\n").slice(0, -1).filter((line) => line !== "ready");
      if (lines.length === 0) round.early++;
      resolve(lines.length === 0 ? -1 : Number(lines.at(-1)));
    });
  });
}

/** Opens the store and holds all of it against what was acknowledged; gives the last write that is in it. */
async function look(folder: string, acknowledged: number, round: KillRound): Promise<number> {
  const store = new EmbeddedStore({ folder, threads: 1 });
  try {
    const found = await everything(store);
    const last = Math.max(acknowledged, ...found.keys());
    for (let number = 0; number <= last; number++) {
      const { count } = operation(number);
      const rows = found.get(number) ?? [];
      const isWhole = rows.length === count && new Set(rows).size === count;
      // The write that was under way may be in it or not, but not in part.
      const isMissing = rows.length === 0 && number > acknowledged;
      if (!isWhole && !isMissing) round.failures.push(`write ${number} of ${count} logs, ${number <= acknowledged ? "" : "not "}acknowledged: ${rows.length} found, ${new Set(rows).size} different`);
    }
    round.logs = [...found.values()].reduce((sum, rows) => sum + rows.length, round.logs);
    return last;
  } finally {
    await store.close();
  }
}

/** The rows of every write, by its number. */
async function everything(store: EmbeddedStore): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>();
  const topics = killTopics.map((id) => ({ id, index: killRule, keptFromMs: 0 }));
  const search = { query: { kind: "all" }, syntax: "cql", topics, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, newestFirst: false, limit: 20_000 } as const;
  let after: Place | undefined;
  for (;;) {
    const { logs, isAll, damage } = await store.search({ ...search, ...(after === undefined ? {} : { after }) });
    if (damage.length > 0) throw new Error(damage[0]!.words);
    for (const { values } of logs) {
      const of = new Map(values);
      const number = Number(of.get("packets"));
      found.set(number, [...(found.get(number) ?? []), of.get("bytes")!]);
    }
    if (isAll) return found;
    after = logs.at(-1);
  }
}
