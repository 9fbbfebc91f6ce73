/**
 * `kill -9` at points of chance while writes are being acknowledged, and what is there afterwards.
 *
 * Writers work side by side, each on objects of its own, and note what was acknowledged. After the kill a new backend on
 * the same folder must show exactly that; only the one call of each writer that was under way may be done or not done.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SeededRandom } from "../../src/backend/ids.ts";
import type { Client } from "../../src/client/client.ts";
import { CloudError, Unreachable } from "../../src/client/errors.ts";
import { serveIn, type Served } from "./served.ts";

/** An object as it should be, by what the API shows of it; undefined: it should not be there. */
type Expected = object | undefined;

/** A writer's objects by id, and the call that was under way: what its object was before and would be after. */
class Notes {
  readonly objects = new Map<string, object>();
  underWay: { readonly id: string | undefined; readonly name: string; readonly after: Expected } | undefined;
}

/** What a run of kills came to. */
export interface KillReport {
  readonly kills: number;
  /** Kills before the backend was ready. */
  readonly whileStarting: number;
  readonly acknowledged: number;
  /** Calls under way at a kill that turned out to be done, though nobody was told. */
  readonly doneUntold: number;
  readonly underWay: number;
  /** What was acknowledged and is not there, or is there otherwise: with the seed and the kill's number. */
  readonly lost: readonly string[];
}

const writers = 4;

/** How many kills one data folder lives through before a new one is begun. */
const killsPerFolder = 20;

/** Which run: how many kills, and the seed that decides what is written and when the kills come. */
export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  /** Further options of `flowlogs serve`. */
  readonly serve?: readonly string[];
  readonly report?: (line: string) => void;
}

