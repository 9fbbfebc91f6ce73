/**
 * The short way for packets that repeat others: most packets of a connection get the verdicts of the one before them
 * and are counted in its flows. They are recognized in flat memory (`wasm/`), and their sums held back until somebody
 * reads them.
 *
 * Whatever this does, the long way (`packet-path.ts`) would do too, with the same records in the end; what is not
 * exactly such a repetition takes the long way.
 */
import { type Clock, VirtualClock } from "../clock.ts";
import { type Aggregation, noFlow } from "../flow/aggregate.ts";
import { Numbered } from "../numbered.ts";
import type { PathCounts } from "../path-counts.ts";
import type { Judge } from "../vpc/judge.ts";
import { PacketNumbers } from "../vpc/packet-numbers.ts";
import type { Direction, Reason } from "../vpc/reason.ts";
import type { Seat } from "../vpc/topology.ts";
import {
  awaitsFirst,
  bothKnown,
  entriesAt,
  entryBytes,
  entryLast,
  entryLimit,
  entryState,
  entrySums,
  entryWindow,
  keyBits,
  maxEntries,
  packetsAt,
  sumsBytes,
  sumsFlow,
  sumsLength,
  sumsPackets,
  sumsSpan,
  tellsFound,
  tellsMatched,
  tellsOffered,
  tellsRejected,
  tellsUnwatched,
  toldAt,
  toldDue,
  toldFirstOpen,
  toldNewest,
  toldNow,
  toldWindow,
  traitBits,
  traitKnown,
  traitMet,
  traitRejected,
  traitSender,
  traitUnwatched,
  unlinked,
} from "./layout.ts";
import { type ShortWayLoop, shortWayLoop } from "./loop.ts";
import type { Sightings } from "./sightings.ts";
import { Slice } from "./slice.ts";

const entryWords = entryBytes / 4;
const sumsWords = sumsBytes / 4;
const traitMask = (1 << traitBits) - 1;

/** What the long way made of a packet at one ENI. */
export interface LearnedSighting {
  seat: Seat;
  direction: Direction;
  reason: Reason;
  /** The place of the flow in which it was counted. */
  flow: number;
}

function doubled(words: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  return larger;
}

/** Recognizes packets that repeat others. */
export class Repeats {
  /** Where the packets must lie. */
  readonly slice: Slice;
  private readonly judge: Judge;
  private readonly aggregation: Aggregation;
  private readonly sightings: Sightings;
  private readonly clock: VirtualClock | undefined;
  private readonly loop: ShortWayLoop;
  private readonly words: Int32Array;
  /** What the loop is told, and tells. */
  private readonly told: DataView;
  /** By entry and direction: the place of the flow at the second ENI. */
  private secondFlows = new Int32Array(1024);
  /** By entry and direction: the ENIs that meet the packet, and the reasons, by their numbers; two places each. */
  private seatNumbers = new Int32Array(2048);
  private reasonNumbers = new Int32Array(2048);
  private readonly seats = new Numbered<Seat>();
  private readonly reasons = new Numbered<Reason>();
  private readonly packet = new PacketNumbers();
  private networkRevision = -1;
  private flowLogsRevision = -1;
  private newestMs = 0;

  constructor(judge: Judge, aggregation: Aggregation, clock: Clock, sightings: Sightings) {
    const { loop, buffer } = shortWayLoop();
    this.judge = judge;
    this.aggregation = aggregation;
    this.sightings = sightings;
    this.clock = clock instanceof VirtualClock ? clock : undefined;
    this.loop = loop;
    this.words = new Int32Array(buffer, entriesAt, maxEntries * entryWords);
    this.told = new DataView(buffer, toldAt, packetsAt - toldAt);
    this.slice = new Slice(judge.addresses, buffer, packetsAt);
    const places = { buffer, at: entriesAt, bytes: entryBytes, count: maxEntries };
    judge.pulses.settle({ ...places, last: entryLast, limit: entryLimit, state: entryState, lives: bothKnown, awaits: awaitsFirst });
    aggregation.beforeReading = () => this.settle();
  }

  /** To be called whenever anything else may have happened. */
  begin(): void {
    const { network } = this.judge;
    if (network.revision === this.networkRevision && this.aggregation.revision() === this.flowLogsRevision) return;
    this.forget();
    this.networkRevision = network.revision;
    this.flowLogsRevision = this.aggregation.revision();
    this.newestMs = this.aggregation.newestMs();
  }

