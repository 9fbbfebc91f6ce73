/** Reads captures into packet batches, for verdicts: as a stream, so that a pipe that is still being written works too. */
import { formFirstFragment, formIpv6, formQuotes, formUntimed, maxPacketSlots, slotBytes, slotCount, slotForm, slotHash } from "../packet-loop/layout.ts";
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
  readonly source: ByteSource;
  readonly counts: CaptureCounts;
  readonly batches: AsyncGenerator<PacketBatch>;
}

/** Opens the capture of that name; `-` is standard input. */
export function openCapture(name: string): CaptureReading {
  return reading(name, openSource(name));
}

/** Reads a capture from chunks of bytes. */
export function readCapture(chunks: AsyncIterable<Uint8Array>, name: string): CaptureReading {
  return reading(name, sourceOf(chunks, name));
}

function reading(name: string, source: ByteSource): CaptureReading {
  const memory = new LoopMemory(undefined);
  const capture = new Capture(memory.shared, parserPlaces(memory), name, source, "verdicts");
  return { name, source, counts: capture.counts, batches: readBatches(memory, capture) };
}

/** Gives out the packets, then throws what is wrong with the file behind them. */
async function* readBatches(memory: LoopMemory, capture: Capture): AsyncGenerator<PacketBatch> {
  const start = memory.allocate(slotsBytes);
  const memories = { fragments: new FragmentMemory(), clock: new CaptureClock() };
  let batch = new PacketBatch();
  try {
    for (;;) {
      // A live pipe pauses between packets: what is complete goes out before waiting for more.
      if (batch.count > 0 && (!capture.isReady || batch.count >= maxBatchPackets - slotsBytes / slotBytes)) {
        yield batch;
        // The next one is likely to become as large.
        batch = new PacketBatch(undefined, batch.count + slotsBytes / slotBytes);
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

/** Appends the packets of the slots to a batch. */
function append(memory: LoopMemory, start: number, end: number, batch: PacketBatch, memories: Memories): void {
  for (let at = start; at < end; ) {
    const plainEnd = memory.loop.plainRun(at, end) >>> 0;
    if (plainEnd > at) {
      batch.addPlain(memory.bytes(at, plainEnd - at));
      memories.clock.follow(batch, (batch.count - 1) * packetBytes);
    }
    at = plainEnd === end ? end : plainEnd + appendSpecial(memory, plainEnd, batch, memories);
  }
}

/** Appends a packet of IPv6, a fragment, one without a time or one that quotes another; gives the bytes of its slots. */
function appendSpecial(memory: LoopMemory, at: number, batch: PacketBatch, { fragments, clock }: Memories): number {
  const slots = memory.bytes(at, maxPacketSlots * slotBytes);
  const entry = appendOne(slots, 0, batch) * packetBytes;
  clock.follow(batch, entry);
  const form = slots[slotForm]!;
  if ((form & fragmentForms) !== 0) {
    const id = memory.numbers().getUint32(at + slotHash, true);
    fragments.follow(batch, entry, id, (form & Form.laterFragment) !== 0);
  }
  if ((form & formQuotes) !== 0) {
    const quoted = appendOne(slots, (1 + (form & formIpv6)) * slotBytes, batch.quoted!);
    batch.view.setUint32(entry + 28, quoted + 1, true);
  }
  return slots[slotCount]! * slotBytes;
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
  bytes.set(slots.subarray(at, at + 28), entry);
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
