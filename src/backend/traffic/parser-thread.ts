/**
 * A second thread that parses a capture file while this one sums: a ring of batches in the loop's shared memory.
 *
 * This file is both sides: loaded as a worker it parses, imported it offers {@link ParserThread}.
 */
import { isMainThread, MessageChannel, type MessagePort, parentPort, receiveMessageOnPort, Worker, workerData } from "node:worker_threads";
import type { FlowTable } from "../packet-loop/flow-table.ts";
import { slotBytes } from "../packet-loop/layout.ts";
import type { LoopMemory, SharedLoop } from "../packet-loop/module.ts";
import { openSource } from "./byte-source.ts";
import { Capture } from "./capture.ts";
import { type CaptureCounts, type ParserPlaces, parserPlaces } from "./capture-parser.ts";

const batches = 16;
const batchBytes = 8192 * slotBytes;

/** The ring's words: batches written and consumed so far, whether the parser is done, and each batch's bytes. */
const written = 0;
const consumed = 1;
const done = 2;
const lengths = 3;
const ringWords = lengths + batches;

interface ParserWork {
  readonly task: "parse a capture";
  readonly shared: SharedLoop;
  readonly places: ParserPlaces;
  readonly name: string;
  readonly ring: number;
  readonly slots: number;
  readonly port: MessagePort;
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
  private result: ParserResult | undefined;
  private error: unknown;

  constructor(memory: LoopMemory, name: string) {
    const ring = memory.allocate(ringWords * 4);
    this.slots = memory.allocate(batches * batchBytes);
    const places = parserPlaces(memory);
    this.ring = new Int32Array(memory.shared.memory.buffer, ring, ringWords).fill(0);
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const work: ParserWork = { task: "parse a capture", shared: memory.shared, places, name, ring, slots: this.slots, port: port2 };
    this.worker = new Worker(new URL(import.meta.url), { workerData: work, transferList: [port2] });
  }

  /** Sums everything the thread parses; it waits, and so does everything else of this thread. */
  sumInto(table: FlowTable, progress: (packets: number, share: number | undefined) => void): void {
    for (let batch = 0; this.awaitBatch(batch); batch++) {
      const place = batch % batches;
      const start = this.slots + place * batchBytes;
      table.sum(start, start + Atomics.load(this.ring, lengths + place));
      Atomics.store(this.ring, consumed, batch + 1);
      Atomics.notify(this.ring, consumed);
      if (batch % 64 === 0) this.readMessages(progress);
    }
  }

  /** What the thread read; the worker is gone then. */
  async end(): Promise<ParserResult> {
    this.readMessages(() => {});
    this.port.close();
    await this.worker.terminate();
    if (this.result === undefined) throw this.error;
    return this.result;
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
      else if ("error" in message) this.error = message.error;
      else this.result = message;
    }
  }
}

type ThreadMessage = ParserResult | { readonly packets: number; readonly share: number | undefined } | { readonly error: unknown };

async function parse(work: ParserWork): Promise<void> {
  const ring = new Int32Array(work.shared.memory.buffer, work.ring, ringWords);
  try {
    const capture = new Capture(work.shared, work.places, work.name, openSource(work.name), "sums");
    for (let batch = 0; ; batch++) {
      awaitRoom(ring, batch);
      const place = batch % batches;
      const start = work.slots + place * batchBytes;
      const end = await fill(capture, start);
      if (end === start) break;
      Atomics.store(ring, lengths + place, end - start);
      Atomics.store(ring, written, batch + 1);
      Atomics.notify(ring, written);
      const { size, position } = capture.source;
      if (batch % 256 === 0) work.port.postMessage({ packets: capture.counts.packets, share: size && position / size });
    }
    capture.close();
    work.port.postMessage({ counts: capture.counts, failure: capture.failure } satisfies ParserResult);
  } catch (error) {
    work.port.postMessage({ error });
  }
  Atomics.store(ring, done, 1);
  Atomics.notify(ring, written);
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

function awaitRoom(ring: Int32Array, batch: number): void {
  for (let taken = Atomics.load(ring, consumed); batch - taken >= batches; taken = Atomics.load(ring, consumed)) {
    Atomics.wait(ring, consumed, taken, 100);
  }
}

if (!isMainThread && parentPort !== null && (workerData as Partial<ParserWork> | null)?.task === "parse a capture") {
  await parse(workerData as ParserWork);
}
