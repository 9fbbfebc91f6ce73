/**
 * The path of a packet through the rooms: offered to the judge, captured and summed, in the order the packets come.
 *
 * It joins `vpc/` and `flow/` and keeps the counts that must add up; it decides nothing itself.
 */
import { VirtualClock, type Clock } from "./clock.ts";
import type { Aggregation } from "./flow/aggregate.ts";
import { isLeftOut } from "./flow/left-out.ts";
import { noCounts, type PathCounts } from "./path-counts.ts";
import { Repeats } from "./repeats.ts";
import type { Packet } from "./traffic/packet-batch.ts";
import type { PacketChunk } from "./traffic/packet-chunk.ts";
import type { Judge, Outcome } from "./vpc/judge.ts";
import type { Reason } from "./vpc/reason.ts";
import type { Seat } from "./vpc/topology.ts";
import type { Verdict } from "./vpc/verdict.ts";

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

/** Where packets enter the cloud. */
export class PacketPath {
  readonly total = noCounts();
  private readonly judge: Judge;
  private readonly aggregation: Aggregation;
  private readonly clock: Clock;
  private readonly activationAddress: string;
  private readonly repeats: Repeats | undefined;
  private readonly replays = new Map<string, Replay>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(judge: Judge, aggregation: Aggregation, clock: Clock, activationAddress: string, shortcuts: boolean) {
    this.judge = judge;
    this.aggregation = aggregation;
    this.clock = clock;
    this.activationAddress = activationAddress;
    this.repeats = shortcuts ? new Repeats(judge, aggregation, clock) : undefined;
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
    this.repeats?.begin(batch);
    for (let place = 0; place < batch.count; place++) {
      if (this.repeats?.take(place, counts) === true) continue;
      const packet = batch.packet(place);
      await this.followClock(packet);
      this.repeats?.begin(batch);
      this.offer(packet, place, counts);
    }
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

  private remember(replayId: string, replay: Replay): void {
    this.replays.delete(replayId);
    this.replays.set(replayId, replay);
    if (this.replays.size > maxReplays) this.replays.delete(this.replays.keys().next().value!);
  }

  /** A virtual clock follows the packets, so that what falls due between two of them happens between them. */
  private async followClock(packet: Packet): Promise<void> {
    const { clock } = this;
    if (clock instanceof VirtualClock && packet.timeMs > clock.nowMs()) await clock.moveTo(packet.timeMs);
  }

  private offer(packet: Packet, place: number, counts: PathCounts): void {
    if (isLeftOut(packet, this.activationAddress)) this.leaveOut(packet, counts);
    else this.take(packet, place, this.judge.offer(packet), counts);
  }

  private leaveOut(packet: Packet, counts: PathCounts): void {
    const seats = this.judge.seatsOf(packet);
    countMatch(seats, counts);
    counts.offered += seats.length;
    counts.leftOut += seats.length;
    for (const { eni } of seats) this.aggregation.noteTraffic(eni, packet.timeMs);
  }

  private take(packet: Packet, place: number, outcome: Outcome, counts: PathCounts): void {
    countMatch(outcome.seats, counts);
    if (outcome.withheldAt !== undefined) {
      counts.offered++;
      counts.withheld++;
      return;
    }
    const sightings = outcome.verdicts.map((verdict) => sighting(packet, verdict));
    const before = { skipped: counts.skipped, unwatched: counts.unwatched };
    const counted = sightings.map((each) => {
      counts.offered++;
      if (each.action === "ACCEPT") counts.accepted++;
      else counts.rejected++;
      const captured = this.aggregation.count(each);
      if (captured !== "captured") counts[captured]++;
      return this.aggregation.counted;
    });
    if (sightings.length === 0 || counts.skipped > before.skipped) return;
    this.repeats?.learn(place, { sightings, counted, unwatched: counts.unwatched - before.unwatched });
  }
}

function countMatch(seats: readonly Seat[], counts: PathCounts): void {
  if (seats.length > 0) counts.matched++;
  else counts.unmatched++;
}

/** What a flow log sees of a packet: the ENI's own end by its private address, and what decided. */
function sighting(packet: Packet, verdict: Verdict) {
  const { seat, direction, action, reasons } = verdict;
  const own = (address: string) => seat.privateOf.get(address) ?? address;
  return {
    ...packet,
    srcAddr: direction === "egress" ? own(packet.srcAddr) : packet.srcAddr,
    dstAddr: direction === "ingress" ? own(packet.dstAddr) : packet.dstAddr,
    eni: seat.eni,
    direction,
    action,
    reason: decisive(reasons),
  };
}

/** The reason worth keeping: what rejected, or else what the security group layer said. */
function decisive(reasons: readonly Reason[]): Reason {
  const last = reasons.at(-1)!;
  if (last.action === "REJECT") return last;
  return reasons.find(({ layer }) => layer === "security-group") ?? last;
}
