/** Our own data folder with so many records in it, made once through the store's own write path and kept. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VirtualClock } from "../../../src/backend/clock.ts";
import { Cloud } from "../../../src/backend/cloud.ts";
import type { Logs } from "../../../src/backend/logs/logs.ts";
import { folderDisk } from "../../../src/backend/main.ts";
import { SeededRandom } from "../../../src/backend/ids.ts";
import { benchFolder } from "../capture/mixes.ts";
import { beginSeconds, hours, publications, topics } from "./records.ts";

/** Grows when segments are written in another way. */
const layout = 3;

/** How a database came to be and what it weighs. */
export interface Built {
  readonly folder: string;
  readonly records: number;
  readonly topicIds: readonly string[];
  readonly writeCpuS: number;
  readonly sealCpuS: number;
  readonly wallS: number;
  readonly textBytes: number;
  /** Bytes on disk by what they are. */
  readonly bytes: Readonly<Record<string, number>>;
}

/** The moment at which searches are made: all hours are sealed by then. */
export const searchedAtMs = (beginSeconds + (hours + 3) * 3600) * 1000;

const text = (Key: string) => ({ Key, Value: { Type: "text" as const, SqlFlag: true } });
const long = (Key: string) => ({ Key, Value: { Type: "long" as const, SqlFlag: true } });

/** The index of every topic: full text, and all fields by key. */
const indexRule = {
  FullText: { CaseSensitive: false, Tokenizer: "@&?|#()='\",;:<>[]{}/ \n\t\r\\" },
  KeyValue: {
    CaseSensitive: false,
    KeyValues: [
      ...["version", "account-id", "interface-id", "srcaddr", "dstaddr", "action", "log-status"].map(text),
      ...["srcport", "dstport", "protocol", "packets", "bytes", "start", "end"].map(long),
    ],
  },
};

/** A new cloud in a folder, and its topics. */
export async function cloudWithTopics(folder: string): Promise<{ cloud: Cloud; topicIds: string[] }> {
  mkdirSync(folder, { recursive: true });
  const clock = new VirtualClock((beginSeconds + 600) * 1000);
  const cloud = new Cloud({ clock, random: new SeededRandom(1), disk: folderDisk(folder) });
  const { LogsetId } = await cloud.call("CreateLogset", { LogsetName: "search" });
  const topicIds: string[] = [];
  for (let topic = 0; topic < topics; topic++) {
    const { TopicId } = await cloud.call("CreateTopic", { LogsetId, TopicName: `topic-${topic}`, Period: 30 });
    await cloud.call("CreateIndex", { TopicId, Rule: indexRule });
    topicIds.push(TopicId);
  }
  return { cloud, topicIds };
}

const cpuS = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** The data folder with so many records; made where it is not there yet. */
export async function databaseOf(records: number): Promise<Built> {
  const folder = join(benchFolder, `search-${records}-layout${layout}`);
  const note = join(folder, "built.json");
  if (existsSync(note)) return JSON.parse(readFileSync(note, "utf8")) as Built;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  console.error(`making ${folder}`);
  const { cloud, topicIds } = await cloudWithTopics(partial);
  const startedMs = performance.now();
  const { logs } = cloud.rooms;
  const writeCpuS = await write(records, topicIds, logs);
  const before = cpuS();
  await logs.store.tend(searchedAtMs, new Map());
  const sealCpuS = cpuS() - before;
  let textBytes = 0;
  for (const id of topicIds) textBytes += (await logs.usage(id)).ingestedBytes;
  await cloud.close();
  const wallS = (performance.now() - startedMs) / 1000;
  const built: Built = { folder, records, topicIds, writeCpuS, sealCpuS, wallS, textBytes, bytes: bytesIn(join(partial, "logs")) };
  writeFileSync(join(partial, "built.json"), JSON.stringify(built));
  renameSync(partial, folder);
  return built;
}

/** Writes all batches in their order; the processor time that the store took for it. */
async function write(records: number, topicIds: readonly string[], logs: Logs): Promise<number> {
  let [generating, done, shown] = [0, 0, 0];
  const before = cpuS();
  let batchBegan = cpuS();
  for (const { topic, batch } of publications(records)) {
    generating += cpuS() - batchBegan;
    await logs.writeRecords(topicIds[topic]!, batch);
    done += batch.count;
    if (done - shown >= records / 10) console.error(`${(shown = done).toLocaleString("en")} records`);
    batchBegan = cpuS();
  }
  return cpuS() - before - generating;
}

function bytesIn(folder: string): Record<string, number> {
  const bytes: Record<string, number> = {};
  const add = (kind: string, path: string) => (bytes[kind] = (bytes[kind] ?? 0) + statSync(path).size);
  for (const name of readdirSync(join(folder, "segments"))) add(name.slice(name.indexOf(".") + 1), join(folder, "segments", name));
  for (const name of ["hot.duckdb", "hot.duckdb.wal"]) if (existsSync(join(folder, name))) add(name, join(folder, name));
  return bytes;
}
