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
import type { FlowTable } from "../flow/flow-table.ts";
import type { PathCounts } from "../path-counts.ts";
import type { Judge } from "../vpc/judge.ts";
import { PacketNumbers } from "../vpc/packet-numbers.ts";
import { noPulse } from "../vpc/pulses.ts";
import type { Direction, Reason } from "../vpc/reason.ts";
import type { Seat } from "../vpc/topology.ts";
import {
  entriesAt,
  entryBytes,
  entryEnd,
  entryFlow,
  entryPackets,
  entryPulse,
  entrySecondFlow,
  entryStart,
  entrySum,
  entryTraits,
  entryVersion,
  entryWindow,
  maxEntries,
  noWindow,
  packetsAt,
  pulsesAt,
  traitsMet,
  traitsRejected,
  traitsSender,
  traitsUnwatched,
} from "./layout.ts";
import { type ShortWayLoop, shortWayLoop } from "./loop.ts";
import type { Sightings } from "./sightings.ts";
import { Slice } from "./slice.ts";

const entryWords = entryBytes / 4;

/** What the long way made of a packet at one ENI. */
export interface LearnedSighting {
  seat: Seat;
  direction: Direction;
  reason: Reason;
  /** The place of the flow in which it was counted. */
  flow: number;
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
  private readonly floats: Float64Array;
  /** By entry: the ENIs that meet the packet, and the reasons; two places each. */
  private readonly seats: (Seat | undefined)[] = [];
  private readonly reasons: (Reason | undefined)[] = [];
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
    this.floats = new Float64Array(buffer, entriesAt, (maxEntries * entryWords) / 2);
    this.slice = new Slice(judge.addresses, buffer, packetsAt);
    judge.pulses.settle(buffer, pulsesAt);
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
    this.loop.clear();
    this.seats.length = 0;
    this.reasons.length = 0;
  }

  /** Judges and counts the slice's packets from a place on as repetitions; gives the place of the first that is none. */
  take(place: number, counts: PathCounts): number {
    const { loop, aggregation, clock } = this;
    const end = this.slice.count;
    loop.clearCounts();
    for (;;) {
      loop.setTimes(clock?.nowMs() ?? Number.POSITIVE_INFINITY, clock?.dueMs() ?? 0, this.newestMs);
      loop.setWindows(aggregation.windowSeconds, aggregation.firstOpenStart);
      place = loop.run(place, end);
      clock?.slipTo(loop.nowMs.value);
      const found = loop.found.value;
      if (found === 0) break;
      this.countAnew(found - 1, place++, counts);
      this.begin();
    }
    counts.matched += loop.matched.value;
    counts.offered += loop.offered.value;
    counts.rejected += loop.rejected.value;
    counts.accepted += loop.offered.value - loop.rejected.value;
    counts.unwatched += loop.unwatched.value;
    return place;
  }

  /** The first packet in another window: its verdicts stand, it is counted as any. */
  private countAnew(entry: number, place: number, counts: PathCounts): void {
    this.release(entry);
    const { words, packet, aggregation } = this;
    this.slice.read(place, packet);
    const at = entry * entryWords;
    this.judge.pulses.beat(words[at + entryPulse / 4]!, packet.timeMs);
    const traits = words[at + entryTraits / 4]!;
    const met = traits & traitsMet;
    const isLastRejected = (traits & traitsRejected) !== 0;
    let [unwatched, skipped] = [0, 0];
    for (let which = 0; which < met; which++) {
      const isRejected = isLastRejected && which === met - 1;
      const direction = which === 0 && (traits & traitsSender) !== 0 ? "egress" : "ingress";
      const captured = this.sightings.count(packet, this.seats[entry * 2 + which]!, direction, isRejected, this.reasons[entry * 2 + which]!);
      if (captured === "unwatched") unwatched++;
      if (captured === "skipped") skipped++;
      words[at + (which === 0 ? entryFlow : entrySecondFlow) / 4] = aggregation.countedFlow;
    }
    words[at + entryTraits / 4] = (traits & ~(3 * traitsUnwatched)) | (unwatched * traitsUnwatched);
    words[at + entryWindow / 4] = skipped > 0 ? noWindow : this.openWindow(packet.timeMs);
    counts.matched++;
    counts.offered += met;
    counts.rejected += isLastRejected ? 1 : 0;
    counts.accepted += isLastRejected ? met - 1 : met;
    counts.unwatched += unwatched;
    counts.skipped += skipped;
  }

  /**
   * The start of the window of a moment, where it is open. What comes too late, too early or finds no room is not counted
   * in a flow: the next one is looked at like this one.
   */
  private openWindow(timeMs: number): number {
    const { windowSeconds } = this.aggregation;
    const start = Math.floor(timeMs / 1000 / windowSeconds) * windowSeconds;
    return this.aggregation.flowsOf(start) === undefined ? noWindow : start;
  }

  /**
   * Remembers what the long way made of the packet at a place, where the next one like it would only repeat that: what the
   * ENIs that it met (one or two) made of it, and how many of them no flow log saw.
   */
  learn(place: number, learned: readonly LearnedSighting[], met: number, unwatched: number): void {
    const timeMs = this.slice.timeMs(place);
    if (timeMs < this.newestMs) return;
    const pulse = this.judge.repetition();
    if (pulse === noPulse) return;
    let entry = this.loop.enter(place);
    if (entry === -1) return;
    if (entry === -2) {
      this.forget();
      entry = this.loop.enter(place);
    }
    this.release(entry);
    const { words } = this;
    const at = entry * entryWords;
    words[at + entryPulse / 4] = pulse;
    words[at + entryVersion / 4] = this.judge.pulses.version(pulse);
    const isRejected = learned[met - 1]!.reason.action === "REJECT";
    const sender = learned[0]!.direction === "egress" ? traitsSender : 0;
    words[at + entryTraits / 4] = met | (isRejected ? traitsRejected : 0) | (unwatched * traitsUnwatched) | sender;
    words[at + entryWindow / 4] = this.openWindow(timeMs);
    words[at + entryFlow / 4] = learned[0]!.flow;
    words[at + entrySecondFlow / 4] = met > 1 ? learned[1]!.flow : noFlow;
    for (let which = 0; which < met; which++) {
      this.seats[entry * 2 + which] = learned[which]!.seat;
      this.reasons[entry * 2 + which] = learned[which]!.reason;
    }
  }

  /** Adds what is held back to the flows. */
  settle(): void {
    for (let entry = this.loop.nextHeld(); entry !== -1; entry = this.loop.nextHeld()) this.release(entry);
  }

  private release(entry: number): void {
    const { words } = this;
    const at = entry * entryWords;
    const packets = words[at + entryPackets / 4]! >>> 0;
    if (packets === 0) return;
    const table = this.tableOf(words[at + entryWindow / 4]! >>> 0);
    const sum = (at + entrySum / 4) / 2;
    const bytes = this.floats[sum]!;
    const [start, end] = [words[at + entryStart / 4]! >>> 0, words[at + entryEnd / 4]! >>> 0];
    const [first, second] = [words[at + entryFlow / 4]!, words[at + entrySecondFlow / 4]!];
    if (first !== noFlow) table.addMany(first, packets, bytes, start, end);
    if (second !== noFlow) table.addMany(second, packets, bytes, start, end);
    words[at + entryPackets / 4] = 0;
    this.floats[sum] = 0;
  }

  private tableOf(windowStart: number): FlowTable {
    return this.aggregation.flowsOf(windowStart)!;
  }
}
