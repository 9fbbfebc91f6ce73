/** A data folder with something of everything in it, as it is after a good stop or after `kill -9`. */
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Clock, VirtualClock } from "../../src/backend/clock.ts";
import { type Cloud, createCloud } from "../../src/backend/cloud.ts";
import { SeededRandom } from "../../src/backend/ids.ts";
import { folderDisk } from "../../src/backend/main.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc } from "../../test/support/network.ts";
import { Chance } from "../oracle/chance.ts";
import { beginSeconds, randomBatch, randomLogs } from "../oracle/random-logs.ts";

/** Opens the cloud that a folder holds. */
export function openCloud(folder: string, clock: Clock = new VirtualClock(beginSeconds * 1000)): Cloud {
  return createCloud({ clock, random: new SeededRandom(7), disk: folderDisk(folder) });
}

/** A day later: every hour is over. */
export const laterMs = (beginSeconds + 86_400) * 1000;

/** All that a cloud keeps, as its API shows it. */
export interface Contents {
  readonly vpcs: readonly string[];
  /** Every log of every topic. */
  readonly logs: readonly string[];
  /** What searches and the status say cannot be read. */
  readonly damage: readonly string[];
}

/** Makes two folders with the same contents: one closed in good order, one as a kill leaves it. */
export async function makeSpecimens(folder: string): Promise<{ readonly closed: string; readonly killed: string; readonly contents: Contents }> {
  const [closed, killed] = [join(folder, "closed"), join(folder, "killed")];
  const cloud = openCloud(closed);
  const vpc = await makeVpc(cloud);
  await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.1.0/24"), "172.31.1.10");
  const chance = new Chance(1);
  for (const name of ["one", "two"]) {
    const topic = await makeTopic(cloud, name);
    if (name === "one") await makeFlowLog(cloud, vpc, topic);
    for (let round = 0; round < 3; round++) {
      await cloud.rooms.logs.writeRecords(topic, randomBatch(chance, `${name} ${round}`, 50, true));
      await cloud.rooms.logs.writeLogs(topic, randomLogs(chance, 20));
      // Sealed hours, and then hot ones.
      if (round < 2) await cloud.rooms.logs.store.tend(laterMs, new Map());
    }
  }
  const contents = await contentsOf(cloud);
  cpSync(closed, killed, { recursive: true });
  await cloud.close();
  return { closed, killed, contents };
}

/** The files of a folder that can be damaged, by their paths in it. */
export function filesOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.(sqlite|sqlite-wal|duckdb|wal|parquet|filters?|sums)$/.test(name)).toSorted();
}

/** Reads everything twice over: by plain searches, and by one for an address. */
export async function contentsOf(cloud: Cloud): Promise<Contents> {
  const { VpcSet } = await cloud.call("DescribeVpcs", {});
  const logs: string[] = [];
  const damage = new Set<string>();
  for (const { id } of cloud.rooms.logs.topics.values()) {
    try {
      for (const QueryString of ["203.0.113.12", ""]) {
        const found = await cloud.call("SearchLog", { TopicId: id, QueryString, From: 0, To: Number.MAX_SAFE_INTEGER, Limit: 1000 });
        if (!found.ListOver) throw new Error("a topic holds more than one page");
        if (QueryString === "") logs.push(...found.Results!.map((log) => JSON.stringify(log)));
        for (const { ErrorMsg } of found.Topics?.Errors ?? []) damage.add(ErrorMsg);
      }
    } catch (error) {
      damage.add(error instanceof Error ? error.message : String(error));
    }
  }
  for (const words of (await cloud.call("DescribeStatus", {})).Damage) damage.add(words);
  return { vpcs: VpcSet.map((vpc) => JSON.stringify(vpc)), logs: logs.toSorted(), damage: [...damage] };
}
