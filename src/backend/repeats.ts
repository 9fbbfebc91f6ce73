/**
 * The short way for packets that repeat others: most packets of a connection get the verdicts of the one before them
 * and are counted in its flows. They are recognized in flat memory, and their sums held back until somebody reads them.
 *
 * Whatever this does, the long way (`packet-path.ts`) would do too, with the same records in the end; what is not
 * exactly such a repetition takes the long way.
 */
import { type Clock, VirtualClock } from "./clock.ts";
import type { Aggregation, CountedFlow, Sighting } from "./flow/aggregate.ts";
import type { FlowTable } from "./flow/flow-table.ts";
import type { PathCounts } from "./path-counts.ts";
import { Form, type PacketBatch, packetBytes, TcpFlag } from "./traffic/packet-batch.ts";
import type { Judge } from "./vpc/judge.ts";
import { noPulse } from "./vpc/pulses.ts";

/** What the long way made of a packet: what each ENI's flow logs were shown, and where it was counted. */
export interface Learned {
  readonly sightings: readonly Sighting[];
  readonly counted: readonly (CountedFlow | undefined)[];
  /** How many of them no flow log saw. */
  readonly unwatched: number;
}

/** Words of an entry, one line of the processor's cache. */
const entryWords = 16;
const [srcWord, dstWord, portsWord, keyWord, generationWord, pulseWord, versionWord, windowWord] = [0, 1, 2, 3, 4, 5, 6, 7];
const [flowWord, secondFlowWord, packetsWord, startWord, endWord, traitsWord] = [8, 9, 10, 11, 12, 13];
/** Bytes held back, as a float: the last two words. */
const bytesPlace = 7;

/** Entries that are looked at for a packet. */
const probes = 8;
const entryBits = 19;
const entries = 1 << entryBits;

const noFlow = -1;
const noWindow = -1;
/** Most IPv6 addresses that are told apart; beyond it everything is learned anew. */
const maxAddresses = 500_000;

/** The words of a packet that say whether it repeats another. */
interface PacketKey {
  src: number;
  dst: number;
  ports: number;
  key: number;
}

/** Recognizes packets that repeat others. */
export class Repeats {
  private readonly judge: Judge;
  private readonly aggregation: Aggregation;
  private readonly clock: VirtualClock | undefined;
  private readonly words = new Int32Array(entries * entryWords);
  private readonly floats = new Float64Array(this.words.buffer);
  /** The entries that hold something back, perhaps some that do so no more. */
  private held: number[] = [];
  /** The sightings to count in a new window, and the tables of the flows. */
  private readonly sightings: (readonly Sighting[] | undefined)[] = [];
  private readonly tables: (FlowTable | undefined)[] = [];
  private readonly key: PacketKey = { src: 0, dst: 0, ports: 0, key: 0 };
  private generation = 1;
  private networkRevision = -1;
  private flowLogsRevision = -1;
  private newestMs = 0;
  /** The batch's words, and its IPv6 addresses as numbers that hold for all batches. */
  private batchWords = new Int32Array(0);
  private batchAddresses = new Int32Array(0);
  private readonly addresses = new Map<string, number>();

  constructor(judge: Judge, aggregation: Aggregation, clock: Clock) {
    this.judge = judge;
    this.aggregation = aggregation;
    this.clock = clock instanceof VirtualClock ? clock : undefined;
    aggregation.beforeReading = () => this.settle();
  }

  /** Turns to a batch; to be called again whenever anything else may have happened. */
  begin(batch: PacketBatch): void {
    const { network } = this.judge;
    if (network.revision !== this.networkRevision || this.aggregation.revision() !== this.flowLogsRevision) {
      this.settle();
      this.generation++;
      this.networkRevision = network.revision;
      this.flowLogsRevision = this.aggregation.revision();
      this.newestMs = this.aggregation.newestMs();
    }
    const { buffer, byteOffset } = batch.bytes;
    if (this.batchWords.buffer === buffer) return;
    this.batchWords = new Int32Array(buffer, byteOffset, batch.count * (packetBytes / 4));
    this.batchAddresses = Int32Array.from(batch.ipv6.addresses, (address) => this.addressNumber(address));
  }

  private addressNumber(address: Uint8Array): number {
    if (this.addresses.size >= maxAddresses) {
      this.settle();
      this.generation++;
      this.addresses.clear();
    }
    const text = Buffer.from(address).toString("latin1");
    const known = this.addresses.get(text);
    if (known !== undefined) return known;
    this.addresses.set(text, this.addresses.size);
    return this.addresses.size - 1;
  }

