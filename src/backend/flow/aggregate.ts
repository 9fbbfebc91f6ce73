/**
 * Aggregation: sums per ENI, 5-tuple, direction and action over a capture window, published as records when the window
 * has closed and the publish delay has passed.
 *
 * Event time is the packet's. Nothing is lost in silence: what comes too late or finds no room is counted as skipped,
 * and its window gets a SKIPDATA record. This room does not know what a topic is: it publishes by a function.
 *
 * A flow is held once, however many flow logs see it; memory is bounded by {@link AggregationSettings.maxFlows}.
 */
import { parseIpv4 } from "../../net/address.ts";
import type { Clock } from "../clock.ts";
import type { RecordBatch } from "../record-batch.ts";
import type { Action, Direction, Reason } from "../vpc/reason.ts";
import { type Capture, captureAt, Captures, type CaptureSurroundings, makeCapture } from "./capture.ts";
import { type Placement, watches } from "./flow-log.ts";
import type { FlowPacket, FlowTable } from "./flow-table.ts";
import { publication } from "./publication.ts";
import { type SavedWindow, type Sums, Window } from "./window.ts";

/** A packet at an ENI, with the verdict it got there. */
export interface Sighting {
  readonly eni: Placement;
  readonly direction: Direction;
  readonly action: Action;
  /** What decided; kept with the record, never inside its 14 fields. */
  readonly reason: Reason;
  readonly srcAddr: string;
  readonly dstAddr: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  readonly bytes: number;
  readonly timeMs: number;
}

/** No flow. */
export const noFlow = -1;

/** What became of a sighting at the flow logs. */
export type Captured = "captured" | "unwatched" | "skipped";

/** How long windows last, when they are published, and how much may be held. */
export interface AggregationSettings {
  readonly accountId: string;
  readonly windowSeconds: number;
  readonly publishDelaySeconds: number;
  /** Most flows held at one time; what finds no room is skipped and counted. */
  readonly maxFlows: number;
  /** Never given before: part of the name of what is published, until what another life has kept is taken up. */
  readonly life: string;
}

/** What aggregation asks of the rest of the cloud. */
export interface AggregationSurroundings extends CaptureSurroundings {
  readonly clock: Clock;
  readonly enis: () => Iterable<Placement & { readonly createdMs: number }>;
  /** Hands records over to a topic; the batch's id is never used twice for a topic. */
  readonly publish: (topicId: string, batch: RecordBatch) => void | Promise<void>;
}

/** Aggregation as it is kept while the backend is stopped. */
export interface SavedAggregation {
  readonly open: readonly SavedWindow[];
  readonly missed: readonly SavedWindow[];
  readonly missedPublications: number;
  readonly nextWindowStart: number;
  readonly windowSeconds: number;
  readonly eras: number;
  readonly life: string;
}

/** Most windows without traffic that are told of when a clock has jumped ahead: the latest ones. */
const maxSilentWindows = 1000;

/** Most sums of skipped packets that wait for the next publication before they get one of their own. */
const maxMissed = 10_000;

/** The sums of the open windows, and the appointments at which they are published. */
export class Aggregation {
  private readonly settings: AggregationSettings;
  private readonly around: AggregationSurroundings;
  private readonly captures: Captures;
  private readonly open = new Map<number, Window>();
  /** Windows that are closed, or too far ahead to be open: only what was skipped of them, to be told of next time. */
  private missed = new Map<number, Window>();
  private missedSums = 0;
  private missedPublications = 0;
  /** How often the clock was set back by more than a window: every time windows are opened, and named, anew. */
  private eras = 0;
  /** A backend that was killed may see a moment, and open its window, for a second time: what it publishes is something else. */
  private life: string;
  /** What is on its way; it stays here until it has been taken, and its flows count as held. */
  private outgoing: Outgoing[] = [];
  private lastSending: Promise<void> = Promise.resolve();
  private flowsHeld = 0;
  /** Windows that start before this moment (Unix seconds) have been published. */
  private nextWindowStart: number;
  private cancelAppointment: () => void = () => {};
  /** The window of the packet before: mostly the next one's too. */
  private latest: Window | undefined;
  /** The place in its window's table of the flow that the packet before was counted in; {@link noFlow} where in none. */
  countedFlow = noFlow;
  /** Called before the sums are read: whoever holds some back adds them now. */
  beforeReading: () => void = () => {};

