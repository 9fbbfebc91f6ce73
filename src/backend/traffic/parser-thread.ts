/**
 * A second thread that parses a capture file while this one sums: a ring of batches in the loop's shared memory. Both
 * make text of the windows that are complete.
 *
 * This file is both sides: loaded as a worker it parses, imported it offers {@link ParserThread}.
 */
import { isMainThread, MessageChannel, type MessagePort, parentPort, receiveMessageOnPort, Worker, workerData } from "node:worker_threads";
import type { FlowTable } from "../packet-loop/flow-table.ts";
import { slotBytes } from "../packet-loop/layout.ts";
import { LoopMemory, type SharedLoop } from "../packet-loop/module.ts";
import type { TextOptions, WindowText } from "../packet-loop/record-text.ts";
import { SharedText, type SharedTextPlaces, sharedTextPlaces } from "../packet-loop/shared-text.ts";
import { openSource } from "./byte-source.ts";
import { Capture } from "./capture.ts";
import { type CaptureCounts, type ParserPlaces, parserPlaces } from "./capture-parser.ts";
import { writeAll } from "./descriptor.ts";

const batches = 16;
const batchBytes = 2048 * slotBytes;

/**
 * The ring's words: batches written and consumed so far, whether the parser is done, whether it may end, what changes
 * with everything that it may wait for, and each batch's bytes.
 */
const written = 0;
const consumed = 1;
const done = 2;
const closed = 3;
const events = 4;
const lengths = 5;
const ringWords = lengths + batches;

interface ParserWork {
  readonly task: "parse a capture";
  readonly shared: SharedLoop;
  readonly places: ParserPlaces;
  readonly name: string;
  readonly ring: number;
  readonly slots: number;
  readonly port: MessagePort;
  readonly text: SharedTextPlaces;
  readonly output: ThreadOutput;
}

/** What becomes of records. */
export interface ThreadOutput extends TextOptions {
  /** The descriptor they are written to. */
  readonly descriptor: number;
}

/** What the parser read in all. */
export interface ParserResult {
  readonly counts: CaptureCounts;
  readonly failure: string | undefined;
}

/** The parsing thread, seen from the one that sums. */
export class ParserThread {
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly ring: Int32Array;
  private readonly slots: number;
  private readonly text: SharedText;
  private result: ParserResult | undefined;
  private error: Error | undefined;

  /** Starts the thread; `tables` are those of the records' text. */
  constructor(memory: LoopMemory, name: string, output: ThreadOutput, tables: number) {
    const ring = memory.allocate(ringWords * 4);
    this.slots = memory.allocate(batches * batchBytes);
    const places = parserPlaces(memory);
    this.ring = new Int32Array(memory.shared.memory.buffer, ring, ringWords).fill(0);
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const [own, text] = sharedTextPlaces(memory, tables, 2) as [SharedTextPlaces, SharedTextPlaces];
    this.text = new SharedText(new LoopMemory(memory.shared), own, output, (piece) => writeAll(output.descriptor, piece));
    const { shared } = memory;
    const work: ParserWork = { task: "parse a capture", shared, places, name, ring, slots: this.slots, port: port2, text, output };
    this.worker = new Worker(new URL(import.meta.url), { workerData: work, transferList: [port2] });
  }

  /** Sums everything the thread parses; it waits, and so does everything else of this thread. */
  sumInto(table: FlowTable, progress: (packets: number, share: number | undefined) => void): void {
    for (let batch = 0; this.awaitBatch(batch); batch++) {
      const place = batch % batches;
      const start = this.slots + place * batchBytes;
      table.sum(start, start + Atomics.load(this.ring, lengths + place));
      Atomics.store(this.ring, consumed, batch + 1);
      this.wake();
      if (batch % 256 === 0) this.readMessages(progress);
    }
  }

  /** Makes text of a window with the thread, and writes it; gives how many records it has. */
  share(text: WindowText): number {
    this.text.offer(text);
    this.wake();
    this.text.work();
    const records = this.text.finish();
    if (this.text.hasFailed) this.failed();
    return records;
  }

