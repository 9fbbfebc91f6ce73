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

interface ReaderWork {
  readonly task: "read a capture";
  readonly name: string;
}

/** A batch on its way, or the end of the capture with what is wrong with it. */
type ReaderMessage = (BatchMessage | { readonly failure: string | undefined }) & { readonly counts: CaptureCounts; readonly position: number };

interface BatchMessage {
  readonly memory: SharedArrayBuffer;
  readonly place: number;
  readonly packets: number;
  /** Sixteen bytes each. */
  readonly addresses: Uint8Array<ArrayBuffer>;
  readonly quoted: Uint8Array<ArrayBuffer>;
}

/** What the reader is told: a batch was taken, or the place of one is free again. */
type TakerMessage = "taken" | { readonly free: number };

/** Opens the capture of that name: a large file is read by a second thread, anything else by this one. */
export function openCaptureAside(name: string): CaptureReading {
  if (name === "-" || availableParallelism() < 2) return openCapture(name);
  const source = openSource(name);
  const { size, isReady } = source;
  source.close();
  if (!isReady || size === undefined || size < largeBytes) return openCapture(name);
  const state = { size, position: 0 };
  const counts = noCaptureCounts();
  const work: ReaderWork = { task: "read a capture", name };
  // It begins at once, but keeps no process from ending before anybody has asked for its batches.
  const worker = new Worker(new URL(import.meta.url), { workerData: work });
  const inbox = new Inbox(worker);
  worker.unref();
  return { name, source: state, counts, batches: takeBatches(worker, inbox, state, counts) };
}

async function* takeBatches(worker: Worker, inbox: Inbox, state: { position: number }, counts: CaptureCounts): AsyncGenerator<PacketBatch> {
  const tell = (message: TakerMessage) => worker.postMessage(message);
  worker.ref();
  try {
    for (;;) {
      const message = await inbox.next();
      Object.assign(counts, message.counts);
      state.position = message.position;
      if (!("failure" in message)) {
        yield batchOf(message, () => tell({ free: message.place }));
        tell("taken");
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

/** Batches that are on their way, and the places of those that were released. */
class Outbox {
  private readonly port: MessagePort;
  private readonly reader: BatchReader;
  private readonly free: number[] = [];
  private ahead = 0;
  private wake: () => void = () => {};

  constructor(port: MessagePort, reader: BatchReader) {
    this.port = port;
    this.reader = reader;
    port.on("message", (message: TakerMessage) => {
      if (message === "taken") this.ahead--;
      else this.free.push(message.free);
      this.wake();
    });
  }

  /** A place for the next batch: one that was released, or a new one. */
  async place(): Promise<number> {
    while (this.ahead >= batchesAhead) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.free.pop() ?? this.reader.newPlace();
  }

  send(place: number, batch: PacketBatch, position: number): void {
    const quoted = batch.quoted!;
    const memory = this.reader.bytes(place).buffer as SharedArrayBuffer;
    const addresses = Uint8Array.from(Buffer.concat(batch.ipv6.addresses));
    this.ahead++;
    this.post({ memory, place, packets: batch.count, addresses, quoted: new Uint8Array(quoted.bytes.subarray(0, quoted.count * packetBytes)), counts: this.reader.counts, position });
  }

  end(position: number, failure: string | undefined): void {
    this.post({ failure, counts: this.reader.counts, position });
    this.port.close();
  }

  private post(message: ReaderMessage): void {
    this.port.postMessage(message);
  }
}

async function read({ name }: ReaderWork, port: MessagePort): Promise<void> {
  const source = openSource(name);
  const reader = new BatchReader(name, source);
  const outbox = new Outbox(port, reader);
  let failure: string | undefined;
  try {
    for (;;) {
      const place = await outbox.place();
      const batch = await reader.fill(place);
      if (batch === undefined) break;
      outbox.send(place, batch, source.position);
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