/** Kills, starts again and compares, as often as wanted. */
export async function runKills({ kills, seed, serve = [], report = () => {} }: KillOptions): Promise<KillReport> {
  const random = new SeededRandom(seed);
  const sum = { kills: 0, whileStarting: 0, acknowledged: 0, doneUntold: 0, underWay: 0, lost: [] as string[] };
  while (sum.kills < kills) {
    const folder = mkdtempSync(join(tmpdir(), "flowlogs-kill-"));
    const notes = Array.from({ length: writers }, () => new Notes());
    let served = serveIn(folder, ...serve);
    try {
      for (let round = 0; round < killsPerFolder && sum.kills < kills; round++) {
        served = await killOnce(() => serveIn(folder, ...serve), served, notes, random, sum);
        const { client } = await served.ready;
        const what = `seed ${seed}, kill ${sum.kills}`;
        for (const note of notes) sum.lost.push(...(await compare(client, note, sum)).map((line) => `${what}: ${line}`));
        report(`${sum.kills} kills, ${sum.acknowledged} writes acknowledged, ${sum.lost.length} lost`);
      }
    } finally {
      served.child.kill("SIGKILL");
      await served.ended;
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return sum;
}

type Sum = { kills: number; whileStarting: number; acknowledged: number; doneUntold: number; underWay: number };

/** Lets the writers work until chance ends it, and starts the backend again. */
async function killOnce(start: () => Served, served: Served, notes: readonly Notes[], random: SeededRandom, sum: Sum): Promise<Served> {
  const { client } = await served.ready;
  const enough = sum.acknowledged + 1 + (random.next() % 80);
  let isOver = false;
  const onWrite = () => {
    sum.acknowledged++;
    if (sum.acknowledged >= enough) isOver = true;
  };
  const work = notes.map((note, index) => write(client, note, index, random, onWrite));
  const ended = Promise.all(work).then(() => {
    isOver = true;
  });
  while (!isOver) await Promise.race([wait(1), ended]);
  await wait(random.next() % 4);
  served.child.kill("SIGKILL");
  sum.kills++;
  await Promise.all([served.ended, ended]);
  await client.close();
  let next = start();
  if (random.next() % 4 === 0) {
    // Every fourth time the new one is killed too, somewhere between its start and its readiness.
    await wait(random.next() % 250);
    next.child.kill("SIGKILL");
    await next.ended;
    sum.kills++;
    sum.whileStarting++;
    next = start();
  }
  return next;
}

/** Writes until nobody answers any more. */
async function write(client: Client, note: Notes, index: number, random: SeededRandom, onWrite: () => void): Promise<void> {
  for (;;) {
    try {
      await writeOnce(client, note, index, random);
      note.underWay = undefined;
      onWrite();
    } catch (error) {
      if (error instanceof Unreachable) {
        // Never sent: not done for certain.
        if (error.howFar === "not there") note.underWay = undefined;
        return;
      }
      if (error instanceof CloudError) throw new Error(`the kill run called wrongly: ${error.message}`, { cause: error });
      throw error;
    }
  }
}

const named = (prefix: string, random: SeededRandom) => `${prefix}-${random.next().toString(36)}`;

async function writeOnce(client: Client, note: Notes, index: number, random: SeededRandom): Promise<void> {
  const ids = [...note.objects.keys()];
  const some = ids[random.next() % Math.max(1, ids.length)];
  const kind = random.next() % 10;
  const name = named(`writer${index}`, random);
  if (some === undefined || (kind < 4 && ids.length < 60)) return make(client, note, name, random);
  if (kind < 5) return remove(client, note, some);
  return change(client, note, some, name);
}

async function make(client: Client, note: Notes, name: string, random: SeededRandom): Promise<void> {
  if (random.next() % 2 === 0) {
    note.underWay = { id: undefined, name, after: { VpcName: name } };
    const { Vpc } = await client.call("CreateVpc", { VpcName: name, CidrBlock: "10.0.0.0/16" });
    note.objects.set(Vpc.VpcId, { VpcName: name });
  } else {
    note.underWay = { id: undefined, name, after: { LogsetName: name } };
    const { LogsetId } = await client.call("CreateLogset", { LogsetName: name });
    note.objects.set(LogsetId, { LogsetName: name });
  }
}

async function change(client: Client, note: Notes, id: string, name: string): Promise<void> {
  const after = id.startsWith("vpc-") ? { VpcName: name } : { LogsetName: name };
  note.underWay = { id, name, after };
  if (id.startsWith("vpc-")) await client.call("ModifyVpcAttribute", { VpcId: id, VpcName: name });
  else await client.call("ModifyLogset", { LogsetId: id, LogsetName: name });
  note.objects.set(id, after);
}

async function remove(client: Client, note: Notes, id: string): Promise<void> {
  note.underWay = { id, name: "", after: undefined };
  if (id.startsWith("vpc-")) await client.call("DeleteVpc", { VpcId: id });
  else await client.call("DeleteLogset", { LogsetId: id });
  note.objects.delete(id);
}

/** What is there of a writer's objects by now, against its notes; the notes then say what is there. */
async function compare(client: Client, note: Notes, sum: Sum): Promise<string[]> {
  const found = new Map<string, object>();
  const isOwn = (name: string) => [...note.objects.values(), { name: note.underWay?.name }].some((each) => Object.values(each).includes(name));
  const known = new Set(note.objects.keys());
  for await (const { VpcId, VpcName } of client.items("DescribeVpcs", {})) if (known.has(VpcId) || isOwn(VpcName)) found.set(VpcId, { VpcName });
  for await (const { LogsetId, LogsetName } of client.items("DescribeLogsets", {})) {
    if (known.has(LogsetId) || isOwn(LogsetName)) found.set(LogsetId, { LogsetName });
  }
  const lost: string[] = [];
  const { underWay } = note;
  if (underWay !== undefined) sum.underWay++;
  for (const id of new Set([...known, ...found.keys()])) {
    const [before, now] = [JSON.stringify(note.objects.get(id)), JSON.stringify(found.get(id))];
    if (now === before) continue;
    const mayBe = underWay !== undefined && (underWay.id === id || (underWay.id === undefined && !known.has(id)));
    if (mayBe && now === JSON.stringify(underWay.after)) sum.doneUntold++;
    else lost.push(`${id} was acknowledged as ${before ?? "gone"} and is ${now ?? "not there"}`);
  }
  note.objects.clear();
  for (const [id, object] of found) note.objects.set(id, object);
  note.underWay = undefined;
  return lost;
}
