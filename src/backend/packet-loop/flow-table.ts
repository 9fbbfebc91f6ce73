/**
 * Sums captured packets into records by capture window and 5-tuple, without a backend: what `flowlogs aggregate` does.
 *
 * A window is written when the packets' time has passed its end by the lateness bound and memory is wanted back; a
 * packet that comes later still opens it again, and its flow then has two records. Nothing is dropped.
 */
import { farTimes, noTime, slotBytes, slotCount, slotSeconds, sumsFragment, sumsFull, sumsOtherWindow } from "./layout.ts";
import { FragmentSums, type PendingSums } from "./fragment-sums.ts";
import { type LoopMemory, LoopMemoryFull } from "./module.ts";

/** How packets are summed. */
export interface SumOptions {
  /** Seconds of a capture window; 0 for one window that holds everything. */
  readonly intervalSeconds: number;
  /** Whether later fragments belong to the ports of their first fragment. */
  readonly reassign: boolean;
  /** Takes a window that is complete, by its address in the loop's memory; it is gone after the call. */
  readonly write: (window: number) => void;
}

/** What became of packets on their way into records. */
export interface SumCounts {
  /** Packets without a time, which belong to no window (unless there is only one). */
  untimed: number;
  /** Windows that were opened again by packets that came late. */
  reopened: number;
  /** Most flows that were in memory at a time. */
  mostFlows: number;
}

/** Packets may come so many seconds after the end of their window without opening it again: the publish delay. */
const latenessSeconds = 300;

/** Soon after its end a window hardly meets another packet: its index is memory for flows of the next. */
const indexedSeconds = 2;

/** Complete windows stay in memory while they are few: small captures need no order at all. */
const keptUnits = 262_144;

const firstIndexBits = 12;
const everything = 0;

interface OpenWindow {
  readonly start: number;
  /** Its address in the loop's memory. */
  readonly at: number;
  /** Whether its index was dropped once; what comes late all the same finds one, and that stays. */
  wasDropped: boolean;
}

/** The windows that are open, and the way into them. */
export class FlowTable {
  readonly counts: SumCounts = { untimed: 0, reopened: 0, mostFlows: 0 };
  private readonly memory: LoopMemory;
  private readonly options: SumOptions;
  private readonly fragments: FragmentSums;
  /** In the order of their times. */
  private readonly windows: OpenWindow[] = [];
  private readonly writtenStarts = new Set<number>();
  /** The latest time of any packet so far that began a run. */
  private latest = Number.NEGATIVE_INFINITY;
  /** From this second on the first window may be due. */
  private dueAt = Number.POSITIVE_INFINITY;
  /** The window the loop sums into, and whether the times that belong to it are set. */
  private current = 0;
  private isSet = false;

  constructor(memory: LoopMemory, options: SumOptions) {
    this.memory = memory;
    this.options = options;
    this.fragments = new FragmentSums(memory, (start, slot, pending) => this.addPending(start, slot, pending));
  }

  /**
   * Sums the packets in the slots from `at` to `end`, as far as their times do not pass `until` (seconds); gives the
   * place of the first that does, or the end.
   */
  sum(at: number, end: number, until = Number.POSITIVE_INFINITY): number {
    const { loop } = this.memory;
    let place = at;
    if (until !== Number.POSITIVE_INFINITY) this.isSet = false;
    while (place < end) {
      const step = this.isSet ? "inside" : this.enter(place, until);
      if (step === "later") return place;
      if (step === "untimed") {
        this.counts.untimed++;
        place += this.slotsOf(place) * slotBytes;
        continue;
      }
      place = loop.sum(place, end) >>> 0;
      const stop = loop.sumsStop.value;
      if (stop === sumsFull) throw new LoopMemoryFull();
      if (stop === sumsFragment) place = this.settle(place);
      else if (stop === sumsOtherWindow) this.isSet = false;
    }
    return place;
  }

  /** Writes everything that is still open. */
  finish(): void {
    while (this.windows.length > 0) this.closeFirst();
  }

  /** The time of the packet at a place, in seconds; infinite where it has none. */
  secondsAt(place: number): number {
    const code = this.memory.numbers().getUint32(place + slotSeconds, true);
    if (code < farTimes) return code;
    return code === noTime ? Number.POSITIVE_INFINITY : Number(this.memory.loop.farSeconds(code));
  }

  private slotsOf(place: number): number {
    return this.memory.numbers().getUint8(place + slotCount);
  }