  /** Judges and counts the packet at a place as a repetition; false where it must take the long way. */
  take(place: number, counts: PathCounts): boolean {
    if (!this.readKey(place)) return false;
    const entry = this.find();
    if (entry === -1) return false;
    const { words } = this;
    const at = entry * entryWords;
    const { last, limit, versions } = this.judge.pulses;
    const pulse = words[at + pulseWord]!;
    if (words[at + generationWord] !== this.generation || words[at + versionWord] !== versions[pulse]) return false;
    const packet = place * (packetBytes / 4);
    const seconds = this.batchWords[packet + 5]! >>> 0;
    const timeMs = seconds * 1000 + (this.batchWords[packet + 6]! >>> 0) / 1e6;
    if (timeMs < last[pulse]! || timeMs >= last[pulse]! + limit[pulse]! || timeMs < this.newestMs) return false;
    if (this.clock !== undefined && timeMs > this.clock.nowMs() && !this.clock.slipTo(timeMs)) return false;
    const windowStart = words[at + windowWord]! >>> 0;
    const { aggregation } = this;
    const isInWindow = seconds >= windowStart && seconds - windowStart < aggregation.windowSeconds && aggregation.isOpen(windowStart);
    const bytes = this.batchWords[packet + 4]! >>> 0;
    last[pulse] = timeMs;
    if (isInWindow) this.holdBack(entry, bytes, seconds);
    else this.countAnew(entry, bytes, timeMs, counts);
    const traits = words[at + traitsWord]!;
    counts.matched++;
    counts.offered += traits & 3;
    counts.rejected += (traits >> 2) & 1;
    counts.accepted += (traits & 3) - ((traits >> 2) & 1);
    if (isInWindow) counts.unwatched += (traits >> 3) & 3;
    return true;
  }

  private holdBack(entry: number, bytes: number, seconds: number): void {
    const { words } = this;
    const at = entry * entryWords;
    if (words[at + packetsWord]!++ === 0) {
      this.held.push(entry);
      words[at + startWord] = seconds;
      words[at + endWord] = seconds;
    } else {
      if (seconds < words[at + startWord]! >>> 0) words[at + startWord] = seconds;
      if (seconds > words[at + endWord]! >>> 0) words[at + endWord] = seconds;
    }
    this.floats[(at >> 1) + bytesPlace]! += bytes;
    // Those that were released one by one are still listed.
    if (this.held.length >= entries) this.settle();
  }

  /** The first packet in another window: its verdicts stand, it is counted as any. */
  private countAnew(entry: number, bytes: number, timeMs: number, counts: PathCounts): void {
    this.release(entry);
    const outcomes = this.sightings[entry]!.map((sighting) => {
      const captured = this.aggregation.count({ ...sighting, bytes, timeMs });
      if (captured !== "captured") counts[captured]++;
      return { captured, flow: this.aggregation.counted };
    });
    const at = entry * entryWords;
    const unwatched = outcomes.filter(({ captured }) => captured === "unwatched").length;
    this.words[at + traitsWord] = (this.words[at + traitsWord]! & 7) | (unwatched << 3);
    this.link(entry, outcomes.map(({ flow }) => flow), timeMs);
    // What found no room, or came too late, is not counted in a flow: the next one is looked at like this one.
    if (outcomes.some(({ captured }) => captured === "skipped")) this.words[at + windowWord] = noWindow;
  }

  /** Remembers what the long way made of the packet at a place, where the next one like it would only repeat that. */
  learn(place: number, { sightings, counted, unwatched }: Learned): void {
    if (!this.readKey(place)) return;
    const packet = place * (packetBytes / 4);
    const timeMs = (this.batchWords[packet + 5]! >>> 0) * 1000 + (this.batchWords[packet + 6]! >>> 0) / 1e6;
    if (timeMs < this.newestMs) return;
    const pulse = this.judge.repetition();
    if (pulse === noPulse) return;
    const known = this.find();
    const entry = known === -1 ? this.victim() : known;
    this.release(entry);
    const { words } = this;
    const at = entry * entryWords;
    words[at + srcWord] = this.key.src;
    words[at + dstWord] = this.key.dst;
    words[at + portsWord] = this.key.ports;
    words[at + keyWord] = this.key.key;
    words[at + generationWord] = this.generation;
    words[at + pulseWord] = pulse;
    words[at + versionWord] = this.judge.pulses.versions[pulse]!;
    const isRejected = sightings.at(-1)!.action === "REJECT";
    words[at + traitsWord] = sightings.length | (isRejected ? 4 : 0) | (unwatched << 3);
    this.sightings[entry] = sightings;
    this.link(entry, counted, timeMs);
  }

