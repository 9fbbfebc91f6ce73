/**
 * The path of a packet through the rooms: offered to the judge, captured and summed, in the order the packets come.
 *
 * It joins `vpc/` and `flow/` and keeps the counts that must add up; it decides nothing itself.
 */
import { setImmediate as othersTurn } from "node:timers/promises";
import { VirtualClock, type Clock } from "./clock.ts";
import { type Aggregation, noFlow } from "./flow/aggregate.ts";
import { isLeftOut } from "./flow/left-out.ts";
import { packetsAt, slicePackets } from "./packet-path/layout.ts";
import { type LearnedSighting, Repeats } from "./packet-path/repeats.ts";
import { decisive, Sightings } from "./packet-path/sightings.ts";
import { Slice } from "./packet-path/slice.ts";
import { noCounts, type PathCounts } from "./path-counts.ts";
import { packetBytes } from "./traffic/packet-batch.ts";
import type { PacketChunk } from "./traffic/packet-chunk.ts";
import type { Judge } from "./vpc/judge.ts";
import { PacketNumbers } from "./vpc/packet-numbers.ts";
import type { Seat } from "./vpc/topology.ts";

/** A chunk out of turn: neither the next one of its replay nor the one that came last. */
export class ChunkOutOfTurn extends Error {
  override readonly name = "ChunkOutOfTurn";
}

interface Replay {
  readonly nextChunk: number;
  readonly lastAnswer: PathCounts;
}

/** What the packet path remembers, as plain values. */
export interface SavedPath {
  readonly total: PathCounts;
  readonly replays: readonly (readonly [id: string, replay: Replay])[];
}

/** Most replays whose chunk numbers are remembered; the oldest is forgotten first. */
const maxReplays = 1024;

/** What the long way takes, in packets of the short one. */
const longWayEffort = 60;
/** After so much, a few milliseconds, others get their turn. */
const mostEffort = 120_000;

/** Where packets enter the cloud. */
export class PacketPath {
  readonly total = noCounts();
  private readonly judge: Judge;
  private readonly aggregation: Aggregation;
  private readonly clock: VirtualClock | undefined;
  private readonly activationAddress: string;
  private readonly sightings: Sightings;
  private readonly repeats: Repeats | undefined;
  /** The packets on their way, and the one that takes the long one. */
  private readonly slice: Slice;
  private readonly packet = new PacketNumbers();
  private readonly learned: [LearnedSighting?, LearnedSighting?] = [];
  /** Whether the packet comes from, or goes to, where licences are activated. */
  private readonly isActivation = (end: "src" | "dst"): boolean => {
    const { packet } = this;
    const [address, family] = end === "src" ? [packet.src, packet.srcFamily] : [packet.dst, packet.dstFamily];
    return this.judge.addresses.text(address, family) === this.activationAddress;
  };
  private readonly replays = new Map<string, Replay>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(judge: Judge, aggregation: Aggregation, clock: Clock, activationAddress: string, shortcuts: boolean) {
    this.judge = judge;
    this.aggregation = aggregation;
    this.clock = clock instanceof VirtualClock ? clock : undefined;
    this.activationAddress = activationAddress;
    this.sightings = new Sightings(aggregation, judge.addresses);
    this.repeats = shortcuts ? new Repeats(judge, aggregation, clock, this.sightings) : undefined;
    this.slice = this.repeats?.slice ?? new Slice(judge.addresses, new ArrayBuffer(packetsAt + slicePackets * packetBytes), packetsAt);
  }

  /** Offers a chunk's packets, one chunk at a time; the same chunk sent again is answered again and counted once. */
  offerChunk(chunk: PacketChunk): Promise<PathCounts> {
    const answer = this.turn.then(() => this.offerInTurn(chunk));
    this.turn = answer.catch(() => {});
    return answer;
  }

  private async offerInTurn(chunk: PacketChunk): Promise<PathCounts> {
    const replay = this.replays.get(chunk.replayId) ?? { nextChunk: 0, lastAnswer: noCounts() };
    if (chunk.number === replay.nextChunk - 1) return replay.lastAnswer;
    if (chunk.number !== replay.nextChunk) {
      throw new ChunkOutOfTurn(`ChunkNumber: ${chunk.number} is out of turn, ${replay.nextChunk} is next`);
    }
    const counts = noCounts();
    const { batch, notIp, undecodable } = chunk;
    counts.read = batch.count + notIp + undecodable;
    counts.undecodable = notIp + undecodable;
    let effort = 0;
    for (let from = 0; from < batch.count; from += this.slice.count) {
      // Whoever waits for an answer gets it.
      if (effort >= mostEffort) {
        await othersTurn();
        effort = 0;
      }
      if (this.judge.makeRoom()) this.forget();
      this.slice.load(batch, from);
      effort += await this.offerSlice(counts);
    }
    this.slice.leave();
    await this.aggregation.relieve();
    for (const key of Object.keys(counts) as (keyof PathCounts)[]) this.total[key] += counts[key];
    this.remember(chunk.replayId, { nextChunk: chunk.number + 1, lastAnswer: counts });
    return counts;
  }

