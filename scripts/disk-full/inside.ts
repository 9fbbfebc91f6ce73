/** Inside the namespace: `inside.ts DISK SEED POINTS` fills the disk, looks and frees it; prints what it came to as JSON. */
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudError } from "../../src/client/errors.ts";
import { type Served, serveIn } from "../../test/support/served.ts";
import { Chance } from "../oracle/chance.ts";
import type { FullDiskRound } from "./full-disk.ts";
import { Writers } from "./writers.ts";

const [disk, seed, points] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];
const chance = new Chance(seed);
const data = join(disk, "data");
const ballast = join(disk, "ballast");
const round: FullDiskRound = {
  ...{ points: 0, acknowledged: 0, refusedUploads: 0, refusedCalls: 0, refusedPublications: 0 },
  ...{ kills: 0, stops: 0, reads: 0, logs: 0, failures: [] },
};

let served: Served = start();
const writers = new Writers(chance, round);

function start(): Served {
  return serveIn(data, "--clock", "virtual", "--window", "60", "--publish-delay", "0");
}

/** Leaves so many bytes free. */
function fill(freeBytes: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
}

/** Ends the backend and starts it again, on a disk that is full. */
async function restart(isKilled: boolean): Promise<void> {
  served.child.kill(isKilled ? "SIGKILL" : "SIGTERM");
  const code = await served.ended;
  if (isKilled) round.kills++;
  else round.stops++;
  writers.lost(code !== 0);
  if (!isKilled && code !== 0 && !/full/.test(served.output())) round.failures.push(`stopped with ${code}: ${served.output()}`);
  served = start();
  try {
    await writers.use(await served.ready);
  } catch (error) {
    // It may need room to start; then it says so, and starts when there is some.
    if (!(error instanceof Error) || !/full/.test(error.message)) throw error;
    rmSync(ballast);
    served = start();
    await writers.use(await served.ready);
  }
}

async function point(): Promise<void> {
  fill(chance.of([0, 4096, 16_384, 65_536, 300_000]) + chance.below(8192));
  for (let turn = 0; turn < 14; turn++) {
    await writers.write();
    if (turn % 5 === 4) await writers.look();
  }
  if (chance.percent(25)) await restart(chance.percent(60));
  await writers.look();
  rmSync(ballast, { force: true });
  await writers.goOn();
  await writers.look();
  round.points++;
}

try {
  await writers.use(await served.ready);
  await writers.settle();
  while (round.points < points) await point();
} catch (error) {
  const words = error instanceof CloudError || error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
  round.failures.push(`point ${round.points}: ${words}: ${served.output().slice(-2000)}`);
} finally {
  served.child.kill("SIGKILL");
  await served.ended;
}
process.stdout.write(JSON.stringify(round));
process.exit();
