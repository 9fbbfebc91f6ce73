/**
 * Capture and aggregation: which flow logs see a packet, and their sums per ENI, 5-tuple, direction and action over a
 * capture window, published as records when the window has closed and the publish delay has passed.
 *
 * Event time is the packet's. Nothing is lost in silence: what comes too late or finds no room is counted as skipped,
 * and its window gets a SKIPDATA record. This room does not know what a topic is: it publishes by a function.
 */
import type { Clock } from "../clock.ts";
import type { Action, Direction, Reason } from "../vpc/reason.ts";
import { type FlowLog, type Placement, type TrafficType, watches } from "./flow-log.ts";
import { type FlowRecord, recordVersion } from "./record.ts";

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

/** A record as it is published: its 14 fields, and what travels beside them. */
export interface PublishedRecord {
  readonly record: FlowRecord;
  readonly eni: Placement;
  readonly direction: Direction | undefined;
  readonly reason: Reason | undefined;
  readonly skippedPackets: number;
  readonly skippedBytes: number;
}

/** What became of a sighting at the flow logs. */
export type Captured = "captured" | "unwatched" | "skipped";

/** How long windows last, when they are published, and how much may be held. */
export interface AggregationSettings {
  readonly accountId: string;
  readonly windowSeconds: number;
  readonly publishDelaySeconds: number;
  /** Most flows held at one time; what finds no room is skipped and counted. */
  readonly maxFlows: number;
}

/** What aggregation asks of the rest of the cloud. */
export interface AggregationSurroundings {
  readonly clock: Clock;
  readonly flowLogs: () => Iterable<FlowLog>;
  readonly enis: () => Iterable<Placement & { readonly createdMs: number }>;
  /** Hands records over to a topic; `publication` names what is published, the same name never twice for a topic. */
  readonly publish: (topicId: string, publication: string, records: readonly PublishedRecord[]) => void | Promise<void>;
}

interface Flow {
  readonly first: Sighting;
  reason: Reason;
  packets: number;
  bytes: number;
  startSeconds: number;
  endSeconds: number;
}

/** One flow log's sums at one ENI in one window. */
interface Sums {
  readonly flowLog: FlowLog;
  readonly eni: Placement;
  readonly flows: Map<string, Flow>;
  hasTraffic: boolean;
  skippedPackets: number;
  skippedBytes: number;
}

/** All sums of one window, by flow log and ENI. */
type Window = Map<string, Sums>;

/** The sums of the open windows, and the appointments at which they are published. */
export class Aggregation {
  private readonly settings: AggregationSettings;
  private readonly around: AggregationSurroundings;
  private readonly windows = new Map<number, Window>();
  private flowsHeld = 0;
  /** Windows that start before this moment have been published. */
  private nextWindowStart: number;
  private cancelAppointment: () => void = () => {};

  constructor(settings: AggregationSettings, around: AggregationSurroundings) {
    this.settings = settings;
    this.around = around;
    const delay = settings.publishDelaySeconds;
    this.nextWindowStart = this.windowStart(around.clock.nowMs() / 1000 - delay - settings.windowSeconds) + settings.windowSeconds;
    this.makeAppointment();
  }

  private windowStart(seconds: number): number {
    const { windowSeconds } = this.settings;
    return Math.floor(seconds / windowSeconds) * windowSeconds;
  }

