/** Reads captures into packet batches, for verdicts: as a stream, so that a pipe that is still being written works too. */
import { formFirstFragment, formIpv6, formQuotes, formUntimed, slotBytes, slotCount, slotForm, slotHash } from "../packet-loop/layout.ts";
import { LoopMemory } from "../packet-loop/module.ts";
import { type ByteSource, openSource, sourceOf } from "./byte-source.ts";
import { Capture } from "./capture.ts";
import { CaptureError } from "./capture-error.ts";
import { type CaptureCounts, parserPlaces } from "./capture-parser.ts";
import { FragmentMemory } from "./fragment-memory.ts";
import { Form, PacketBatch, packetBytes } from "./packet-batch.ts";
import { headerBytes } from "./packet-chunk.ts";

/** Bytes of a place for a batch: the most that a chunk may have, so that each batch is a chunk and is sent from where it lies. */
export const placeBytes = 4 * 1024 * 1024;

const slotsBytes = 4096 * slotBytes;

/** A capture that is being read: `counts` is kept up to date on the way. */
export interface CaptureReading {
  readonly name: string;
  /** How much there is to read, as far as that is known, and how far reading has come. */
  readonly source: Pick<ByteSource, "size" | "position">;
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
  const reader = new BatchReader(name, source);
  return { name, source, counts: reader.counts, batches: readBatches(reader) };
}

/** Gives out the packets in memory of their own, then throws what is wrong with the file behind them. */
async function* readBatches(reader: BatchReader): AsyncGenerator<PacketBatch> {
  const place = reader.newPlace();
  try {
    for (let batch = await reader.fill(place); batch !== undefined; batch = await reader.fill(place)) {
      const { count, ipv6, quoted } = batch;
      yield PacketBatch.of(batch.bytes.slice(0, count * packetBytes), ipv6.addresses, quoted!.bytes.subarray(0, quoted!.count * packetBytes));
    }
  } finally {
    reader.close();
  }
  if (reader.failure !== undefined) throw new CaptureError(reader.failure);
}

/** Reads a capture into places of the packet loop's memory: packets are parsed to where most of them stay. */
export class BatchReader {
  private readonly memory = new LoopMemory(undefined);
  private readonly capture: Capture;
  private readonly memories: Memories = { fragments: new FragmentMemory(), clock: new CaptureClock() };

  constructor(name: string, source: ByteSource) {
    this.capture = new Capture(this.memory.shared, parserPlaces(this.memory), name, source, "verdicts");
  }

  get counts(): CaptureCounts {
    return this.capture.counts;
  }

  /** What is wrong with the file behind the packets that were given out. */
  get failure(): string | undefined {
    return this.capture.failure;
  }

  /** Memory for a batch, with room for all that a chunk adds to its packets. */
  newPlace(): number {
    return this.memory.allocate(placeBytes);
  }

  /** A place's memory. */
  bytes(place: number): Uint8Array {
    return this.memory.bytes(place, placeBytes);
  }

  /** Fills a place with the next packets; undefined where there are none. */
  async fill(place: number): Promise<PacketBatch | undefined> {
    const batch = new PacketBatch();
    batch.use(this.bytes(place).subarray(headerBytes));
    const first = place + headerBytes;
    // As a batch packets take no more room than in the slots that they are parsed to.
    while (headerBytes + batch.size + slotsBytes <= placeBytes) {
      // A live pipe pauses between packets: what is complete goes out before waiting for more.
      if (batch.count > 0 && !this.capture.isReady) break;
      const start = first + batch.count * packetBytes;
      const next = this.capture.next(start, start + slotsBytes);
      const end = typeof next === "number" ? next : await next;
      if (end === start) break;
      append(this.memory, start, end, batch, this.memories);
    }
    return batch.count > 0 ? batch : undefined;
  }

  close(): void {
    this.capture.close();
  }
}

/** Appends the packets of the slots to a batch; they may lie right behind those that it has. */
function append(memory: LoopMemory, start: number, end: number, batch: PacketBatch, { fragments, clock }: Memories): void {
  const view = memory.numbers();
  const slots = memory.bytes(start, end - start);
  for (let at = 0; at < slots.length; ) {
    const run = (memory.loop.plainRun(start + at, end) >>> 0) - start;
    if (run > at) {
      batch.append(slots.subarray(at, run));
      clock.follow(batch, (batch.count - 1) * packetBytes);
      at = run;
      if (at === slots.length) break;
    }
    // Read before the packet is appended: it may come to stand where its slot is.
    const [form, count, id] = [slots[at + slotForm]!, slots[at + slotCount]!, view.getUint32(start + at + slotHash, true)];
    const entry = appendOne(slots, at, batch) * packetBytes;
    clock.follow(batch, entry);
    if ((form & fragmentForms) !== 0) fragments.follow(batch, entry, id, (form & Form.laterFragment) !== 0);
    if ((form & formQuotes) !== 0) {
      const inner = at + (1 + (form & formIpv6)) * slotBytes;
      const quoted = appendOne(slots, inner, batch.quoted!);
      batch.view.setUint32(entry + 28, quoted + 1, true);
    }
    at += count * slotBytes;
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
  const form = slots[at + slotForm]!;
  const entry = batch.add();
  const { bytes } = batch;
  bytes.set(slots.subarray(at, at + slotHash), entry);
  batch.view.setUint32(entry + 28, 0);
  bytes[entry + 14] = form & keptForms;
  bytes[entry + 15] = 0;
  if ((form & formIpv6) !== 0) {
    const addresses = at + slotBytes;
    batch.view.setUint32(entry, batch.ipv6.place(slots.subarray(addresses, addresses + 16)), true);
    batch.view.setUint32(entry + 4, batch.ipv6.place(slots.subarray(addresses + 16, addresses + 32)), true);
  }
  return batch.count - 1;
}
