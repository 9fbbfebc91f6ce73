/**
 * `pulumi up` killed (-9) at seeded calls, and what the next `pulumi up` makes of it.
 *
 * A stack goes round between three programs: nothing, everything, and everything changed. On the way from one to the
 * next, `pulumi up` is killed at calls that a seed chooses; then it runs undisturbed, and all has to be as the program says.
 */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type Random, SeededRandom } from "../../src/backend/ids.ts";
import type { Described } from "../pulumi/described.ts";
import { changed, everything } from "../pulumi/kill-programs.ts";
import { flowlogs } from "./command.ts";
import { credentials } from "./server.ts";
import { EngineStack } from "./stack.ts";

/** Where a run is killed. */
export interface KillPoint {
  /** The how-many-th call that changes something. */
  readonly call: number;
  /** The call has arrived, or it is done and not answered yet, or it was answered some milliseconds ago. */
  readonly when: "asked" | "done" | number;
  /** Pulumi alone is killed and its children notice, or all processes at once. */
  readonly whom: "pulumi" | "all";
}

/** A run that was killed: where, and what had been called by then. */
export interface Kill extends KillPoint {
  readonly seed: number;
  readonly program: string;
  /** Whether Pulumi wrote its state after each step, or only at the end (`PULUMI_SKIP_CHECKPOINTS`). */
  readonly checkpoints: boolean;
  readonly action: string;
}

/** One way from a program to the next: the kills, and what was wrong in the end (empty when nothing was). */
export interface Passage {
  readonly kills: readonly Kill[];
  readonly faults: readonly string[];
}

interface Program {
  readonly name: string;
  readonly resources: readonly Described[];
}

const programs: readonly Program[] = [
  { name: "everything made", resources: everything },
  { name: "everything changed", resources: changed },
  { name: "everything removed", resources: [] },
];

const isChange = (action: string) => !/^(Describe|Search)/.test(action);

/** What to run. */
export interface Round {
  readonly seed: number;
  /** How many kills are enough; the round is finished nevertheless. */
  readonly enough: number;
  readonly killsPerPassage: number;
  /** Whether Pulumi writes its state after each step, as it does unless told otherwise. */
  readonly checkpoints?: boolean;
  readonly report?: (line: string) => void;
}

/** Runs the passages that a seed decides, a number of kills on each, until there were enough kills. */
export async function killedUps({ seed, enough, killsPerPassage, checkpoints = true, report = () => {} }: Round): Promise<Passage[]> {
  const random = new SeededRandom(seed);
  const stack = await EngineStack.open(checkpoints ? {} : { PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "true" });
  try {
    const passages: Passage[] = [];
    let count = 0;
    for (let turn = 0; count < enough || turn % programs.length !== 0; turn++) {
      const program = programs[turn % programs.length]!;
      stack.describe(program.resources);
      const kills: Kill[] = [];
      // What a killed run did is not done again: each goes on where the one before it stopped.
      for (let turns = 0; turns < killsPerPassage; turns++) {
        const point = choose(random, Math.ceil(callsOfPassage / killsPerPassage));
        const action = await killedAt(stack, point);
        if (action !== undefined) kills.push({ ...point, seed, program: program.name, checkpoints, action });
      }
      count += kills.length;
      passages.push({ kills, faults: await faultsAfterUp(stack, program) });
      report(`seed ${seed}, ${program.name}: killed at ${kills.map(({ action }) => action).join(", ") || "no call"}`);
    }
    return passages;
  } finally {
    await stack.close();
  }
}

/** About how many calls that change something a passage takes. */
const callsOfPassage = 18;

function choose(random: Random, calls: number): KillPoint {
  const when = (["asked", "done", random.next() % 40] as const)[random.next() % 3]!;
  return { call: 1 + (random.next() % calls), when, whom: random.next() % 2 === 0 ? "pulumi" : "all" };
}

/** Runs `pulumi up` and kills it there; gives the action, or nothing when the run was over before. */
async function killedAt(stack: EngineStack, { call, when, whom }: KillPoint): Promise<string | undefined> {
  const { server } = stack;
  const child = stack.start("up", "--yes", "--skip-preview");
  child.stdout!.resume();
  child.stderr!.resume();
  let seen = 0;
  let killedAtAction: string | undefined;
  const kill = (action: string) => {
    if (child.exitCode !== null) return;
    killedAtAction = action;
    process.kill(whom === "all" ? -child.pid! : child.pid!, "SIGKILL");
  };
  server.answering = async (action, answer) => {
    if (!isChange(action) || ++seen !== call) return answer();
    if (when === "asked") kill(action);
    const answered = await answer();
    if (when === "done") kill(action);
    if (typeof when === "number") setTimeout(() => kill(action), when);
    return answered;
  };
  await once(child, "exit");
  server.answering = (_action, answer) => answer();
  await goneGroup(child.pid!);
  endSession(child.pid!);
  // The lock that a killed Pulumi leaves on a state in a folder is Pulumi's own, and so is the way to open it.
  if (killedAtAction !== undefined) await once(stack.start("cancel", "--yes"), "exit");
  return killedAtAction;
}

/** Waits until no process of a group is left: those that Pulumi started notice that it is gone. */
async function goneGroup(group: number): Promise<void> {
  for (let waits = 0; waits < 400; waits++) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
  }
  throw new Error(`processes of the killed run ${group} are still there after 10 s`);
}

/** Ends what the killed Pulumi started in groups of their own, and left behind: the hosts of dynamic providers. */
function endSession(session: number): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // After the command's name, in brackets: state, parent, group, session.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
      if (Number(fields[3]) === session) process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

/** Runs `pulumi up` to its end, and says what is not as the program wants it. */
async function faultsAfterUp(stack: EngineStack, { name, resources }: Program): Promise<string[]> {
  const up = await stack.up();
  if (up.failure !== "") return [`${name}: up failed: ${up.failure.slice(0, 2000)}`];
  const faults: string[] = [];
  const [{ steps, failure }, orphans] = await Promise.all([stack.preview(), leftBehind(stack)]);
  if (failure !== "" || steps.length > 0) faults.push(`${name}: a second run is no no-op: ${failure}${JSON.stringify(steps)}`);
  const { Resources } = await stack.server.cloud.call("DescribeStatus", {});
  for (const [kind, count] of Object.entries(Resources)) {
    const wanted = resources.filter((each) => each.kind === kind).length;
    if (count !== wanted) faults.push(`${name}: ${count} ${kind} are there, ${wanted} are wanted`);
  }
  if (orphans !== "") faults.push(`${name}: left behind: ${orphans}`);
  return [...faults, ...stack.server.bugs.map((bug) => `the backend failed: ${String(bug)}`)];
}

/** What `flowlogs status --orphans` lists; empty when it says that there is nothing. */
async function leftBehind(stack: EngineStack): Promise<string> {
  const environment = {
    FLOWLOGS_ENDPOINT: stack.server.url,
    TENCENTCLOUD_SECRET_ID: credentials.secretId,
    TENCENTCLOUD_SECRET_KEY: credentials.secretKey,
  };
  const exported = JSON.stringify(await stack.exported());
  const { code, stdout, stderr } = await flowlogs(["status", "--orphans", "--state", "-"], environment, exported);
  return code === 0 ? "" : `exit ${code}: ${stdout}${stderr}`;
}
