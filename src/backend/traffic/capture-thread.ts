/**
 * Reads a capture file in a second thread, a few batches ahead of whoever judges them or sends them on.
 *
 * This file is both sides: loaded as a worker it reads, imported it offers {@link openCaptureAside}. Batches travel
 * without being copied: their memory is handed over, and handed back when the next one is asked for.
 */
import { availableParallelism } from "node:os";
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { openSource } from "./byte-source.ts";
import { CaptureError } from "./capture-error.ts";
import { type CaptureReading, openCapture } from "./capture-file.ts";
import { type CaptureCounts, noCaptureCounts } from "./capture-parser.ts";
import { PacketBatch, packetBytes } from "./packet-batch.ts";

/** From this size on a file is worth a second thread. */
const largeBytes = 16 * 1024 * 1024;

/** Batches that are read ahead. */
const batchesAhead = 3;

interface ReaderWork {
  readonly task: "read a capture";
  readonly name: string;
}

/** A batch on its way, or the end of the capture with what is wrong with it. */
interface ReaderMessage {
  readonly packets: Uint8Array<ArrayBuffer> | undefined;
  /** Sixteen bytes each. */
  readonly addresses: Uint8Array<ArrayBuffer>;
  readonly quoted: Uint8Array<ArrayBuffer>;
  readonly counts: CaptureCounts;
  readonly position: number;
  readonly failure: string | undefined;
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
  return { name, source: state, counts, batches: readAside(name, state, counts) };
}

async function* readAside(name: string, state: { position: number }, counts: CaptureCounts): AsyncGenerator<PacketBatch> {
  const work: ReaderWork = { task: "read a capture", name };
  const worker = new Worker(new URL(import.meta.url), { workerData: work });
  const inbox = new Inbox(worker);
  try {
    for (;;) {
      const { packets, addresses, quoted, failure, ...rest } = await inbox.next();
      Object.assign(counts, rest.counts);
      state.position = rest.position;
      if (failure !== undefined) throw new CaptureError(failure);
      if (packets === undefined) return;
      const table = Array.from({ length: addresses.length / 16 }, (_, place) => addresses.subarray(place * 16, place * 16 + 16));
      yield PacketBatch.of(packets, table, quoted);
      worker.postMessage(packets.buffer, [packets.buffer]);
    }
  } finally {
    await worker.terminate();
  }
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

/** Batches that are on their way, and the memory of those that have come back. */
class Outbox {
  private readonly port: MessagePort;
  private readonly back: ArrayBuffer[] = [];
  private away = 0;
  private wake: () => void = () => {};

  constructor(port: MessagePort) {
    this.port = port;
    port.on("message", (buffer: ArrayBuffer) => {
      this.away--;
      this.back.push(buffer);
      this.wake();
    });
  }

  async send(batch: PacketBatch, counts: CaptureCounts, position: number): Promise<void> {
    while (this.away >= batchesAhead) await new Promise<void>((resolve) => (this.wake = resolve));
    const quoted = batch.quoted!;
    const packets = batch.bytes.subarray(0, batch.count * packetBytes);
    const addresses = Uint8Array.from(Buffer.concat(batch.ipv6.addresses));
    this.away++;
    this.post({ packets, addresses, quoted: quoted.bytes.slice(0, quoted.count * packetBytes), counts, position, failure: undefined }, [packets.buffer]);
  }

  end(counts: CaptureCounts, position: number, failure: string | undefined): void {
    this.post({ packets: undefined, addresses: new Uint8Array(), quoted: new Uint8Array(), counts, position, failure }, []);
    this.port.close();
  }

  /** Memory that came back, for the next batch. */
  memory(): ArrayBuffer | undefined {
    return this.back.pop();
  }

  private post(message: ReaderMessage, transferred: ArrayBuffer[]): void {
    this.port.postMessage(message, transferred);
  }
}

async function read({ name }: ReaderWork, port: MessagePort): Promise<void> {
  const outbox = new Outbox(port);
  const reading = openCapture(name, () => outbox.memory());
  let failure: string | undefined;
  try {
    for await (const batch of reading.batches) await outbox.send(batch, reading.counts, reading.source.position);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    failure = error.message;
  }
  outbox.end(reading.counts, reading.source.position, failure);
}

if (!isMainThread && parentPort !== null && (workerData as Partial<ReaderWork> | null)?.task === "read a capture") {
  await read(workerData as ReaderWork, parentPort);
}
