/** `flowlogs replay`: offers captured packets to the backend and says what became of them. */
import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import { CaptureError } from "../backend/traffic/capture-error.ts";
import { type CaptureReading, openCapture } from "../backend/traffic/capture-file.ts";
import { openCaptureAside } from "../backend/traffic/capture-thread.ts";
import { mergeByTime } from "../backend/traffic/merge.ts";
import { lastTimeMs, shiftTimes, timeMsAt } from "../backend/traffic/packet-batch.ts";
import type { Client } from "../client/client.ts";
import type { OfferCounts } from "../wire/flowlogs.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { Failed, UsageError } from "./errors.ts";
import { captureInterface } from "./interface.ts";
import { grouped, print, printJson } from "./output.ts";
import { Pusher } from "./pusher.ts";
import { choiceOption } from "./values.ts";

interface ReplayOptions extends ConnectOptions {
  readonly shift: string;
  readonly speed: string;
  readonly interface?: string;
  readonly json?: true;
}

/** Adds the command. */
export function registerReplay(program: Command): void {
  connectOptions(program.command("replay").argument("[file...]", "capture files (pcap, pcapng; gzip and zstd too), or - for standard input"))
    .description("Offers the packets of capture files to the backend, in the order of their times, and says what became of them.")
    .addOption(choiceOption("--shift <how>", "move the packets' times to now, or leave them as they are", ["now", "none"], "now"))
    .option("--speed <n>", "max, or how many times faster than the packets' own pace", "max")
    .option("--interface <name>", "capture from this network interface, through tcpdump, until interrupted")
    .option("--json", "print the summary as JSON")
    .addHelpText("after", examples)
    .action((files: string[], options: ReplayOptions) => withClient(options, (client) => replay(client, files, options)));
}

const examples = `
On a real clock --shift now makes the last packet of the files happen now (from a pipe: each packet as it is read).
On a virtual clock the first packet happens now, and the clock follows the packets.

Examples:
  flowlogs replay web.pcap
  flowlogs replay web.pcap db.pcap --shift none
  ssh host tcpdump -U -w - not port 22 | flowlogs replay -
  sudo flowlogs replay --interface eth0`;

async function replay(client: Client, files: readonly string[], options: ReplayOptions): Promise<void> {
  const speed = readSpeed(options.speed);
  if ((files.length === 0) === (options.interface === undefined)) {
    throw new UsageError("file: name capture files, or give --interface to capture from one");
  }
  const captures = options.interface === undefined ? files.map(openCaptureAside) : [captureInterface(options.interface, client.port)];
  const { Kind, NowMs } = await client.call("DescribeClock", {});
  const isStream = options.interface !== undefined || files.includes("-");
  const shiftOf = options.shift === "none" ? () => 0 : await shiftToNow(files, Kind, NowMs, isStream);
  const pusher = new Pusher(client, captures);
  let broken: unknown;
  try {
    for await (const batch of mergeByTime(captures.map(({ batches }) => batches))) {
      const firstMs = timeMsAt(batch, 0);
      shiftTimes(batch, shiftOf(firstMs));
      await keepPace(firstMs, speed);
      await pusher.push(batch);
    }
  } catch (error) {
    // What could be read has been offered: say so before saying what was wrong.
    if (!(error instanceof CaptureError)) throw error;
    broken = error;
  }
  const totals = await pusher.finish();
  const names = captures.map(({ name }) => name);
  if (options.json) printJson({ files: names, ...totals });
  else print(summary(names, totals, captures));
  if (broken instanceof CaptureError) throw new Failed(`error: ${broken.message}`);
}

function readSpeed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const speed = Number(text);
  if (!(speed > 0)) throw new UsageError(`--speed: ${JSON.stringify(text)} must be max or a number above 0`);
  return speed;
}

/** How far to move times so that the packets happen now: see the help. */
async function shiftToNow(
  files: readonly string[],
  kind: string,
  nowMs: number,
  isStream: boolean,
): Promise<(firstMs: number) => number> {
  let shift: number | undefined;
  if (kind === "virtual") return (firstMs) => (shift ??= nowMs - firstMs);
  // From a pipe nothing can be known of the last packet: each batch happens as it is read.
  if (isStream) return (firstMs) => Date.now() - firstMs;
  let latestMs = 0;
  for (const file of files) {
    try {
      for await (const batch of openCapture(file).batches) latestMs = Math.max(latestMs, lastTimeMs(batch));
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
    }
  }
  return () => (shift ??= nowMs - latestMs);
}

let startedAt: { wallMs: number; packetMs: number } | undefined;

/** Waits until a batch is due at the wanted speed. */
async function keepPace(packetMs: number, speed: number): Promise<void> {
  if (speed === Number.POSITIVE_INFINITY) return;
  startedAt ??= { wallMs: performance.now(), packetMs };
  const dueMs = startedAt.wallMs + (packetMs - startedAt.packetMs) / speed;
  const leftMs = dueMs - performance.now();
  if (leftMs > 0) await wait(leftMs);
}

function summary(files: readonly string[], totals: OfferCounts, captures: readonly CaptureReading[]): string {
  const notIp = captures.reduce((sum, { counts }) => sum + counts.notIp + counts.otherLink, 0);
  const n = grouped;
  const lines = [
    `replayed ${files.join(", ")}`,
    `  frames read      ${n(totals.Read)} = ${n(totals.Matched)} of an ENI + ${n(totals.Unmatched)} of none + ` +
      `${n(totals.Undecodable)} undecodable (${n(notIp)} of them not IP)`,
    `  offered to ENIs  ${n(totals.Offered)} = ${n(totals.Accepted)} accepted + ${n(totals.Rejected)} rejected + ` +
      `${n(totals.Withheld)} withheld (answers to packets that never arrived) + ${n(totals.LeftOut)} left out (DHCP, activation)`,
  ];
  const missed = totals.Unwatched + totals.Skipped;
  if (missed > 0) {
    lines.push(`  not in records   ${n(totals.Unwatched)} seen by no flow log at their time, ${n(totals.Skipped)} skipped (late, or no room)`);
  }
  return lines.join("\n");
}
