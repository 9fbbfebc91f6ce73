/** Reads captures into packet batches, for verdicts: as a stream, so that a pipe that is still being written works too. */
import { formFirstFragment, formIpv6, formQuotes, formUntimed, slotBytes, slotCount, slotForm, slotHash } from "../packet-loop/layout.ts";
import { LoopMemory } from "../packet-loop/module.ts";
import { type ByteSource, openSource, sourceOf } from "./byte-source.ts";
import { Capture } from "./capture.ts";
import { CaptureError } from "./capture-error.ts";
import { type CaptureCounts, parserPlaces } from "./capture-parser.ts";
import { FragmentMemory } from "./fragment-memory.ts";
import { Form, PacketBatch, packetBytes } from "./packet-batch.ts";

/** Most packets of one batch: four megabytes, so that a pushed chunk stays far under its limit. */
export const maxBatchPackets = 131_072;

const slotsBytes = 4096 * slotBytes;

/** A capture that is being read: `counts` is kept up to date on the way. */
export interface CaptureReading {
  readonly name: string;
  /** How much there is to read, as far as that is known, and how far reading has come. */
  readonly source: Pick<ByteSource, "size" | "position">;
  readonly counts: CaptureCounts;
  readonly batches: AsyncGenerator<PacketBatch>;
}

/** Gives memory that is not needed any more, for a batch; undefined where there is none. */
export type UsedMemory = () => ArrayBuffer | undefined;

/** Opens the capture of that name; `-` is standard input. */
export function openCapture(name: string, used: UsedMemory = () => undefined): CaptureReading {
  return reading(name, openSource(name), used);
}

/** Reads a capture from chunks of bytes. */
export function readCapture(chunks: AsyncIterable<Uint8Array>, name: string): CaptureReading {
  return reading(name, sourceOf(chunks, name), () => undefined);
}

function reading(name: string, source: ByteSource, used: UsedMemory): CaptureReading {
  const memory = new LoopMemory(undefined);
  const capture = new Capture(memory.shared, parserPlaces(memory), name, source, "verdicts");
  return { name, source, counts: capture.counts, batches: readBatches(memory, capture, used) };
}

/** Gives out the packets, then throws what is wrong with the file behind them. */
async function* readBatches(memory: LoopMemory, capture: Capture, used: UsedMemory): AsyncGenerator<PacketBatch> {
  const start = memory.allocate(slotsBytes);
  const memories = { fragments: new FragmentMemory(), clock: new CaptureClock() };
  let batch = new PacketBatch();
  try {
    for (;;) {
      // A live pipe pauses between packets: what is complete goes out before waiting for more.
      if (batch.count > 0 && (!capture.isReady || batch.count >= maxBatchPackets - slotsBytes / slotBytes)) {
        // Once it is handed out, its memory may be another's.
        const { count } = batch;
        yield batch;
        batch = nextBatch(count, used);
      }
      const end = await capture.next(start, start + slotsBytes);
      if (end === start) break;
      append(memory, start, end, batch, memories);
    }
  } finally {
    capture.close();
  }
  if (batch.count > 0) yield batch;
  if (capture.failure !== undefined) throw new CaptureError(capture.failure);
}

/** An empty batch, after one of so many packets: where that was full, the next one will be. */
function nextBatch(count: number, used: UsedMemory): PacketBatch {
  const batch = new PacketBatch();
  const memory = used();
  if (memory !== undefined) batch.use(memory);
  else if (count >= maxBatchPackets / 2) batch.reserve(maxBatchPackets);
  return batch;
}

/** Appends the packets of the slots to a batch. */
function append(memory: LoopMemory, start: number, end: number, batch: PacketBatch, { fragments, clock }: Memories): void {
  const view = memory.numbers();
  const slots = memory.bytes(start, end - start);
  for (let at = 0; at < slots.length; at += slots[at + slotCount]! * slotBytes) {
    const run = (memory.loop.plainRun(start + at, end) >>> 0) - start;
    if (run > at) {
      batch.append(slots.subarray(at, run));
      clock.follow(batch, (batch.count - 1) * packetBytes);
      at = run;
      if (at === slots.length) break;
    }
    const place = appendOne(slots, at, batch);
    const entry = place * packetBytes;
    clock.follow(batch, entry);
    const form = slots[at + slotForm]!;
    const isFragment = (form & fragmentForms) !== 0;
    if (isFragment) fragments.follow(batch, entry, view.getUint32(start + at + slotHash, true), (form & Form.laterFragment) !== 0);
    if ((form & formQuotes) === 0) continue;
    const inner = at + (1 + (form & formIpv6)) * slotBytes;
    const quoted = appendOne(slots, inner, batch.quoted!);
    batch.view.setUint32(entry + 28, quoted + 1, true);
  }
}

/** What is remembered of the packets before. */
interface Memories {
  readonly fragments: FragmentMemory;
  readonly clock: CaptureClock;
}

/** Where the capture gives no time for a packet, it happens together with the one before it. */
class CaptureClock {
  private seconds = 0;
  private nanos = 0;

  follow(batch: PacketBatch, entry: number): void {
    const { view } = batch;
    if ((view.getUint8(entry + 14) & Form.untimed) === 0) {
      this.seconds = view.getUint32(entry + 20, true);
      this.nanos = view.getUint32(entry + 24, true);
      return;
    }
    view.setUint32(entry + 20, this.seconds, true);
    view.setUint32(entry + 24, this.nanos, true);
  }
}

const fragmentForms = Form.laterFragment | formFirstFragment;
const keptForms = formIpv6 | Form.laterFragment | formUntimed;

/** Appends one header, with its addresses in the batch's table where it is IPv6; gives its place. */
function appendOne(slots: Uint8Array, at: number, batch: PacketBatch): number {
  const entry = batch.add();
  const { bytes } = batch;
  bytes.set(slots.subarray(at, at + slotHash), entry);
  batch.view.setUint32(entry + 28, 0);
  const form = slots[at + slotForm]!;
  bytes[entry + 14] = form & keptForms;
  bytes[entry + 15] = 0;
  if ((form & formIpv6) !== 0) {
    const addresses = at + slotBytes;
    batch.view.setUint32(entry, batch.ipv6.place(slots.subarray(addresses, addresses + 16)), true);
    batch.view.setUint32(entry + 4, batch.ipv6.place(slots.subarray(addresses + 16, addresses + 32)), true);
  }
  return batch.count - 1;
}