  /** Everything is to be learned anew. */
  forget(): void {
    this.settle();
    this.judge.pulses.endAll(this.loop.entries.value);
    this.loop.clear();
    this.seats.clear();
    this.reasons.clear();
  }

  /** Judges and counts the slice's packets from a place on as repetitions; gives the place of the first that is none. */
  take(place: number, counts: PathCounts): number {
    const { clock, told } = this;
    for (;;) {
      this.tell();
      place = this.loop.run(place, this.slice.count);
      clock?.slipTo(told.getFloat64(toldNow, true));
      const [offered, rejected] = [told.getUint32(tellsOffered, true), told.getUint32(tellsRejected, true)];
      counts.matched += told.getUint32(tellsMatched, true);
      counts.offered += offered;
      counts.rejected += rejected;
      counts.accepted += offered - rejected;
      counts.unwatched += told.getUint32(tellsUnwatched, true);
      const found = told.getUint32(tellsFound, true);
      if (found === 0) return place;
      this.countAnew(found - 1, place++, counts);
      this.begin();
    }
  }

  private tell(): void {
    const { clock, told, aggregation } = this;
    told.setFloat64(toldNow, clock === undefined ? Number.POSITIVE_INFINITY : clock.nowMs(), true);
    told.setFloat64(toldDue, clock === undefined ? 0 : clock.dueMs(), true);
    told.setFloat64(toldNewest, this.newestMs, true);
    told.setFloat64(toldFirstOpen, aggregation.firstOpenStart, true);
    told.setUint32(toldWindow, aggregation.windowSeconds, true);
  }

  /** The first packet of its direction in another window: its verdicts stand, it is counted as any. */
  private countAnew(which: number, place: number, counts: PathCounts): void {
    const entry = which >> 1;
    this.release(entry);
    const { words, packet, aggregation } = this;
    this.slice.read(place, packet);
    this.judge.pulses.beat(entry, packet.timeMs);
    const shift = keyBits + (which & 1) * traitBits;
    const state = entry * entryWords + entryState / 4;
    const traits = words[state]! >>> shift;
    const met = Math.trunc(traits / traitMet) & 3;
    const isLastRejected = (traits & traitRejected) !== 0;
    let [unwatched, skipped] = [0, 0];
    const flows = [noFlow, noFlow];
    for (let eni = 0; eni < met; eni++) {
      const isRejected = isLastRejected && eni === met - 1;
      const direction = eni === 0 && (traits & traitSender) !== 0 ? "egress" : "ingress";
      const captured = this.sightings.count(packet, this.seatOf(which, eni), direction, isRejected, this.reasons.items[this.reasonNumbers[which * 2 + eni]!]!);
      if (captured === "unwatched") unwatched++;
      if (captured === "skipped") skipped++;
      flows[eni] = aggregation.countedFlow;
    }
    words[state] = (words[state]! & ~((3 * traitUnwatched) << shift)) | ((unwatched * traitUnwatched) << shift);
    this.link(which, packet.timeMs, skipped === 0, flows[0]!, flows[1]!);
    counts.matched++;
    counts.offered += met;
    counts.rejected += isLastRejected ? 1 : 0;
    counts.accepted += isLastRejected ? met - 1 : met;
    counts.unwatched += unwatched;
    counts.skipped += skipped;
  }

  /**
   * Notes where the packets of an entry and direction are counted, in the window of a moment. Those that come too late,
   * too early or find no room are not counted in a flow: the next one is looked at like the first.
   */
  private link(which: number, timeMs: number, isCounted: boolean, flow: number, secondFlow: number): void {
    const { words } = this;
    const at = (which >> 1) * entryWords;
    const sums = at + entrySums / 4;
    const own = sums + (which & 1) * sumsWords + sumsFlow / 4;
    const { windowSeconds } = this.aggregation;
    const start = Math.floor(timeMs / 1000 / windowSeconds) * windowSeconds;
    if (!isCounted || this.aggregation.flowsOf(start) === undefined) {
      words[own] = unlinked;
      return;
    }
    if (words[at + entryWindow / 4]! >>> 0 !== start) {
      words[at + entryWindow / 4] = start;
      words[sums + sumsFlow / 4] = unlinked;
      words[sums + sumsWords + sumsFlow / 4] = unlinked;
    }
    words[own] = flow;
    this.secondFlows[which] = secondFlow;
  }