  /** What the thread read. */
  read(): ParserResult {
    this.readMessages(() => {});
    return this.result ?? this.failed();
  }

  /** Ends the thread. */
  async end(): Promise<void> {
    Atomics.store(this.ring, closed, 1);
    this.wake();
    this.port.close();
    await this.worker.terminate();
  }

  private failed(): never {
    this.readMessages(() => {});
    throw this.error ?? new Error("the parsing thread ended before its time");
  }

  private wake(): void {
    Atomics.add(this.ring, events, 1);
    Atomics.notify(this.ring, events);
  }

  /** Waits for the batch of that number; false when there is none. */
  private awaitBatch(batch: number): boolean {
    for (;;) {
      const isDone = Atomics.load(this.ring, done) === 1;
      const sofar = Atomics.load(this.ring, written);
      if (sofar > batch) return true;
      if (isDone) return false;
      Atomics.wait(this.ring, written, sofar, 100);
    }
  }

  private readMessages(progress: (packets: number, share: number | undefined) => void): void {
    for (;;) {
      const received = receiveMessageOnPort(this.port) as { message: ThreadMessage } | undefined;
      if (received === undefined) return;
      const { message } = received;
      if ("packets" in message) progress(message.packets, message.share);
      else if ("error" in message) this.error = Object.assign(new Error(message.error), { name: message.name, code: message.code });
      else this.result = message;
    }
  }
}

/** An error loses its name and code between threads: they go apart. */
interface ThreadError {
  readonly error: string;
  readonly name: string;
  readonly code: unknown;
}

type ThreadMessage = ParserResult | { readonly packets: number; readonly share: number | undefined } | ThreadError;

async function parse(work: ParserWork): Promise<void> {
  const ring = new Int32Array(work.shared.memory.buffer, work.ring, ringWords);
  const text = new SharedText(new LoopMemory(work.shared), work.text, work.output, (piece) => writeAll(work.output.descriptor, piece));
  try {
    const capture = new Capture(work.shared, work.places, work.name, openSource(work.name), "sums");
    for (let batch = 0; ; batch++) {
      workUntil(ring, text, () => batch - Atomics.load(ring, consumed) < batches);
      const place = batch % batches;
      const start = work.slots + place * batchBytes;
      const end = await fill(capture, start);
      if (end === start) break;
      Atomics.store(ring, lengths + place, end - start);
      Atomics.store(ring, written, batch + 1);
      Atomics.notify(ring, written);
      const { size, position } = capture.source;
      if (batch % 1024 === 0) work.port.postMessage({ packets: capture.counts.packets, share: size && position / size });
    }
    capture.close();
    work.port.postMessage({ counts: capture.counts, failure: capture.failure } satisfies ParserResult);
    Atomics.store(ring, done, 1);
    Atomics.notify(ring, written);
    workUntil(ring, text, () => Atomics.load(ring, closed) === 1);
  } catch (error) {
    const { message, name, code } = error as NodeJS.ErrnoException;
    work.port.postMessage({ error: message, name, code } satisfies ThreadError);
    text.fail();
    Atomics.store(ring, done, 1);
    Atomics.notify(ring, written);
  }
}

/** Several pieces of the file make a batch. */
async function fill(capture: Capture, start: number): Promise<number> {
  let at = start;
  while (at - start < batchBytes / 2) {
    const end = await capture.next(at, start + batchBytes);
    if (end === at) break;
    at = end;
  }
  return at;
}

/** Makes text of what is offered until something is so. */
function workUntil(ring: Int32Array, text: SharedText, isSo: () => boolean): void {
  for (;;) {
    const seen = Atomics.load(ring, events);
    text.work();
    if (isSo()) return;
    Atomics.wait(ring, events, seen, 100);
  }
}

if (!isMainThread && parentPort !== null && (workerData as Partial<ParserWork> | null)?.task === "parse a capture") {
  await parse(workerData as ParserWork);
}