  constructor(settings: AggregationSettings, around: AggregationSurroundings) {
    this.settings = settings;
    this.around = around;
    this.captures = new Captures(around);
    this.life = settings.life;
    this.nextWindowStart = this.latestDue() + settings.windowSeconds;
    this.makeAppointment();
  }

  /** Seconds of a window. */
  get windowSeconds(): number {
    return this.settings.windowSeconds;
  }

  /** When the newest flow log was made (Unix milliseconds): packets from before it are not for all of them. */
  newestMs(): number {
    let newest = 0;
    for (const { createdMs } of this.around.flowLogs()) newest = Math.max(newest, createdMs);
    return newest;
  }

  /** Grows with every change of any flow log, and where windows are opened anew. */
  revision(): number {
    return this.around.flowLogsRevision() + this.eras;
  }

  /** The start of the first window that can still be counted in. */
  get firstOpenStart(): number {
    return this.nextWindowStart;
  }

  /** The flows of the open window that starts then. */
  flowsOf(start: number): FlowTable | undefined {
    return this.open.get(start)?.flows;
  }

  /** The start of the latest window that is due by the clock. */
  private latestDue(): number {
    const { windowSeconds, publishDelaySeconds } = this.settings;
    return this.windowStart(this.around.clock.nowMs() / 1000 - publishDelaySeconds - windowSeconds);
  }

  // Assumed: windows are aligned to their length; the product document only says how long they are.
  private windowStart(seconds: number): number {
    const { windowSeconds } = this.settings;
    return Math.floor(seconds / windowSeconds) * windowSeconds;
  }

  private makeAppointment(): void {
    const { windowSeconds, publishDelaySeconds } = this.settings;
    const dueMs = (this.nextWindowStart + windowSeconds + publishDelaySeconds) * 1000;
    this.cancelAppointment();
    this.cancelAppointment = this.around.clock.at(dueMs, async () => {
      this.nextWindowStart = Math.max(this.nextWindowStart, this.latestDue() - maxSilentWindows * windowSeconds);
      const start = this.nextWindowStart;
      // The window is closed before its records travel: what comes meanwhile is late.
      this.nextWindowStart += windowSeconds;
      this.makeAppointment();
      await this.publishWindow(start);
    });
  }

  /** Takes back the next appointment: nothing is published any more. */
  stop(): void {
    this.cancelAppointment();
  }

  /** Lets the flow logs that watch the packet's ENI count it. */
  count(sighting: Sighting): Captured {
    const { eni, direction, action, reason, srcAddr, dstAddr, srcPort, dstPort, protocol, bytes, timeMs } = sighting;
    const isIpv6 = srcAddr.includes(":");
    const addresses = isIpv6 ? { src: 0, dst: 0, srcText: srcAddr, dstText: dstAddr } : { src: parseIpv4(srcAddr)!, dst: parseIpv4(dstAddr)!, srcText: "", dstText: "" };
    const seconds = Math.floor(timeMs / 1000);
    const ends = { ...addresses, ports: (srcPort << 16) | dstPort, protocol };
    return this.countPacket(eni, { ...ends, isEgress: direction === "egress", isRejected: action === "REJECT", bytes, seconds, reason }, timeMs);
  }

  /** The same for a packet whose addresses are numbers. */
  countPacket(eni: Placement, packet: FlowPacket, timeMs: number): Captured {
    this.countedFlow = noFlow;
    const window = this.windowAt(timeMs);
    const watch = this.captures.watch(eni);
    if (window === undefined) return this.miss(eni, captureAt(watch, timeMs), packet, timeMs);
    const { capture, sums } = window.at(watch, timeMs);
    if (sums === undefined) return "unwatched";
    if (!(packet.isRejected ? capture.wantsRejected : capture.wantsAccepted)) return "captured";
    const before = window.flows.count;
    if (!window.count(sums, packet, this.flowsHeld < this.settings.maxFlows)) return skip(sums, packet);
    this.flowsHeld += window.flows.count - before;
    this.countedFlow = window.flows.latest;
    return "captured";
  }