  private seatOf(which: number, eni: number): Seat {
    return this.seats.items[this.seatNumbers[which * 2 + eni]!]!;
  }

  private grow(): void {
    this.secondFlows = doubled(this.secondFlows);
    this.seatNumbers = doubled(this.seatNumbers);
    this.reasonNumbers = doubled(this.reasonNumbers);
  }

  /**
   * Remembers what the long way made of the packet at a place, where the next one like it would only repeat that: what the
   * ENIs that it met (one or two) made of it, and how many of them no flow log saw.
   */
  learn(place: number, learned: readonly LearnedSighting[], met: number, unwatched: number): void {
    const timeMs = this.slice.timeMs(place);
    if (timeMs < this.newestMs || !this.judge.isRepeating) return;
    let which = this.loop.enter(place);
    if (which === -1) return;
    if (which === -2) {
      this.forget();
      which = this.loop.enter(place);
    }
    const entry = which >> 1;
    while ((which | 1) >= this.secondFlows.length) this.grow();
    this.release(entry);
    this.judge.beginPulse(entry);
    const isRejected = learned[met - 1]!.reason.action === "REJECT";
    const sender = learned[0]!.direction === "egress" ? traitSender : 0;
    const traits = traitKnown | (met * traitMet) | (isRejected ? traitRejected : 0) | (unwatched * traitUnwatched) | sender;
    const shift = keyBits + (which & 1) * traitBits;
    const state = entry * entryWords + entryState / 4;
    this.words[state] = (this.words[state]! & ~(traitMask << shift)) | (traits << shift);
    this.link(which, timeMs, true, learned[0]!.flow, met > 1 ? learned[1]!.flow : noFlow);
    for (let eni = 0; eni < met; eni++) {
      this.seatNumbers[which * 2 + eni] = this.seats.of(learned[eni]!.seat);
      this.reasonNumbers[which * 2 + eni] = this.reasons.of(learned[eni]!.reason);
    }
    if (this.judge.isRepeatingBack) this.learnBack(which ^ 1, learned, met);
  }

  /**
   * What went the other way and was learned before is known again: the rules are the same and let it pass, and the
   * connection, which is answered now, tracks it.
   */
  private learnBack(back: number, learned: readonly LearnedSighting[], met: number): void {
    const state = (back >> 1) * entryWords + entryState / 4;
    const shift = keyBits + (back & 1) * traitBits;
    const traits = this.words[state]! >>> shift;
    if ((Math.trunc(traits / traitMet) & 3) !== met || (traits & traitRejected) !== 0) return;
    for (let eni = 0; eni < met; eni++) if (this.seatOf(back, eni) !== learned[met - 1 - eni]!.seat) return;
    this.words[state]! |= traitKnown << shift;
    for (let eni = 0; eni < met; eni++) {
      const { seat, direction } = learned[met - 1 - eni]!;
      this.reasonNumbers[back * 2 + eni] = this.reasons.of(seat.groupReasons[direction === "egress" ? "ingress" : "egress"].tracked);
    }
  }

  /** Adds what is held back to the flows. */
  settle(): void {
    for (let entry = this.loop.nextHeld(); entry !== -1; entry = this.loop.nextHeld()) this.release(entry);
  }

  private release(entry: number): void {
    const { words } = this;
    const at = entry * entryWords;
    for (let direction = 0; direction < 2; direction++) {
      const sums = at + entrySums / 4 + direction * sumsWords;
      const packets = words[sums + sumsPackets / 4]! >>> 0;
      if (packets === 0) continue;
      const window = words[at + entryWindow / 4]! >>> 0;
      const bytes = words[sums + sumsLength / 4]! >>> 0;
      const span = words[sums + sumsSpan / 4]!;
      const [start, end] = [window + (span & 0xffff), window + (span >>> 16)];
      const flows = this.aggregation.flowsOf(window)!;
      const first = words[sums + sumsFlow / 4]!;
      const second = this.secondFlows[entry * 2 + direction]!;
      if (first !== noFlow) flows.addMany(first, packets, bytes, start, end);
      if (second !== noFlow) flows.addMany(second, packets, bytes, start, end);
      words[sums + sumsPackets / 4] = 0;
      words[sums + sumsLength / 4] = 0;
    }
  }
}
