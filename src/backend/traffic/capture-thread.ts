/**
 * Reads a capture file in a second thread, a few batches ahead of whoever judges them or sends them on.
 *
 * This file is both sides: loaded as a worker it reads, imported it offers {@link openCaptureAside}. Batches lie in
 * memory that both sides share, in places that are filled anew when they were released.
 */
import { availableParallelism } from "node:os";
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { openSource } from "./byte-source.ts";
import { CaptureError } from "./capture-error.ts";
import { BatchReader, type CaptureReading, openCapture, placeBytes } from "./capture-file.ts";
import { type CaptureCounts, noCaptureCounts } from "./capture-parser.ts";
import { PacketBatch, packetBytes } from "./packet-batch.ts";
import { headerBytes } from "./packet-chunk.ts";

/** From this size on a file is worth a second thread. */
const largeBytes = 16 * 1024 * 1024;

/** Batches that are read ahead. */
const batchesAhead = 3;

/** The words that both sides share: how many batches were taken, and by place whether it was released. */
const taken = 0;
const released = 1;
/** More places than the packet loop's memory has room for. */
const mostPlaces = 1024;

interface ReaderWork {
  readonly task: "read a capture";
  readonly name: string;
  readonly words: Int32Array<SharedArrayBuffer>;
}

/** A batch on its way, or the end of the capture with what is wrong with it. */
type ReaderMessage = (BatchMessage | { readonly failure: string | undefined }) & { readonly counts: CaptureCounts; readonly position: number };

interface BatchMessage {
  readonly memory: SharedArrayBuffer;
  /** The place's number, and where it lies. */
  readonly number: number;
  readonly place: number;
  readonly packets: number;
  /** Sixteen bytes each. */
  readonly addresses: Uint8Array<ArrayBuffer>;
  readonly quoted: Uint8Array<ArrayBuffer>;
}

/** Opens the capture of that name: a large file is read by a second thread, anything else by this one. */
export function openCaptureAside(name: string): CaptureReading {
  if (name === "-" || availableParallelism() < 2) return openCapture(name);
  const source = openSource(name);
  const { size, isReady } = source;
  source.close();
  if (!isReady || size === undefined || size < largeBytes) return openCapture(name);
  const state = { size, position: 0 };
  const counts = noCaptureCounts();
  const words = new Int32Array(new SharedArrayBuffer((released + mostPlaces) * 4));
  const work: ReaderWork = { task: "read a capture", name, words };
  // It begins at once, but keeps no process from ending before anybody has asked for its batches.
  const worker = new Worker(new URL(import.meta.url), { workerData: work });
  const inbox = new Inbox(worker);
  worker.unref();
  return { name, source: state, counts, batches: takeBatches(worker, inbox, words, { state, counts }) };
}

/** What is known of the reading, kept up to date. */
interface Progress {
  readonly state: { position: number };
  readonly counts: CaptureCounts;
}

async function* takeBatches(worker: Worker, inbox: Inbox, words: Int32Array, { state, counts }: Progress): AsyncGenerator<PacketBatch> {
  worker.ref();
  try {
    for (;;) {
      const message = await inbox.next();
      Object.assign(counts, message.counts);
      state.position = message.position;
      if (!("failure" in message)) {
        yield batchOf(message, () => void Atomics.store(words, released + message.number, 1));
        Atomics.add(words, taken, 1);
        Atomics.notify(words, taken);
      } else if (message.failure === undefined) return;
      else throw new CaptureError(message.failure);
    }
  } finally {
    await worker.terminate();
  }
}

function batchOf({ memory, place, packets, addresses, quoted }: BatchMessage, release: () => void): PacketBatch {
  const table = Array.from({ length: addresses.length / 16 }, (_, index) => addresses.subarray(index * 16, index * 16 + 16));
  const batch = PacketBatch.of(new Uint8Array(memory, place + headerBytes, packets * packetBytes), table, quoted);
  batch.place = { memory: new Uint8Array(memory, place, placeBytes), release };
  return batch;
}

/** Messages of a worker in their order; its failure instead of the next one. */
class Inbox {
  private readonly waiting: ReaderMessage[] = [];
  private failure: Error | undefined;
  private wake: () => void = () => {};

  constructor(worker: Worker) {
    worker.on("message", (message: ReaderMessage) => {
      this.waiting.push(message);
      this.wake();
    });
    worker.on("error", (error: Error) => {
      this.failure = error;
      this.wake();
    });
  }

  async next(): Promise<ReaderMessage> {
    for (;;) {
      const message = this.waiting.shift();
      if (message !== undefined) return message;
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** Batches that are on their way, and the places that they are filled into. */
class Outbox {
  private readonly port: MessagePort;
  private readonly words: Int32Array;
  private readonly reader: BatchReader;
  private readonly places: number[] = [];
  private sent = 0;

  constructor(port: MessagePort, words: Int32Array, reader: BatchReader) {
    this.port = port;
    this.words = words;
    this.reader = reader;
  }

  /** The number of a place for the next batch, one that was released or a new one; waits, and so does everything of this thread, until it is wanted. */
  number(): number {
    for (;;) {
      const known = Atomics.load(this.words, taken);
      if (this.sent - known < batchesAhead) break;
      Atomics.wait(this.words, taken, known);
    }
    const free = this.places.findIndex((_, number) => Atomics.exchange(this.words, released + number, 0) === 1);
    return free === -1 ? this.places.push(this.reader.newPlace()) - 1 : free;
  }

  /** Where the place of that number lies. */
  place(number: number): number {
    return this.places[number]!;
  }

  send(number: number, batch: PacketBatch, position: number): void {
    const quoted = batch.quoted!;
    const place = this.place(number);
    const memory = this.reader.bytes(place).buffer as SharedArrayBuffer;
    const addresses = Uint8Array.from(Buffer.concat(batch.ipv6.addresses));
    this.sent++;
    this.post({ memory, number, place, packets: batch.count, addresses, quoted: new Uint8Array(quoted.bytes.subarray(0, quoted.count * packetBytes)), counts: this.reader.counts, position });
  }

  end(position: number, failure: string | undefined): void {
    this.post({ failure, counts: this.reader.counts, position });
    this.port.close();
  }

  private post(message: ReaderMessage): void {
    this.port.postMessage(message);
  }
}

async function read({ name, words }: ReaderWork, port: MessagePort): Promise<void> {
  const source = openSource(name);
  const reader = new BatchReader(name, source);
  const outbox = new Outbox(port, words, reader);
  let failure: string | undefined;
  try {
    for (;;) {
      const number = outbox.number();
      const batch = await reader.fill(outbox.place(number));
      if (batch === undefined) break;
      outbox.send(number, batch, source.position);
    }
    failure = reader.failure;
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    failure = error.message;
  } finally {
    reader.close();
  }
  outbox.end(source.position, failure);
}

if (!isMainThread && parentPort !== null && (workerData as Partial<ReaderWork> | null)?.task === "read a capture") {
  await read(workerData as ReaderWork, parentPort);
}