  /** Makes the window of the packet at a place the current one, and sets the times that belong to it. */
  private enter(place: number, until: number): "inside" | "later" | "untimed" {
    const { loop } = this.memory;
    if (this.options.intervalSeconds === everything) {
      this.use(this.windowFrom(everything).at);
      loop.setTimes(0, 0, 1);
      this.isSet = true;
      return "inside";
    }
    const seconds = this.secondsAt(place);
    if (seconds === Number.POSITIVE_INFINITY) return "untimed";
    if (seconds > until) return "later";
    this.latest = Math.max(this.latest, seconds);
    if (this.latest >= this.dueAt) this.closeDue();
    const start = this.startOf(seconds);
    this.use(this.windowFrom(start).at);
    const code = this.memory.numbers().getUint32(place + slotSeconds, true);
    if (code >= farTimes) loop.setTimes(code, 1, 0);
    else this.setTimes(start, until);
    this.isSet = true;
    return "inside";
  }

  /** Of a window's times those that pass neither `until` nor the time from which on something is due. */
  private setTimes(start: number, until: number): void {
    const first = Math.max(0, start);
    const end = Math.min(start + this.options.intervalSeconds, until + 1, this.dueAt, farTimes);
    this.memory.loop.setTimes(first, end - first, 0);
  }

  /** Settles a fragment's ports, or keeps it aside; gives the place to go on. */
  private settle(place: number): number {
    const { intervalSeconds, reassign } = this.options;
    if (!reassign) this.fragments.leave(place);
    else {
      const start = intervalSeconds === everything ? everything : this.startOf(this.secondsAt(place));
      if (!this.fragments.settle(place, start)) return place + this.slotsOf(place) * slotBytes;
    }
    return place;
  }

  private startOf(seconds: number): number {
    return Math.floor(seconds / this.options.intervalSeconds) * this.options.intervalSeconds;
  }

  private windowFrom(start: number): OpenWindow {
    const { windows } = this;
    let place = windows.length;
    while (place > 0 && windows[place - 1]!.start > start) place--;
    const found = windows[place - 1];
    if (found?.start === start) return found;
    const at = this.memory.loop.openWindow(firstIndexBits) >>> 0;
    if (at === 0) throw new LoopMemoryFull();
    const window = { start, at, wasDropped: false };
    windows.splice(place, 0, window);
    if (this.writtenStarts.has(start)) this.counts.reopened++;
    this.setDue();
    return window;
  }

  private use(at: number): void {
    if (at === this.current) return;
    this.current = at;
    // The times that are set belong to another window.
    this.isSet = false;
    this.memory.loop.useWindow(at);
    if (at !== 0 && !this.memory.loop.makeIndex()) throw new LoopMemoryFull();
  }

  /** Something is due when the first window or an index is, but not before the second that comes after the last look. */
  private setDue(): void {
    const { windows } = this;
    this.dueAt = Number.POSITIVE_INFINITY;
    if (windows.length === 0 || this.options.intervalSeconds === everything) return;
    const indexed = windows.find(({ wasDropped }) => !wasDropped);
    const due = Math.min(this.endOf(windows[0]!) + latenessSeconds, indexed === undefined ? Infinity : this.endOf(indexed) + indexedSeconds);
    this.dueAt = Math.max(due, Math.floor(this.latest) + 1);
  }

  private endOf({ start }: OpenWindow): number {
    return start + this.options.intervalSeconds;
  }

  private closeDue(): void {
    if (this.isFull) this.dropIndexes();
    while (this.isFull && this.latest >= this.endOf(this.windows[0]!) + latenessSeconds) this.closeFirst();
    this.setDue();
  }

  private dropIndexes(): void {
    this.use(0);
    for (const window of this.windows) {
      if (window.wasDropped || this.latest < this.endOf(window) + indexedSeconds) continue;
      window.wasDropped = true;
      this.memory.loop.dropIndex(window.at);
    }
  }

  /** Whether the open windows have so many units that complete ones are to go. */
  private get isFull(): boolean {
    return this.memory.loop.held.value >>> 0 > keptUnits;
  }

  private closeFirst(): void {
    const window = this.windows[0]!;
    this.counts.mostFlows = Math.max(this.counts.mostFlows, this.memory.loop.heldFlows.value >>> 0);
    this.fragments.settleWindow(window.start);
    this.options.write(window.at);
    this.windows.shift();
    this.writtenStarts.add(window.start);
    this.memory.loop.useWindow(0);
    this.current = 0;
    this.isSet = false;
    this.memory.loop.closeWindow(window.at);
    this.setDue();
  }

  /** Adds what was kept aside to the flow that it turned out to belong to. */
  private addPending(start: number, slot: number, pending: PendingSums): void {
    const { loop } = this.memory;
    this.use(this.windowFrom(start).at);
    const { packets, bytes, first, last } = pending;
    const added = loop.addSums(slot, packets, bytes % 2 ** 32, Math.floor(bytes / 2 ** 32), first, last);
    if (!added) throw new LoopMemoryFull();
  }
}
