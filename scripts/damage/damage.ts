/** One file of a data folder damaged at a random place, and what is read of the folder then. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LedgerError } from "../../src/backend/ledger.ts";
import { DataMissing, refuseHalf } from "../../src/backend/main.ts";
import type { Chance } from "../oracle/chance.ts";
import { type Contents, contentsOf, filesOf, laterMs, openCloud } from "./specimen.ts";

/** What was done to which file. */
export interface Injury {
  readonly file: string;
  readonly how: "a bit turned" | "bytes overwritten" | "cut short" | "removed";
}

/** How the backend took it. */
export type Outcome =
  /** The place meant nothing, or a crash may leave the file so: everything is there. */
  | "all there"
  /** The file is named, and everything else is read. */
  | "named, the rest read"
  /** The file is named, and the store or the backend says that it cannot go on without it. */
  | "named and refused"
  /** The last writes are missing without a word: a log of writes that is cut short looks like one that a crash cut. */
  | "last writes missing";

/** Damages one file; where it was, and how. */
export function injure(folder: string, chance: Chance): Injury {
  const files = filesOf(folder);
  // Each kind as often as the others, however many files it has.
  const kind = chance.of([...new Set(files.map(kindOf))]);
  const file = chance.of(files.filter((each) => kindOf(each) === kind));
  const path = join(folder, file);
  const how = chance.of(["a bit turned", "a bit turned", "bytes overwritten", "cut short", "removed"] as const);
  const bytes = readFileSync(path);
  if (how === "removed" || bytes.length === 0) rmSync(path);
  else if (how === "cut short") truncateSync(path, chance.below(bytes.length));
  else {
    const at = chance.below(bytes.length);
    if (how === "a bit turned") bytes[at] = bytes[at]! ^ (1 << chance.below(8));
    else for (let place = at; place < Math.min(bytes.length, at + 64); place++) bytes[place] = chance.below(256);
    writeFileSync(path, bytes);
  }
  return { file, how };
}

/** What a file is, by its name. */
export function kindOf(file: string): string {
  if (file.endsWith(".parquet")) return "segment";
  if (/\.filters?$/.test(file)) return "filter of addresses";
  if (file.endsWith(".sums")) return "roll-up";
  return file.replace(/^.*\//, "");
}

/** A folder for such cases: in memory where the machine offers that, for the disk is not what is tested. */
export function temporaryFolder(): string {
  return mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "flowlogs-damage-"));
}

/** Damages a copy of a specimen and reads it, twice; throws where anything is wrong with what it got. */
export async function damageOnce(specimen: string, expected: Contents, chance: Chance, folder: string, report: (injury: Injury) => void): Promise<{ injury: Injury; outcome: Outcome }> {
  rmSync(folder, { recursive: true, force: true });
  cpSync(specimen, folder, { recursive: true });
  const injury = injure(folder, chance);
  report(injury);
  const first = await read(folder, injury, expected, true);
  const second = await read(folder, injury, expected, false);
  // What is made from a segment is made anew: a filter that is missed, the roll-ups of segments that are joined.
  const isMended = ["filter of addresses", "roll-up"].includes(kindOf(injury.file)) && second === "all there";
  if (first !== second && !isMended) throw new Error(`first "${first}", then "${second}"`);
  return { injury, outcome: first };
}

async function read(folder: string, injury: Injury, expected: Contents, isTended: boolean): Promise<Outcome> {
  let cloud;
  try {
    refuseHalf(folder);
    cloud = openCloud(folder);
  } catch (error) {
    if (!(error instanceof LedgerError) && !(error instanceof DataMissing)) throw error;
    return named([error.message], injury) ? "named and refused" : fail(`refused without naming the file: ${error.message}`);
  }
  try {
    const found = await contentsOf(cloud);
    const outcome = judge(found, injury, expected);
    if (!isTended) return outcome;
    // Tending looks through everything, and must not make it worse. Its own failures are the store's to tell.
    await cloud.rooms.logs.store.tend(laterMs, new Map()).catch(() => {});
    judge(await contentsOf(cloud), injury, expected);
    return outcome;
  } finally {
    await cloud.close();
  }
}

function judge(found: Contents, injury: Injury, expected: Contents): Outcome {
  const isWal = injury.file.endsWith("wal");
  const left = new Map<string, number>();
  for (const log of expected.logs) left.set(log, (left.get(log) ?? 0) + 1);
  for (const log of found.logs) {
    const count = left.get(log) ?? 0;
    if (count === 0) fail(`a log that nobody wrote, or once too often: ${log.slice(0, 300)}`);
    left.set(log, count - 1);
  }
  const missing = expected.logs.length - found.logs.length;
  const isControlSame = JSON.stringify(found.vpcs) === JSON.stringify(expected.vpcs);
  if (missing === 0 && isControlSame) return found.damage.length === 0 ? "all there" : named(found.damage, injury) ? "named, the rest read" : fail(`damage elsewhere: ${found.damage.join("; ")}`);
  if (!isControlSame && !isWal) fail("the control plane is not what it was, and nobody says so");
  if (found.damage.length === 0) return isWal ? "last writes missing" : fail(`${missing} logs are missing, and nobody says so`);
  // An index may be among the writes that are gone: then its topic cannot be searched.
  if (kindOf(injury.file) === "state.sqlite-wal" && !named(found.damage, injury)) return "last writes missing";
  if (!named(found.damage, injury)) fail(`${missing} logs are missing, and the words name another file: ${found.damage.join("; ")}`);
  const told = found.damage.reduce((sum, words) => sum + Number(/\((\d+) logs of/.exec(words)?.[1] ?? 0), 0);
  if (kindOf(injury.file) === "segment" && told !== missing) fail(`${missing} logs are missing, ${told} are told of`);
  return kindOf(injury.file) === "segment" ? "named, the rest read" : "named and refused";
}

/** Whether words name the file; a log of writes by the name of its database. */
function named(words: readonly string[], { file }: Injury): boolean {
  return words.some((each) => each.includes(file.replace(/[-.]wal$/, "")));
}

function fail(words: string): never {
  throw new Error(words);
}