  private makeAppointment(): void {
    const { windowSeconds, publishDelaySeconds } = this.settings;
    const dueMs = (this.nextWindowStart + windowSeconds + publishDelaySeconds) * 1000;
    this.cancelAppointment = this.around.clock.at(dueMs, async () => {
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

  /** Lets every flow log that watches the packet's ENI count it. */
  count(sighting: Sighting): Captured {
    const watching = this.watching(sighting.eni, sighting.timeMs);
    if (watching.length === 0) return "unwatched";
    let captured: Captured = "unwatched";
    for (const flowLog of watching) {
      const outcome = this.countFor(flowLog, sighting);
      if (outcome === "skipped" || captured !== "skipped") captured = outcome;
    }
    return captured;
  }

  /** Notes that an ENI had traffic that no record will show: such a window has data, so it is not NODATA. */
  noteTraffic(eni: Placement, timeMs: number): void {
    const start = this.windowStart(timeMs / 1000);
    if (start < this.nextWindowStart) return;
    for (const flowLog of this.watching(eni, timeMs)) this.sumsOf(start, flowLog, eni).hasTraffic = true;
  }

  private watching(eni: Placement, timeMs: number): FlowLog[] {
    const isWatching = (flowLog: FlowLog) => flowLog.enabled && flowLog.createdMs <= timeMs && watches(flowLog, eni);
    return [...this.around.flowLogs()].filter(isWatching);
  }

  private countFor(flowLog: FlowLog, sighting: Sighting): Captured {
    const start = this.windowStart(sighting.timeMs / 1000);
    const isLate = start < this.nextWindowStart;
    const sums = this.sumsOf(start, flowLog, sighting.eni);
    sums.hasTraffic = true;
    if (!asksFor(flowLog.trafficType, sighting.action)) return "captured";
    const key = flowKey(sighting);
    const flow = sums.flows.get(key);
    if (isLate || (flow === undefined && this.flowsHeld >= this.settings.maxFlows)) {
      sums.skippedPackets++;
      sums.skippedBytes += sighting.bytes;
      return "skipped";
    }
    if (flow === undefined) {
      this.flowsHeld++;
      sums.flows.set(key, begin(sighting));
    } else add(flow, sighting);
    return "captured";
  }

  private sumsOf(start: number, flowLog: FlowLog, eni: Placement): Sums {
    const window: Window = this.windows.get(start) ?? new Map<string, Sums>();
    this.windows.set(start, window);
    const key = `${flowLog.id} ${eni.id}`;
    let sums = window.get(key);
    if (sums === undefined) {
      sums = { flowLog, eni, flows: new Map(), hasTraffic: false, skippedPackets: 0, skippedBytes: 0 };
      window.set(key, sums);
    }
    return sums;
  }

  /** Publishes a window, and what came too late for the ones before it. */
  private async publishWindow(start: number): Promise<void> {
    this.addSilentEnis(start);
    const due = [...this.windows.keys()].filter((each) => each <= start).toSorted((a, b) => a - b);
    const byTopic = new Map<string, PublishedRecord[]>();
    for (const each of due) {
      for (const sums of this.windows.get(each)!.values()) {
        this.flowsHeld -= sums.flows.size;
        const records = byTopic.get(sums.flowLog.topicId) ?? [];
        byTopic.set(sums.flowLog.topicId, records);
        records.push(...this.recordsOf(sums, each));
      }
      this.windows.delete(each);
    }
    // The length is part of the name: a backend may be started again with windows of another length.
    const publication = `${this.settings.windowSeconds}s ${start}`;
    for (const [topicId, records] of byTopic) await this.around.publish(topicId, publication, records);
  }

  /** Makes sure that every watched ENI has its place in the window, so that one without traffic gets its NODATA. */
  private addSilentEnis(start: number): void {
    const endMs = (start + this.settings.windowSeconds) * 1000;
    for (const flowLog of this.around.flowLogs()) {
      if (!flowLog.enabled || flowLog.createdMs >= endMs) continue;
      for (const eni of this.around.enis()) {
        if (eni.createdMs < endMs && watches(flowLog, eni)) this.sumsOf(start, flowLog, eni);
      }
    }
  }

  private recordsOf(sums: Sums, windowStart: number): PublishedRecord[] {
    const records = [...sums.flows.values()].map((flow) => this.flowRecord(flow));
    const isSkipped = sums.skippedPackets > 0;
    if (isSkipped) records.push(this.statusRecord(sums, windowStart, "SKIPDATA"));
    else if (!sums.hasTraffic) records.push(this.statusRecord(sums, windowStart, "NODATA"));
    return records;
  }

  private flowRecord({ first, reason, packets, bytes, startSeconds, endSeconds }: Flow): PublishedRecord {
    const record: FlowRecord = {
      version: recordVersion,
      accountId: this.settings.accountId,
      interfaceId: first.eni.id,
      srcAddr: first.srcAddr,
      dstAddr: first.dstAddr,
      srcPort: first.srcPort,
      dstPort: first.dstPort,
      protocol: first.protocol,
      packets,
      bytes,
      // Assumed: the field table says the window's times, the printed ping records the flow's own; the records win.
      start: startSeconds,
      end: endSeconds,
      action: first.action,
      logStatus: "OK",
    };
    return { record, eni: first.eni, direction: first.direction, reason, skippedPackets: 0, skippedBytes: 0 };
  }

  private statusRecord(sums: Sums, windowStart: number, logStatus: "NODATA" | "SKIPDATA"): PublishedRecord {
    const record: FlowRecord = {
      version: recordVersion,
      accountId: this.settings.accountId,
      interfaceId: sums.eni.id,
      srcAddr: undefined,
      dstAddr: undefined,
      srcPort: undefined,
      dstPort: undefined,
      protocol: undefined,
      packets: undefined,
      bytes: undefined,
      action: undefined,
      start: windowStart,
      end: windowStart + this.settings.windowSeconds,
      logStatus,
    };
    const { skippedPackets, skippedBytes } = sums;
    return { record, eni: sums.eni, direction: undefined, reason: undefined, skippedPackets, skippedBytes };
  }

  /** What the open windows hold, as plain values. */
  save() {
    return [...this.windows].map(([start, window]) => ({
      start,
      sums: [...window.values()].map(({ flows, ...sums }) => ({ ...sums, flows: [...flows.values()] })),
    }));
  }

  /** Takes up what {@link save} gave. */
  restore(saved: ReturnType<Aggregation["save"]>): void {
    for (const { start, sums } of saved) {
      for (const { flows, ...rest } of sums) {
        const restored = this.sumsOf(start, rest.flowLog, rest.eni);
        Object.assign(restored, rest, { flows: new Map(flows.map((flow) => [flowKey(flow.first), flow])) });
        this.flowsHeld += flows.length;
      }
    }
  }

  /** How many records the open windows would give a topic now. */
  pendingRecords(topicId: string): number {
    let pending = 0;
    for (const window of this.windows.values()) {
      for (const { flowLog, flows, skippedPackets } of window.values()) {
        if (flowLog.topicId === topicId) pending += flows.size + (skippedPackets > 0 ? 1 : 0);
      }
    }
    return pending;
  }
}

function asksFor(trafficType: TrafficType, action: Action): boolean {
  return trafficType === "ALL" || trafficType === action;
}

function flowKey(sighting: Sighting): string {
  const { srcAddr, dstAddr, srcPort, dstPort, protocol, direction, action } = sighting;
  return `${srcAddr} ${dstAddr} ${srcPort} ${dstPort} ${protocol} ${direction} ${action}`;
}

function begin(sighting: Sighting): Flow {
  const seconds = Math.floor(sighting.timeMs / 1000);
  const { reason, bytes } = sighting;
  return { first: sighting, reason, packets: 1, bytes, startSeconds: seconds, endSeconds: seconds };
}

function add(flow: Flow, sighting: Sighting): void {
  const seconds = Math.floor(sighting.timeMs / 1000);
  flow.packets++;
  flow.bytes += sighting.bytes;
  flow.startSeconds = Math.min(flow.startSeconds, seconds);
  flow.endSeconds = Math.max(flow.endSeconds, seconds);
  // What rejects may change with the rules: the latest counts. What allowed is the rule that let the first packet in.
  if (sighting.action === "REJECT") flow.reason = sighting.reason;
}
