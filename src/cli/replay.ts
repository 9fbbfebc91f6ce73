/** `flowlogs replay`: offers captured packets to the backend and says what became of them. */
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import { CaptureError } from "../backend/traffic/capture-error.ts";
import { type CaptureReading, openCapture } from "../backend/traffic/capture-file.ts";
import { mergeByTime } from "../backend/traffic/merge.ts";
import { lastTimeMs, PacketBatch, shiftTimes, timeMsAt } from "../backend/traffic/packet-batch.ts";
import { encodeChunk } from "../backend/traffic/packet-chunk.ts";
import type { Client } from "../client/client.ts";
import type { OfferCounts } from "../wire/flowlogs.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { Failed, UsageError } from "./errors.ts";
import { clearProgress, grouped, print, printJson, showProgress } from "./output.ts";
import { choiceOption } from "./values.ts";

interface ReplayOptions extends ConnectOptions {
  readonly shift: string;
  readonly speed: string;
  readonly json?: true;
}

/** Adds the command. */
export function registerReplay(program: Command): void {
  connectOptions(program.command("replay").argument("<file...>", "capture files (pcap), or - for standard input"))
    .description("Offers the packets of capture files to the backend, in the order of their times, and says what became of them.")
    .addOption(choiceOption("--shift <how>", "move the packets' times to now, or leave them as they are", ["now", "none"], "now"))
    .option("--speed <n>", "max, or how many times faster than the packets' own pace", "max")
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
  tcpdump -i eth0 -U -w - | flowlogs replay -`;

async function replay(client: Client, files: readonly string[], options: ReplayOptions): Promise<void> {
  const speed = readSpeed(options.speed);
  const { Kind, NowMs } = await client.call("DescribeClock", {});
  const captures = files.map(openCapture);
  const shiftOf = options.shift === "none" ? () => 0 : await shiftToNow(files, Kind, NowMs);
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
  if (options.json) printJson({ files, ...totals });
  else print(summary(files, totals, captures));
  if (broken instanceof CaptureError) throw new Failed(`error: ${broken.message}`);
}

function readSpeed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const speed = Number(text);
  if (!(speed > 0)) throw new UsageError(`--speed: ${JSON.stringify(text)} must be max or a number above 0`);
  return speed;
}

/** How far to move times so that the packets happen now: see the help. */
async function shiftToNow(files: readonly string[], kind: string, nowMs: number): Promise<(firstMs: number) => number> {
  let shift: number | undefined;
  if (kind === "virtual") return (firstMs) => (shift ??= nowMs - firstMs);
  // From a pipe nothing can be known of the last packet: each batch happens as it is read.
  if (files.includes("-")) return (firstMs) => Date.now() - firstMs;
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

/** Pushes batches as numbered chunks and sums up what the backend answers. */
class Pusher {
  private readonly client: Client;
  private readonly captures: readonly CaptureReading[];
  private readonly replayId = randomBytes(16).toString("hex");
  private number = 0;
  private readonly reported = { notIp: 0, undecodable: 0 };
  private readonly totals: Record<string, number> = {};

  constructor(client: Client, captures: readonly CaptureReading[]) {
    this.client = client;
    this.captures = captures;
  }

  async push(batch: PacketBatch): Promise<void> {
    const { Chunk: _, ...counts } = await this.client.pushPackets(encodeChunk(this.nextChunk(batch)));
    for (const [name, count] of Object.entries(counts)) {
      if (typeof count === "number") this.totals[name] = (this.totals[name] ?? 0) + count;
    }
    showProgress(`${grouped(this.totals["Read"] ?? 0)} packets, ${grouped(this.totals["Rejected"] ?? 0)} rejected`);
  }

  /** Reports the frames that came after the last packet, and gives the totals. */
  async finish(): Promise<OfferCounts> {
    await this.push(new PacketBatch());
    clearProgress();
    return this.totals as unknown as OfferCounts;
  }

  private nextChunk(batch: PacketBatch) {
    const sum = (count: (of: CaptureReading["counts"]) => number) => this.captures.reduce((total, { counts }) => total + count(counts), 0);
    const notIp = sum((counts) => counts.notIp + counts.otherLink) - this.reported.notIp;
    const undecodable = sum((counts) => counts.undecodable) - this.reported.undecodable;
    this.reported.notIp += notIp;
    this.reported.undecodable += undecodable;
    return { replayId: this.replayId, number: this.number++, notIp, undecodable, batch };
  }
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