  /** Looks ahead for the flow of an IPv4 packet that is accepted in the window of the packet before; see {@link FlowTable.lookAhead}. */
  lookAhead(eni: Placement, packet: FlowPacket): number {
    const { latest } = this;
    const place = latest?.knownPlace(this.captures.watch(eni));
    return place === undefined ? 0 : latest!.flows.lookAhead(place, packet);
  }

  /** Looks at the flow that {@link Aggregation.lookAhead} found. */
  glanceAt(known: number): number {
    return this.latest === undefined ? 0 : this.latest.flows.glanceAt(known);
  }

  /** Notes that an ENI had traffic that no record will show: such a window has data, so it is not NODATA. */
  noteTraffic(eni: Placement, timeMs: number): void {
    this.windowAt(timeMs)?.busyEnis.add(eni.id);
  }

  /** The open window of a moment; undefined where it has been published, or lies more than a window ahead of the clock. */
  private windowAt(timeMs: number): Window | undefined {
    const start = this.windowStart(timeMs / 1000);
    if (this.latest?.start === start) return this.latest;
    const { windowSeconds } = this.settings;
    if (start < this.nextWindowStart) this.followSetBack();
    if (start < this.nextWindowStart) return undefined;
    if (start > this.windowStart(this.around.clock.nowMs() / 1000) + windowSeconds) return undefined;
    this.latest = this.openWindow(start);
    return this.latest;
  }

  /** Where the clock was set back, windows that were published are open again. A virtual clock never goes back. */
  private followSetBack(): void {
    const { windowSeconds } = this.settings;
    const start = this.latestDue() + windowSeconds;
    if (this.nextWindowStart - start <= windowSeconds) return;
    this.eras++;
    this.nextWindowStart = start;
    this.makeAppointment();
  }

  private openWindow(start: number): Window {
    const window = this.open.get(start) ?? new Window(start);
    this.open.set(start, window);
    return window;
  }

  private miss(eni: Placement, capture: Capture, packet: FlowPacket, timeMs: number): Captured {
    if (capture.flowLogs.length === 0) return "unwatched";
    if (!(packet.isRejected ? capture.wantsRejected : capture.wantsAccepted)) return "captured";
    const start = this.windowStart(timeMs / 1000);
    const window = this.missed.get(start) ?? new Window(start);
    this.missed.set(start, window);
    window.busyEnis.add(eni.id);
    const before = window.sums.length;
    const sums = window.of(capture);
    this.missedSums += window.sums.length - before;
    return skip(sums, packet);
  }

  /** Publishes what was skipped where too much of it waits; to be called between chunks of packets. */
  async relieve(): Promise<void> {
    if (this.missedSums <= maxMissed) return;
    await this.publish([], `late ${this.nextWindowStart} ${this.missedPublications++}`);
  }

  /** Publishes a window, and what was skipped of others since the one before. */
  private async publishWindow(start: number): Promise<void> {
    this.beforeReading();
    this.addWatchedEnis(start);
    const due = [...this.open.values()].filter((window) => window.start <= start).toSorted((a, b) => a.start - b.start);
    for (const window of due) this.open.delete(window.start);
    if (this.latest !== undefined && this.latest.start <= start) this.latest = undefined;
    this.missedPublications = 0;
    await this.publish(due, String(start));
  }

  private async publish(due: readonly Window[], name: string): Promise<void> {
    const { accountId, windowSeconds } = this.settings;
    const missed = [...this.missed.values()].toSorted((a, b) => a.start - b.start);
    this.missed = new Map();
    this.missedSums = 0;
    // The length is part of the name: a backend may be started again with windows of another length.
    const era = this.eras === 0 ? "" : ` era ${this.eras}`;
    const batches = publication([...missed, ...due], { id: `${this.life} ${windowSeconds}s ${name}${era}`, accountId, windowSeconds });
    for (const [topicId, batch] of batches) if (batch.count > 0) this.outgoing.push({ topicId, batch, flows: 0 });
    const flows = due.reduce((sum, window) => sum + window.flows.count, 0);
    const last = this.outgoing.at(-1);
    if (last === undefined) this.flowsHeld -= flows;
    else last.flows += flows;
    await this.send();
  }

