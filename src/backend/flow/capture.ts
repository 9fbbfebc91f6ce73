/** Capture: which flow logs see the packets of an ENI at a moment. */
import { type FlowLog, type Placement, watches } from "./flow-log.ts";

/** An ENI and the flow logs that see a packet there; the same ENI and flow logs are always the same capture. */
export interface Capture {
  readonly key: string;
  readonly eni: Placement;
  readonly flowLogs: readonly FlowLog[];
  /** Whether any of them asks for accepted, for rejected packets. */
  readonly wantsAccepted: boolean;
  readonly wantsRejected: boolean;
}

/** What capture asks of the rest of the cloud. */
export interface CaptureSurroundings {
  readonly flowLogs: () => Iterable<FlowLog>;
  /** Grows with every change of any flow log. */
  readonly flowLogsRevision: () => number;
}

/** An ENI's capture, as long as no flow log and nothing of the ENI changes. */
export interface Watch {
  readonly eni: Placement;
  readonly whole: Capture;
  /** When the newest of the flow logs was made: packets from before it are not for all of them. */
  readonly newestMs: number;
}

/** Finds captures, and remembers each ENI's as long as no flow log changes. */
export class Captures {
  private readonly around: CaptureSurroundings;
  private readonly watches = new Map<string, Watch>();
  /** The one that was asked for last: mostly it is asked for again. */
  private latest: Watch | undefined;
  /** The flow logs' revision that they are of. */
  private revision = -1;

  constructor(around: CaptureSurroundings) {
    this.around = around;
  }

  /** Which flow logs watch an ENI now. */
  watch(eni: Placement): Watch {
    const revision = this.around.flowLogsRevision();
    if (revision !== this.revision) {
      this.watches.clear();
      this.latest = undefined;
      this.revision = revision;
    }
    if (this.latest?.eni === eni) return this.latest;
    const known = this.watches.get(eni.id);
    if (known?.eni === eni) return (this.latest = known);
    const watching = [...this.around.flowLogs()].filter((flowLog) => flowLog.enabled && watches(flowLog, eni));
    const newestMs = Math.max(0, ...watching.map(({ createdMs }) => createdMs));
    const watch = { eni, whole: makeCapture(eni, watching), newestMs };
    this.watches.set(eni.id, watch);
    this.latest = watch;
    return watch;
  }
}

/** The capture of a packet at an ENI: the enabled flow logs that were there when it was sent. */
export function captureAt({ eni, whole, newestMs }: Watch, timeMs: number): Capture {
  if (newestMs <= timeMs) return whole;
  return makeCapture(eni, whole.flowLogs.filter(({ createdMs }) => createdMs <= timeMs));
}

/** The capture of some flow logs at an ENI. */
export function makeCapture(eni: Placement, flowLogs: readonly FlowLog[]): Capture {
  const { id, vpcId, subnetId } = eni;
  return {
    key: [id, ...flowLogs.map((each) => each.id)].join(" "),
    eni: { id, vpcId, subnetId },
    flowLogs,
    wantsAccepted: flowLogs.some(({ trafficType }) => trafficType !== "REJECT"),
    wantsRejected: flowLogs.some(({ trafficType }) => trafficType !== "ACCEPT"),
  };
}
