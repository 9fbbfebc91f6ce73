/**
 * One simulation: a seed decides topology, rules, traffic, flow logs made and deleted midway, restarts and overload; in
 * the end the topics' records are exactly those that the naive re-count expects.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderDisk } from "../../src/backend/main.ts";
import { memoryDisk } from "../../src/backend/cloud.ts";
import { parseRecord } from "../../src/backend/flow/record.ts";
import { Chance } from "../oracle/chance.ts";
import { change, settle } from "./changes.ts";
import type { Skipped } from "./recount.ts";
import { pushTraffic } from "./traffic.ts";
import { type Start, World } from "./world.ts";

/** What a simulation came to. */
export interface SimulationResult {
  readonly packets: number;
  readonly records: number;
  readonly skippedPackets: number;
  readonly restarts: number;
  /** Of all records with everything beside them: the same seed, the same digest. */
  readonly digest: string;
  /** Empty where the records are those expected. */
  readonly differences: readonly string[];
}

/** Runs the simulation of a seed, in one thread or in several. */
export async function simulate(seed: number, ways: Pick<Start, "threads"> = {}): Promise<SimulationResult> {
  const chance = new Chance(seed ^ 0x5eed);
  const isDurable = chance.percent(40);
  // In memory where the machine offers that: the disk is another's test.
  const folder = isDurable ? mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "flowlogs-simulation-")) : undefined;
  const start: Start = {
    ...ways,
    seed,
    disk: folder === undefined ? memoryDisk : folderDisk(folder),
    windowSeconds: chance.of([60, 300, 600]),
    publishDelaySeconds: chance.of([0, 30, 300]),
    maxFlows: chance.percent(30) ? 1 + chance.below(25) : 100_000,
  };
  const world = new World(start);
  try {
    return await live(world, isDurable);
  } finally {
    await world.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function live(world: World, isDurable: boolean): Promise<SimulationResult> {
  const { chance, start } = world;
  await settle(world);
  world.reflect();
  let restarts = 0;
  const windowMs = start.windowSeconds * 1000;
  for (let steps = 12 + chance.below(16); steps > 0; steps--) {
    const step = chance.weighted([
      [10, "traffic"],
      [4, "time"],
      [4, "change"],
      [isDurable ? 2 : 0, "restart"],
    ]);
    if (step === "traffic") await pushTraffic(world);
    if (step === "change") await change(world);
    if (step === "time") await world.moveTo(world.clock.nowMs() + chance.below(chance.percent(10) ? windowMs * 6 : windowMs));
    if (step === "restart") {
      await world.restart();
      restarts++;
    }
  }
  await world.moveTo(world.clock.nowMs() + 3 * windowMs + start.publishDelaySeconds * 1000);
  return compare(world, restarts);
}

interface Found {
  readonly line: string;
  readonly tags: Readonly<Record<string, string>>;
}

async function found(world: World, TopicId: string): Promise<Found[]> {
  const all: Found[] = [];
  for (let Offset = 0; ; Offset += 1000) {
    const { Results, ListOver } = await world.cloud.call("SearchLog", { TopicId, From: 0, To: Number.MAX_SAFE_INTEGER, Sort: "asc", Limit: 1000, Offset });
    for (const { RawLog, LogJson } of Results ?? []) {
      all.push({ line: RawLog, tags: (JSON.parse(LogJson) as { __TAG__: Record<string, string> }).__TAG__ });
    }
    if (ListOver) return all;
  }
}

async function compare(world: World, restarts: number): Promise<SimulationResult> {
  const differences: string[] = [];
  const digest = createHash("sha256");
  const skipped = new Map<string, Skipped>();
  let records = 0;
  for (const topicId of world.topicIds) {
    const all = await found(world, topicId);
    records += all.length;
    digest.update(JSON.stringify(all));
    for (const each of all.filter(({ line }) => line.endsWith("SKIPDATA"))) addSkipped(skipped, topicId, each);
    const got = all.map(({ line }) => line).filter((line) => !line.endsWith("SKIPDATA")).toSorted();
    differences.push(...unlike(got, world.recount.lines(topicId).toSorted()));
    differences.push(...wrongReasons(world, topicId, all));
  }
  const told = [...skipped].map(([key, { packets, bytes }]) => `skipped ${key}: ${packets} packets, ${bytes} bytes`).toSorted();
  const expected = [...world.recount.skipped].map(([key, { packets, bytes }]) => `skipped ${key}: ${packets} packets, ${bytes} bytes`).toSorted();
  differences.push(...unlike(told, expected));
  const skippedPackets = [...skipped.values()].reduce((sum, { packets }) => sum + packets, 0);
  return { packets: world.packets, records, skippedPackets, restarts, digest: digest.digest("hex"), differences };
}

function addSkipped(skipped: Map<string, Skipped>, topicId: string, { line, tags }: Found): void {
  const { interfaceId, start } = parseRecord(line);
  const key = `${topicId} ${interfaceId} ${start}`;
  const sum = skipped.get(key) ?? { packets: 0, bytes: 0 };
  sum.packets += Number(tags["skipped-packets"]);
  sum.bytes += Number(tags["skipped-bytes"]);
  skipped.set(key, sum);
}

/** Lines of two sorted lists that only one of them has. */
function unlike(got: readonly string[], expected: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of expected) left.set(line, (left.get(line) ?? 0) + 1);
  const wrong: string[] = [];
  for (const line of got) {
    const count = left.get(line) ?? 0;
    if (count === 0) wrong.push(`not expected: ${line}`);
    else left.set(line, count - 1);
  }
  for (const [line, count] of left) if (count > 0) wrong.push(`missing: ${line}`);
  return wrong;
}

/** Records whose reason is none that one of their packets had. */
function wrongReasons(world: World, topicId: string, all: readonly Found[]): string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { topicId: of, eniId, tuple, action, direction, reasons: seen } of world.recount.flows.values()) {
    if (of !== topicId) continue;
    const key = `${eniId} ${tuple} ${action} ${direction}`;
    reasons.set(key, new Set([...(reasons.get(key) ?? []), ...seen]));
  }
  return all.flatMap(({ line, tags }) => {
    const fields = line.split(" ");
    if (fields[13] !== "OK") return [];
    const key = `${fields[2]} ${fields.slice(3, 8).join(" ")} ${fields[12]} ${tags["direction"]}`;
    const reason = `${tags["decided-by"]} ${tags["decided-id"]} ${tags["decided-rule"]} ${tags["decided-because"]}`;
    return reasons.get(key)?.has(reason) === true ? [] : [`reason of ${line}: ${reason}`];
  });
}
