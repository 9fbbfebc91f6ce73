/** `flowlogs aggregate`: turns captures into flow log records, with no backend. */
import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import type { Command } from "commander";
import { assumedActivationAddress } from "../backend/flow/left-out.ts";
import { type RecordFormat, recordFormats } from "../backend/packet-loop/record-text.ts";
import { type AggregateTotals, aggregateCaptures, type Progress } from "../backend/traffic/aggregate.ts";
import { parseIpv4 } from "../net/address.ts";
import { Failed, UsageError } from "./errors.ts";
import { clearProgress, grouped, say, showProgress } from "./output.ts";
import { choiceOption } from "./values.ts";

interface AggregateCommandOptions {
  readonly interval: string;
  readonly all?: true;
  readonly reassign: boolean;
  readonly format: RecordFormat;
  readonly output?: string;
  readonly threads: (typeof threadCounts)[number];
  readonly kmsAddress: string;
}

const intervals = ["600", "300", "60", "0"] as const;
const threadCounts = ["auto", "1", "2"] as const;
const threadCount = { auto: undefined, "1": 1, "2": 2 } as const;

/** Adds the command. */
export function registerAggregate(program: Command): void {
  program
    .command("aggregate")
    .argument("<file...>", "capture files (pcap, pcapng; gzip and zstd too), or - for standard input")
    .description("Sums the packets of capture files by 5-tuple and capture window, as a flow log of everything would, with no backend.")
    .addOption(choiceOption("--interval <seconds>", "the capture window; 0 for one window that holds everything", intervals, "600"))
    .option("--all", "count also what a flow log leaves out: DHCP, licence activation")
    .option("--no-reassign", "later fragments keep the ports 0 instead of those of their first fragment")
    .addOption(choiceOption("--format <format>", "lines of 14 fields, CSV, or a JSON object a line", recordFormats, "text"))
    .option("-o, --output <file>", "write the records to a file")
    .addOption(choiceOption("--threads <n>", "how many threads work: auto takes a second one for a large file", threadCounts, "auto"))
    .option("--kms-address <address>", "where Windows instances activate their licence", assumedActivationAddress)
    .addHelpText("after", examples)
    .action((files: string[], options: AggregateCommandOptions) => aggregate(files, options));
}

const examples = `
A text line has the 14 fields of a flow log record: account and interface are -, the action is ACCEPT, the status OK.
CSV and JSON have the nine fields that come from packets, in the order of windows, addresses, protocol and ports.

Examples:
  flowlogs aggregate web.pcap
  flowlogs aggregate web.pcap db.pcapng.gz --interval 60 -o records.log
  flowlogs aggregate big.pcap --interval 0 --all --format csv | sort -t, -k7 -n -r | head
  tcpdump -i eth0 -U -w - | flowlogs aggregate - --interval 60`;

async function aggregate(files: readonly string[], options: AggregateCommandOptions): Promise<void> {
  const activation = parseIpv4(options.kmsAddress);
  if (activation === undefined) throw new UsageError(`--kms-address: ${JSON.stringify(options.kmsAddress)} must be an IPv4 address`);
  const descriptor = options.output === undefined ? 1 : openSync(options.output, "w");
  try {
    const totals = await aggregateCaptures(files, {
      intervalSeconds: Number(options.interval),
      reassign: options.reassign,
      withAll: options.all === true,
      format: options.format,
      output: descriptor,
      threads: threadCount[options.threads],
      activation: littleEndian(activation),
      seed: [randomBytes(4).readUInt32LE(), randomBytes(4).readUInt32LE()],
      progress: shownProgress(),
    });
    clearProgress();
    say(summary(totals));
    for (const failure of totals.failures) say(`error: ${failure}`);
    if (totals.failures.length > 0) throw new Failed("");
  } catch (error) {
    // Whoever reads the records has read enough: nothing is wrong.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  } finally {
    if (descriptor !== 1) closeSync(descriptor);
  }
}

/** An address as its four bytes lie in a little-endian word. */
function littleEndian(address: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return bytes.readUInt32LE();
}

function shownProgress(): (progress: Progress) => void {
  const startedMs = performance.now();
  let shownMs = startedMs;
  return ({ packets, share }) => {
    const nowMs = performance.now();
    if (nowMs - shownMs < 200) return;
    shownMs = nowMs;
    const seconds = (nowMs - startedMs) / 1000;
    const left = share === undefined || share === 0 ? "" : `, ${Math.ceil((seconds / share) * (1 - share))} s left`;
    showProgress(() => `${grouped(packets)} packets, ${grouped(Math.round(packets / seconds))}/s${left}`);
  };
}

function summary(totals: AggregateTotals): string {
  const { frames, packets, notIp, otherLink, undecodable, records, untimed, reopened, mostFlows } = totals;
  const parts = [
    `${grouped(frames)} frames = ${grouped(packets)} packets + ${grouped(notIp)} without IP + ${grouped(undecodable)} undecodable` +
      (otherLink > 0 ? ` + ${grouped(otherLink)} of link types that cannot be read` : ""),
    `${grouped(records)} records, ${grouped(mostFlows)} flows in memory at most`,
  ];
  if (untimed > 0) parts.push(`${grouped(untimed)} packets have no time and are in no window (--interval 0 counts them)`);
  if (reopened > 0) parts.push(`${grouped(reopened)} windows were opened again by late packets: their flows may have two records`);
  return parts.join("; ");
}