  save(): SavedPath {
    return { total: { ...this.total }, replays: [...this.replays] };
  }

  /** Takes up what {@link save} gave. */
  restore({ total, replays }: SavedPath): void {
    Object.assign(this.total, total);
    for (const [id, replay] of replays) this.remember(id, replay);
  }

  /** The addresses have other numbers now. */
  private forget(): void {
    this.repeats?.forget();
    this.slice.leave();
  }

  /** Gives what it took, in packets of the short way. */
  private async offerSlice(counts: PathCounts): Promise<number> {
    const { repeats, slice, packet } = this;
    let effort = slice.count;
    repeats?.begin();
    for (let place = 0; ; place++) {
      if (repeats !== undefined) place = repeats.take(place, counts);
      if (place === slice.count) return effort;
      effort += longWayEffort;
      slice.read(place, packet);
      const moved = this.followClock(packet.timeMs);
      if (moved !== undefined) await moved;
      this.offer(place, counts);
      repeats?.begin();
    }
  }

  private remember(replayId: string, replay: Replay): void {
    this.replays.delete(replayId);
    this.replays.set(replayId, replay);
    if (this.replays.size > maxReplays) this.replays.delete(this.replays.keys().next().value!);
  }

  /** A virtual clock follows the packets, so that what falls due between two of them happens between them. */
  private followClock(timeMs: number): Promise<void> | undefined {
    const { clock } = this;
    if (clock === undefined || timeMs <= clock.nowMs() || clock.slipTo(timeMs)) return undefined;
    return clock.moveTo(timeMs).then(() => this.repeats?.begin());
  }

  private offer(place: number, counts: PathCounts): void {
    const { packet, judge } = this;
    if (isLeftOut(packet, this.isActivation)) {
      this.leaveOut(counts);
      return;
    }
    judge.findEnds(packet);
    this.countMatch(counts);
    const { sender, receiver } = judge;
    if (sender === undefined && receiver === undefined) return;
    this.lookAhead(sender, receiver);
    judge.judgeBetweenEnds(packet);
    if (judge.isWithheld) {
      counts.offered++;
      counts.withheld++;
      return;
    }
    this.count(place, counts);
  }

  /** What will be asked for lies in several tables: first a look at where it is told of in each, then at what it is. */
  private lookAhead(sender: Seat | undefined, receiver: Seat | undefined): void {
    const { judge, sightings, packet } = this;
    judge.lookAhead(packet);
    sightings.lookAhead(packet, sender, receiver);
    judge.glanceAt();
    sightings.glanceAt();
  }

  private leaveOut(counts: PathCounts): void {
    const { judge, packet } = this;
    judge.findEnds(packet);
    this.countMatch(counts);
    for (const seat of [judge.sender, judge.receiver]) {
      if (seat === undefined) continue;
      counts.offered++;
      counts.leftOut++;
      this.aggregation.noteTraffic(seat.eni, packet.timeMs);
    }
  }

  private countMatch(counts: PathCounts): void {
    if (this.judge.sender !== undefined || this.judge.receiver !== undefined) counts.matched++;
    else counts.unmatched++;
  }

  private count(place: number, counts: PathCounts): void {
    const { judge, learned } = this;
    let [unwatched, skipped] = [0, 0];
    for (let which = 0; which < judge.rulingCount; which++) {
      const ruling = judge.rulings[which]!;
      const { seat, direction, action } = ruling;
      const reason = decisive(ruling);
      counts.offered++;
      if (action === "ACCEPT") counts.accepted++;
      else counts.rejected++;
      const captured = this.sightings.count(this.packet, seat, direction, action === "REJECT", reason);
      if (captured === "unwatched") unwatched++;
      if (captured === "skipped") skipped++;
      const known = (learned[which] ??= { seat, direction, reason, flow: noFlow });
      known.seat = seat;
      known.direction = direction;
      known.reason = reason;
      known.flow = this.aggregation.countedFlow;
    }
    counts.unwatched += unwatched;
    counts.skipped += skipped;
    if (skipped === 0) this.repeats?.learn(place, learned as LearnedSighting[], judge.rulingCount, unwatched);
  }
}