  /** Hands over what is on its way, after what is being handed over now: a batch is never on its way twice at a time. */
  send(): Promise<void> {
    const sending = this.lastSending.then(() => this.sendAll());
    this.lastSending = sending.catch(() => {});
    return sending;
  }

  /** All batches at once, so that they can be kept together. What was not taken is tried again with the next publication. */
  private async sendAll(): Promise<void> {
    const going = this.outgoing;
    this.outgoing = [];
    const outcomes = await Promise.allSettled(going.map(async ({ topicId, batch }) => this.around.publish(topicId, batch)));
    const left = going.filter((_, place) => outcomes[place]!.status === "rejected");
    for (const each of going) if (!left.includes(each)) this.flowsHeld -= each.flows;
    this.outgoing = [...left, ...this.outgoing];
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** Makes sure that every watched ENI has its place in the window, so that one without traffic gets its NODATA. */
  private addWatchedEnis(start: number): void {
    const endMs = (start + this.settings.windowSeconds) * 1000;
    const flowLogs = [...this.around.flowLogs()].filter(({ enabled, createdMs }) => enabled && createdMs < endMs);
    const window = this.openWindow(start);
    for (const eni of this.around.enis()) {
      if (eni.createdMs >= endMs || window.busyEnis.has(eni.id)) continue;
      const watching = flowLogs.filter((flowLog) => watches(flowLog, eni));
      if (watching.length > 0) window.of(makeCapture(eni, watching));
    }
  }

  /** What the open windows hold, as plain values. */
  save(): SavedAggregation {
    this.beforeReading();
    const all = (windows: ReadonlyMap<number, Window>) => [...windows.values()].map((window) => window.save());
    const { missedPublications, nextWindowStart, eras, life } = this;
    const { windowSeconds } = this.settings;
    return { open: all(this.open), missed: all(this.missed), missedPublications, nextWindowStart, windowSeconds, eras, life };
  }

  /** Takes up what {@link save} gave; windows of another length than now are published with the next one. */
  restore(saved: SavedAggregation): void {
    this.eras = saved.eras;
    this.life = saved.life;
    if (saved.windowSeconds === this.settings.windowSeconds && saved.nextWindowStart > this.nextWindowStart) {
      this.nextWindowStart = saved.nextWindowStart;
      this.makeAppointment();
    }
    for (const each of saved.open) {
      const window = Window.restored(each);
      this.open.set(each.start, window);
      this.flowsHeld += window.flows.count;
    }
    for (const each of saved.missed) {
      this.missed.set(each.start, Window.restored(each));
      this.missedSums += each.sums.length;
    }
    this.missedPublications = saved.missedPublications;
  }

  /** How many records the open windows would give each topic now; a flow that two captures hold is counted for each. */
  pendingRecords(): Map<string, number> {
    const pending = new Map<string, number>();
    for (const window of [...this.open.values(), ...this.missed.values()]) {
      for (const { capture, accepted, rejected, skippedAccepted, skippedRejected } of window.sums) {
        for (const flowLog of capture.flowLogs) {
          const skipped = skippedAccepted.packets + skippedRejected.packets > 0 ? 1 : 0;
          const wanted = { ACCEPT: accepted, REJECT: rejected, ALL: accepted + rejected };
          const records = wanted[flowLog.trafficType] + skipped;
          if (records > 0) pending.set(flowLog.topicId, (pending.get(flowLog.topicId) ?? 0) + records);
        }
      }
    }
    return pending;
  }
}

/** A batch on its way to a topic. */
interface Outgoing {
  readonly topicId: string;
  readonly batch: RecordBatch;
  /** How many flows in memory are let go when it has been taken. */
  flows: number;
}

function skip(sums: Sums, { isRejected, bytes }: FlowPacket): Captured {
  const sum = isRejected ? sums.skippedRejected : sums.skippedAccepted;
  sum.packets++;
  sum.bytes += bytes;
  return "skipped";
}