  /** Notes where the packets of an entry are counted, in the window of a moment. */
  private link(entry: number, counted: readonly (CountedFlow | undefined)[], timeMs: number): void {
    const { words } = this;
    const at = entry * entryWords;
    const window = counted.find((each) => each !== undefined)?.window;
    const { windowSeconds } = this.aggregation;
    words[at + windowWord] = Math.floor(timeMs / 1000 / windowSeconds) * windowSeconds;
    words[at + flowWord] = counted[0]?.entry ?? noFlow;
    words[at + secondFlowWord] = counted[1]?.entry ?? noFlow;
    words[at + packetsWord] = 0;
    this.floats[(at >> 1) + bytesPlace] = 0;
    this.tables[entry] = window?.flows;
  }

  /** Adds what is held back to the flows. */
  settle(): void {
    const { held } = this;
    this.held = [];
    for (const entry of held) this.release(entry);
  }

  private release(entry: number): void {
    const { words } = this;
    const at = entry * entryWords;
    const packets = words[at + packetsWord]!;
    if (packets === 0) return;
    const table = this.tables[entry];
    const bytes = this.floats[(at >> 1) + bytesPlace]!;
    for (const word of [flowWord, secondFlowWord]) {
      const flow = words[at + word]!;
      if (flow !== noFlow) table!.addMany(flow, packets, bytes, words[at + startWord]! >>> 0, words[at + endWord]! >>> 0);
    }
    words[at + packetsWord] = 0;
    this.floats[(at >> 1) + bytesPlace] = 0;
  }

  /** Reads the words of the packet at a place; false for kinds that never repeat. */
  private readKey(place: number): boolean {
    const at = place * (packetBytes / 4);
    const words = this.batchWords;
    const traits = words[at + 3]!;
    const protocol = traits & 255;
    const form = (traits >> 16) & 255;
    if (words[at + 7] !== 0 || (form & ~Form.ipv6) !== 0) return false;
    let kind = 0;
    if (protocol === 6) {
      const flags = (traits >> 8) & plainFlags;
      if (flags === TcpFlag.ack) kind = 1;
      else if (flags === TcpFlag.syn) kind = 2;
      else return false;
    }
    const isIpv6 = form === Form.ipv6;
    const { key } = this;
    key.src = isIpv6 ? this.batchAddresses[words[at]!]! : words[at]!;
    key.dst = isIpv6 ? this.batchAddresses[words[at + 1]!]! : words[at + 1]!;
    key.ports = words[at + 2]!;
    key.key = protocol | (isIpv6 ? 256 : 0) | (kind << 9) | usedBit;
    return true;
  }

  private place(): number {
    const { src, dst, ports, key } = this.key;
    let mix = Math.imul(src, 0x9e3779b1) ^ Math.imul(dst, 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35) ^ key;
    mix = Math.imul(mix ^ (mix >>> 15), 0x2c1b3c6d);
    return (mix ^ (mix >>> 13)) >>> (32 - entryBits);
  }

  private find(): number {
    const { src, dst, ports, key } = this.key;
    const { words } = this;
    const first = this.place();
    for (let probe = 0; probe < probes; probe++) {
      const entry = (first + probe) & (entries - 1);
      const at = entry * entryWords;
      if (words[at + srcWord] === src && words[at + dstWord] === dst && words[at + portsWord] === ports && words[at + keyWord] === key) {
        return entry;
      }
    }
    return -1;
  }

  /** The entry that gives way: one that holds nothing valid, or else one after the other. */
  private victim(): number {
    const first = this.place();
    const { versions } = this.judge.pulses;
    for (let probe = 0; probe < probes; probe++) {
      const entry = (first + probe) & (entries - 1);
      const at = entry * entryWords;
      const isValid = this.words[at + generationWord] === this.generation && this.words[at + versionWord] === versions[this.words[at + pulseWord]!];
      if (!isValid) return entry;
    }
    this.turn = (this.turn + 1) % probes;
    return (first + this.turn) & (entries - 1);
  }

  private turn = 0;
}

const plainFlags = TcpFlag.fin | TcpFlag.syn | TcpFlag.rst | TcpFlag.ack;
/** In the key of an entry that is in use. */
const usedBit = 1 << 12;
