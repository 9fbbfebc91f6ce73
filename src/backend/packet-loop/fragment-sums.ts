/** Gives fragments the ports of their first fragment, wherever in the capture that is. */
import {
  farTimes,
  formFirstFragment,
  formIpv6,
  noTime,
  slotBytes,
  slotForm,
  slotLength,
  slotNanos,
  slotPorts,
  slotProtocol,
  slotSeconds,
} from "./layout.ts";
import type { LoopMemory } from "./module.ts";

/** Later fragments of one packet in one window. */
export interface PendingSums {
  packets: number;
  bytes: number;
  /** Seconds, or time codes. */
  first: number;
  last: number;
  /** The slots of one of them. */
  readonly slots: Uint8Array;
}

/** Most fragmented packets that are followed at one time; the oldest is forgotten first. */
const maxFollowed = 262_144;

/** Adds sums to the flow of a slot in the window that starts at that time. */
type Add = (start: number, slot: number, pending: PendingSums) => void;

/**
 * The ports of first fragments by (source, destination, protocol, IP identification), and the later ones, which wait
 * for the end of their window: the first fragment may come after them. Of several, the last one counts.
 */
export class FragmentSums {
  private readonly memory: LoopMemory;
  private readonly add: Add;
  private readonly scratch: number;
  private readonly portsOf = new Map<string, number>();
  private readonly pending = new Map<number, Map<string, PendingSums>>();

  constructor(memory: LoopMemory, add: Add) {
    this.memory = memory;
    this.add = add;
    this.scratch = memory.allocate(2 * slotBytes);
  }

  /** Lets a fragment keep the ports it has. */
  leave(place: number): void {
    this.memory.loop.settlePorts(place, this.memory.numbers().getUint32(place + slotPorts, true));
  }

  /** Notes the ports of a first fragment, whose slot is one of any packet then; keeps a later one aside: false. */
  settle(place: number, start: number): boolean {
    const view = this.memory.numbers();
    const key = this.keyAt(place);
    if ((view.getUint8(place + slotForm) & formFirstFragment) === 0) {
      this.keepAside(place, key, start);
      return false;
    }
    this.portsOf.delete(key);
    this.portsOf.set(key, view.getUint32(place + slotPorts, true));
    if (this.portsOf.size > maxFollowed) this.portsOf.delete(this.portsOf.keys().next().value!);
    this.leave(place);
    return true;
  }

  /** The window is about to be written: adds the fragments that wait for it. */
  settleWindow(start: number): void {
    const waiting = this.pending.get(start);
    if (waiting === undefined) return;
    this.pending.delete(start);
    for (const [key, pending] of waiting) {
      this.memory.bytes(this.scratch, 2 * slotBytes).set(pending.slots);
      this.memory.loop.settlePorts(this.scratch, this.portsOf.get(key) ?? 0);
      this.add(start, this.scratch, pending);
    }
  }

  private keyAt(place: number): string {
    const view = this.memory.numbers();
    const isIpv6 = (view.getUint8(place + slotForm) & formIpv6) !== 0;
    const [from, length] = isIpv6 ? [place + slotBytes, 32] : [place, 8];
    const addresses = Buffer.from(this.memory.bytes(from, length)).toString("latin1");
    return `${addresses}${view.getUint8(place + slotProtocol)} ${view.getUint32(place + slotNanos, true)}`;
  }

  private keepAside(place: number, key: string, start: number): void {
    const view = this.memory.numbers();
    const seconds = view.getUint32(place + slotSeconds, true);
    const bytes = view.getUint32(place + slotLength, true);
    let waiting = this.pending.get(start);
    const known = waiting?.get(key);
    if (known === undefined) {
      if (waiting !== undefined && waiting.size >= maxFollowed) {
        this.settleWindow(start);
        waiting = undefined;
      }
      waiting ??= new Map<string, PendingSums>();
      const slots = Uint8Array.from(this.memory.bytes(place, 2 * slotBytes));
      waiting.set(key, { packets: 1, bytes, first: seconds, last: seconds, slots });
      this.pending.set(start, waiting);
      return;
    }
    known.packets++;
    known.bytes += bytes;
    if (seconds === noTime) return;
    if (known.first === noTime || this.wide(seconds) < this.wide(known.first)) known.first = seconds;
    if (known.last === noTime || this.wide(seconds) > this.wide(known.last)) known.last = seconds;
  }

  /** The seconds that a time code stands for. */
  private wide(code: number): number {
    return code < farTimes ? code : Number(this.memory.loop.farSeconds(code));
  }
}
