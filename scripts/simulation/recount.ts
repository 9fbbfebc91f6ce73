/**
 * The naive re-count: what the records of every flow log must be, found by remembering every packet.
 *
 * It is told what happens, one thing after the other, and keeps lists; it shares no code with aggregation. Verdicts it
 * takes as given (`npm run oracle -- nftables` is about those).
 */

/** A packet at an ENI, after its verdict. */
export interface Seen {
  readonly eniId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly timeMs: number;
  readonly bytes: number;
  /** `src dst sport dport protocol`, as a record shows them. */
  readonly tuple: string;
  readonly direction: string;
  readonly action: "ACCEPT" | "REJECT";
  readonly reason: string;
}

/** A flow log as the re-count knows it. */
export interface KnownFlowLog {
  readonly id: string;
  readonly resourceId: string;
  readonly trafficType: "ACCEPT" | "REJECT" | "ALL";
  readonly topicId: string;
  readonly createdMs: number;
  isEnabled: boolean;
}

interface KnownEni {
  readonly id: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly createdMs: number;
}

/** One flow of one flow log in one window at one ENI. */
interface ExpectedFlow {
  readonly topicId: string;
  readonly eniId: string;
  readonly tuple: string;
  readonly action: string;
  readonly direction: string;
  packets: number;
  bytes: number;
  start: number;
  end: number;
  /** Those of its packets, in their order. */
  readonly reasons: string[];
}

/** How the backend that is checked was started. */
export interface RecountSettings {
  readonly windowSeconds: number;
  readonly publishDelaySeconds: number;
  readonly maxFlows: number;
  readonly appId: string;
}

/** Packets and bytes. */
export interface Skipped {
  packets: number;
  bytes: number;
}

/** Remembers everything, and says what must have been published. */
export class Recount {
  readonly flowLogs = new Map<string, KnownFlowLog>();
  readonly enis = new Map<string, KnownEni>();
  /** By flow log, window, ENI, 5-tuple, direction and action. */
  readonly flows = new Map<string, ExpectedFlow>();
  /** By topic, ENI and window's start. */
  readonly skipped = new Map<string, Skipped>();
  /** By topic: the lines of NODATA records. */
  readonly silent = new Map<string, string[]>();
  private readonly settings: RecountSettings;
  private readonly busy = new Set<string>();
  /** Flows in memory, by window. */
  private readonly held = new Map<number, Set<string>>();
  private nowSeconds: number;
  private nextWindow: number;

  constructor(settings: RecountSettings, nowMs: number) {
    this.settings = settings;
    this.nowSeconds = nowMs / 1000;
    this.nextWindow = this.startOf(this.nowSeconds - settings.publishDelaySeconds);
  }

  private startOf(seconds: number): number {
    return seconds - (((seconds % this.settings.windowSeconds) + this.settings.windowSeconds) % this.settings.windowSeconds);
  }

  /** Time goes on: whatever is due on the way is published. */
  moveTo(ms: number): void {
    this.nowSeconds = Math.max(this.nowSeconds, ms / 1000);
    const { windowSeconds, publishDelaySeconds } = this.settings;
    while (this.nextWindow + windowSeconds + publishDelaySeconds <= this.nowSeconds) {
      this.publish(this.nextWindow);
      this.nextWindow += windowSeconds;
    }
  }

  private publish(start: number): void {
    this.held.delete(start);
    const endMs = (start + this.settings.windowSeconds) * 1000;
    for (const flowLog of this.flowLogs.values()) {
      if (!flowLog.isEnabled || flowLog.createdMs >= endMs) continue;
      for (const eni of this.enis.values()) {
        const isWatched = [eni.id, eni.subnetId, eni.vpcId].includes(flowLog.resourceId);
        if (!isWatched || eni.createdMs >= endMs || this.busy.has(`${start} ${eni.id}`)) continue;
        const line = `2 ${this.settings.appId} ${eni.id} - - - - - - - ${start} ${start + this.settings.windowSeconds} - NODATA`;
        this.silent.set(flowLog.topicId, [...(this.silent.get(flowLog.topicId) ?? []), line]);
      }
    }
  }

  /** An ENI has traffic that no record shows. */
  leaveOut(eniId: string, timeMs: number): void {
    this.busy.add(`${this.startOf(Math.floor(timeMs / 1000))} ${eniId}`);
  }

  /** A packet at an ENI. */
  see(seen: Seen): "captured" | "unwatched" | "skipped" {
    const second = Math.floor(seen.timeMs / 1000);
    const start = this.startOf(second);
    const isLate = start < this.nextWindow;
    if (!isLate) this.busy.add(`${start} ${seen.eniId}`);
    const watching = [...this.flowLogs.values()].filter(
      ({ isEnabled, createdMs, resourceId }) =>
        isEnabled && createdMs <= seen.timeMs && [seen.eniId, seen.subnetId, seen.vpcId].includes(resourceId),
    );
    if (watching.length === 0) return "unwatched";
    const wanting = watching.filter(({ trafficType }) => trafficType === "ALL" || trafficType === seen.action);
    if (wanting.length === 0) return "captured";
    const flow = `${seen.eniId} ${seen.tuple} ${seen.direction} ${seen.action}`;
    // One flow, seen by the same flow logs, takes one place in memory.
    const place = `${flow} ${watching.map(({ id }) => id).join(" ")}`;
    if (isLate || !this.hasRoom(start, place)) {
      for (const { topicId } of wanting) this.skip(`${topicId} ${seen.eniId} ${start}`, seen.bytes);
      return "skipped";
    }
    for (const { id, topicId } of wanting) this.count(`${id} ${start} ${flow}`, topicId, seen, second);
    return "captured";
  }

  private hasRoom(start: number, place: string): boolean {
    const places = this.held.get(start) ?? new Set();
    this.held.set(start, places);
    if (places.has(place)) return true;
    let all = 0;
    for (const { size } of this.held.values()) all += size;
    if (all >= this.settings.maxFlows) return false;
    places.add(place);
    return true;
  }

  private skip(key: string, bytes: number): void {
    const sum = this.skipped.get(key) ?? { packets: 0, bytes: 0 };
    sum.packets++;
    sum.bytes += bytes;
    this.skipped.set(key, sum);
  }

  private count(key: string, topicId: string, seen: Seen, second: number): void {
    const { eniId, tuple, action, direction, bytes, reason } = seen;
    const flow = this.flows.get(key) ?? { topicId, eniId, tuple, action, direction, packets: 0, bytes: 0, start: second, end: second, reasons: [] };
    flow.packets++;
    flow.bytes += bytes;
    flow.start = Math.min(flow.start, second);
    flow.end = Math.max(flow.end, second);
    flow.reasons.push(reason);
    this.flows.set(key, flow);
  }

  /** The lines of a topic's OK and NODATA records, in no order. */
  lines(topicId: string): string[] {
    const ok = [...this.flows.values()]
      .filter((flow) => flow.topicId === topicId)
      .map((flow) => `2 ${this.settings.appId} ${flow.eniId} ${flow.tuple} ${flow.packets} ${flow.bytes} ${flow.start} ${flow.end} ${flow.action} OK`);
    return [...ok, ...(this.silent.get(topicId) ?? [])];
  }
}
