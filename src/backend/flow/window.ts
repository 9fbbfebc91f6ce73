/** One capture window: the sums of its flows, what could not be counted, and which ENIs had any traffic at all. */
import { type Capture, captureAt, makeCapture, type Watch } from "./capture.ts";
import type { FlowLog, Placement } from "./flow-log.ts";
import { type FlowPacket, FlowTable, type SavedFlows } from "./flow-table.ts";

/** Packets and their bytes. */
export interface Sum {
  packets: number;
  bytes: number;
}

/** What a capture holds in a window beside its flows. */
export interface Sums {
  readonly capture: Capture;
  /** Its number in the window's flow table. */
  readonly place: number;
  /** How many flows it has. */
  accepted: number;
  rejected: number;
  /** What came too late or found no room. */
  readonly skippedAccepted: Sum;
  readonly skippedRejected: Sum;
}

/** A capture and its sums in a window; none where no flow log sees the packet. */
export interface Summed {
  readonly capture: Capture;
  readonly sums: Sums | undefined;
}

/** A window as it is kept while the backend is stopped. */
export interface SavedWindow {
  readonly start: number;
  readonly flows: SavedFlows;
  readonly sums: readonly (Omit<Sums, "capture" | "place"> & { readonly eni: Placement; readonly flowLogs: readonly FlowLog[] })[];
  readonly busyEnis: readonly string[];
}

/** Most ENIs whose sums are found at once. */
const maxWatches = 10_000;

/** A capture window. */
export class Window {
  /** Unix seconds. */
  readonly start: number;
  flows = new FlowTable();
  readonly sums: Sums[] = [];
  /** The ENIs to which anything was offered, whoever watched. */
  readonly busyEnis = new Set<string>();
  private readonly byCapture = new Map<string, Sums>();
  /** Where the packets of an ENI are summed, as long as the same flow logs watch it. */
  private readonly byWatch = new Map<Watch, Summed>();
  /** The one that was asked for last, and its sums. */
  private latestWatch: Watch | undefined;
  private latestSummed!: Summed;

  constructor(start: number) {
    this.start = start;
  }

  /** Where a packet at an ENI is summed, which is busy with it. */
  at(watch: Watch, timeMs: number): Summed {
    if (watch.newestMs > timeMs) return this.begin(watch, timeMs);
    const known = this.known(watch);
    if (known !== undefined) return known;
    const summed = this.begin(watch, timeMs);
    // Flow logs that come and go leave old ones behind.
    if (this.byWatch.size >= maxWatches) this.byWatch.clear();
    this.byWatch.set(watch, summed);
    return summed;
  }

  /** The place of the sums that {@link Window.at} gave before; undefined where it gave none. */
  knownPlace(watch: Watch): number | undefined {
    return this.known(watch)?.sums?.place;
  }

  private known(watch: Watch): Summed | undefined {
    if (watch === this.latestWatch) return this.latestSummed;
    const known = this.byWatch.get(watch);
    if (known === undefined) return undefined;
    this.latestWatch = watch;
    this.latestSummed = known;
    return known;
  }

  private begin(watch: Watch, timeMs: number): Summed {
    this.busyEnis.add(watch.eni.id);
    const capture = captureAt(watch, timeMs);
    return { capture, sums: capture.flowLogs.length === 0 ? undefined : this.of(capture) };
  }

  /** The sums of a capture, empty at first. */
  of(capture: Capture): Sums {
    const known = this.byCapture.get(capture.key);
    if (known !== undefined) return known;
    const sums: Sums = {
      capture,
      place: this.sums.length,
      accepted: 0,
      rejected: 0,
      skippedAccepted: { packets: 0, bytes: 0 },
      skippedRejected: { packets: 0, bytes: 0 },
    };
    this.sums.push(sums);
    this.byCapture.set(capture.key, sums);
    return sums;
  }

  /** Counts a packet in its flow; false where the flow is new and there is no room. */
  count(sums: Sums, packet: FlowPacket, hasRoom: boolean): boolean {
    const entry = this.flows.find(sums.place, packet);
    if (entry !== -1) {
      this.flows.add(entry, packet);
      return true;
    }
    if (!hasRoom) return false;
    this.flows.begin(sums.place, packet);
    if (packet.isRejected) sums.rejected++;
    else sums.accepted++;
    return true;
  }

  /** Everything in the window, as plain values. */
  save(): SavedWindow {
    const sums = this.sums.map(({ capture, place: _, ...rest }) => ({ ...rest, eni: capture.eni, flowLogs: capture.flowLogs }));
    return { start: this.start, flows: this.flows.save(), sums, busyEnis: [...this.busyEnis] };
  }

  /** The window that {@link save} told of. */
  static restored({ start, flows, sums, busyEnis }: SavedWindow): Window {
    const window = new Window(start);
    for (const { eni, flowLogs, ...rest } of sums) Object.assign(window.of(makeCapture(eni, flowLogs)), rest);
    window.flows = FlowTable.restored(flows);
    for (const id of busyEnis) window.busyEnis.add(id);
    return window;
  }
}
