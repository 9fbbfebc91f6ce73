/**
 * Captures into records, with no backend: one thread parses and sums, or (for a large file) one parses while the other
 * sums. Both ways give the same bytes.
 */
import { availableParallelism } from "node:os";
import { FlowTable, type SumCounts } from "../packet-loop/flow-table.ts";
import { slotBytes } from "../packet-loop/layout.ts";
import { type HashSeed, LoopMemory } from "../packet-loop/module.ts";
import type { TextOptions } from "../packet-loop/record-text.ts";
import { RecordWriter } from "../packet-loop/record-writer.ts";
import { openSource } from "./byte-source.ts";
import { Capture } from "./capture.ts";
import { type CaptureCounts, knownLinkTypes, noCaptureCounts, parserPlaces } from "./capture-parser.ts";
import { writeAll } from "./descriptor.ts";
import { ParserThread } from "./parser-thread.ts";

/** How captures are aggregated. */
export interface AggregateOptions extends TextOptions {
  /** The descriptor that records are written to. */
  readonly output: number;
  /** Seconds of a capture window; 0 for one window that holds everything. */
  readonly intervalSeconds: number;
  /** Whether later fragments belong to the ports of their first fragment. */
  readonly reassign: boolean;
  /** One or two; undefined for what suits the file. */
  readonly threads?: 1 | 2 | undefined;
  /** Decides the hashes; it changes no record. */
  readonly seed: HashSeed;
  /** Told now and then how far it is. */
  readonly progress?: (progress: Progress) => void;
}

/** How far a run has come. */
export interface Progress {
  readonly packets: number;
  /** Of the files' bytes; undefined where their size is not known. */
  readonly share: number | undefined;
}

/** What a run read and wrote. `frames` = packets + notIp + otherLink + undecodable. */
export interface AggregateTotals extends CaptureCounts, SumCounts {
  readonly records: number;
  /** What is wrong with files, behind the packets that could be read of them. */
  readonly failures: readonly string[];
}

/** Slots that are parsed before they are summed. */
const batchBytes = 2048 * slotBytes;

/** From this size on a file is worth a second thread. */
const largeBytes = 16 * 1024 * 1024;

/** Aggregates the captures of these names; `-` is standard input. */
export async function aggregateCaptures(names: readonly string[], options: AggregateOptions): Promise<AggregateTotals> {
  const memory = new LoopMemory(undefined, options.seed);
  const writer = new RecordWriter(memory, { ...options, take: (text) => writeAll(options.output, text) });
  const { intervalSeconds, reassign } = options;
  const table = new FlowTable(memory, { intervalSeconds, reassign, write: (window) => writer.write(window) });
  const sources = names.map((name) => ({ name, source: openSource(name) }));
  const [first] = sources;
  const isLarge = (first!.source.size ?? 0) >= largeBytes && availableParallelism() > 1;
  const canHelp = sources.length === 1 && first!.source.isReady;
  if (canHelp && (options.threads ?? (isLarge ? 2 : 1)) === 2) {
    first!.source.close();
    return sumBeside(memory, first!.name, table, writer, options);
  }
  const captures = sources.map(({ name, source }) => new Capture(memory.shared, parserPlaces(memory), name, source, "sums"));
  await sumInTurn(memory, captures, table, options);
  for (const capture of captures) capture.close();
  table.finish();
  writer.flush();
  return totalsOf(table, writer, captures);
}

/** Sums a capture that another thread parses; records are written by both. */
async function sumBeside(
  memory: LoopMemory,
  name: string,
  table: FlowTable,
  writer: RecordWriter,
  options: AggregateOptions,
): Promise<AggregateTotals> {
  const { format, withAll, activation, output } = options;
  const thread = new ParserThread(memory, name, { format, withAll, activation, descriptor: output }, writer.tables);
  try {
    writer.share = (text) => thread.share(text);
    thread.sumInto(table, (packets, share) => options.progress?.({ packets, share }));
    const read = thread.read();
    table.finish();
    writer.flush();
    return totalsOf(table, writer, [read]);
  } finally {
    await thread.end();
  }
}

function totalsOf(
  table: FlowTable,
  writer: RecordWriter,
  read: readonly { readonly counts: CaptureCounts; readonly failure: string | undefined }[],
): AggregateTotals {
  const totals = noCaptureCounts();
  for (const { counts } of read) for (const key of Object.keys(totals) as (keyof CaptureCounts)[]) totals[key] += counts[key];
  const failures = read.flatMap(({ failure }) => failure ?? []);
  if (totals.packets === 0 && totals.otherLink > 0 && failures.length === 0) failures.push(noReadableLinkType);
  return { ...totals, ...table.counts, records: writer.records, failures };
}

/** Said of captures whose every frame came over something else. */
const noReadableLinkType = `no frame is of a link type that can be read; ${knownLinkTypes()}`;

interface Cursor {
  readonly capture: Capture;
  readonly start: number;
  at: number;
  end: number;
}

/** Sums captures as one, in the order of their packets' times; each of them is in its own order already. */
async function sumInTurn(
  memory: LoopMemory,
  captures: readonly Capture[],
  table: FlowTable,
  options: AggregateOptions,
): Promise<void> {
  const cursors: Cursor[] = [];
  for (const capture of captures) {
    const start = memory.allocate(batchBytes);
    const cursor = { capture, start, at: start, end: start };
    if (await advance(cursor)) cursors.push(cursor);
  }
  const isOneWindow = options.intervalSeconds === 0;
  while (cursors.length > 0) {
    const { cursor, until } = isOneWindow || cursors.length === 1 ? { cursor: cursors[0]!, until: undefined } : earliest(cursors, table);
    cursor.at = table.sum(cursor.at, cursor.end, until);
    if (cursor.at < cursor.end) continue;
    options.progress?.(progressOf(captures));
    const more = advance(cursor);
    if (!(typeof more === "boolean" ? more : await more)) cursors.splice(cursors.indexOf(cursor), 1);
  }
}

function advance(cursor: Cursor): boolean | Promise<boolean> {
  const take = (end: number) => {
    cursor.at = cursor.start;
    cursor.end = end;
    return end > cursor.start;
  };
  const end = cursor.capture.next(cursor.start, cursor.start + batchBytes);
  return typeof end === "number" ? take(end) : end.then(take);
}

/** The cursor whose next packet comes first, and the time up to which it is alone. */
function earliest(cursors: readonly Cursor[], table: FlowTable): { cursor: Cursor; until: number } {
  let cursor = cursors[0]!;
  let first = Number.POSITIVE_INFINITY;
  let until = Number.POSITIVE_INFINITY;
  for (const each of cursors) {
    // A packet without a time holds nobody up.
    const seconds = table.secondsAt(each.at);
    const due = seconds === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : seconds;
    if (due < first) {
      until = first;
      first = due;
      cursor = each;
    } else until = Math.min(until, due);
  }
  return { cursor, until };
}

function progressOf(captures: readonly Capture[]): Progress {
  let [packets, position, size]: [number, number, number | undefined] = [0, 0, 0];
  for (const { counts, source } of captures) {
    packets += counts.packets;
    position += source.position;
    size = size === undefined || source.size === undefined ? undefined : size + source.size;
  }
  return { packets, share: size === undefined || size === 0 ? undefined : position / size };
}
