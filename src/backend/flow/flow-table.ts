/**
 * Flows and their sums in flat memory: one entry per (capture, 5-tuple, direction, action), about 70 bytes each.
 *
 * Entries stand in the order they came, so the same packets give the same table, byte for byte.
 */
import type { Reason } from "../vpc/reason.ts";

/** What tells one flow from another, and what is counted of a packet of it. */
export interface FlowPacket {
  /** IPv4 addresses as numbers; of IPv6 addresses, 0. */
  src: number;
  dst: number;
  /** IPv6 addresses in canonical spelling; empty of IPv4. */
  srcText: string;
  dstText: string;
  /** Source port in the upper half, destination port in the lower. */
  ports: number;
  protocol: number;
  isEgress: boolean;
  isRejected: boolean;
  bytes: number;
  /** Unix seconds, whole. */
  seconds: number;
  reason: Reason;
}

/** Bits of an entry's traits beside the protocol, which takes the lowest eight. */
export const Trait = { ipv6: 0x100, egress: 0x200, rejected: 0x400 } as const;

const wholeColumns = ["capture", "src", "dst", "ports", "traits", "start", "end", "reason"] as const;
const sumColumns = ["packets", "bytes"] as const;

/** A table as it is kept while the backend is stopped: columns as base64 of little-endian numbers. */
export interface SavedFlows {
  readonly count: number;
  readonly columns: Readonly<Record<string, string>>;
  readonly ipv6: readonly string[];
  readonly reasons: readonly Reason[];
}

const firstCapacity = 16;
const absent = -1;

/** Things numbered in the order of their first use. */
class Places<T> {
  readonly items: T[] = [];
  private readonly places = new Map<string, number>();

  find(key: string): number {
    return this.places.get(key) ?? absent;
  }

  add(key: string, item: T): number {
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const place = this.items.push(item) - 1;
    this.places.set(key, place);
    return place;
  }
}

/** Flows with their sums. Place `i` of every column is flow `i`. */
export class FlowTable {
  count = 0;
  /** The flow that was counted in last. */
  latest = absent;
  /** Whose flow it is: a number that the table's owner gives. */
  capture = new Uint32Array(firstCapacity);
  /** IPv4: the address as a number. IPv6: a place in `ipv6`. */
  src = new Uint32Array(firstCapacity);
  dst = new Uint32Array(firstCapacity);
  /** Source port in the upper half, destination port in the lower. */
  ports = new Uint32Array(firstCapacity);
  traits = new Uint32Array(firstCapacity);
  packets = new Float64Array(firstCapacity);
  bytes = new Float64Array(firstCapacity);
  /** Unix seconds of the first and the last packet. */
  start = new Uint32Array(firstCapacity);
  end = new Uint32Array(firstCapacity);
  /** A place in `reasons`. */
  reason = new Uint32Array(firstCapacity);
  private readonly addresses = new Places<string>();
  private readonly reasonPlaces = new Places<Reason>();
  /** The same by the object itself: a rule gives all its packets one. */
  private readonly knownReasons = new Map<Reason, number>();
  /** Open addressing: an entry's number + 1, or 0. */
  private index = new Uint32Array(firstCapacity * 2);

  /** IPv6 addresses in canonical spelling. */
  get ipv6(): readonly string[] {
    return this.addresses.items;
  }

  get reasons(): readonly Reason[] {
    return this.reasonPlaces.items;
  }

  /** The entry of a packet's flow, or -1 where it has none yet. */
  find(capture: number, packet: FlowPacket): number {
    const isIpv6 = packet.srcText !== "";
    const src = isIpv6 ? this.addresses.find(packet.srcText) : packet.src >>> 0;
    const dst = isIpv6 ? this.addresses.find(packet.dstText) : packet.dst >>> 0;
    if (src === absent || dst === absent) return absent;
    return this.index[this.slotOf(capture, src, dst, packet.ports >>> 0, traitsWord(packet))]! - 1;
  }

  /** Begins a packet's flow, which has none yet, with that packet. */
  begin(capture: number, packet: FlowPacket): void {
    const isIpv6 = packet.srcText !== "";
    const src = isIpv6 ? this.addresses.add(packet.srcText, packet.srcText) : packet.src >>> 0;
    const dst = isIpv6 ? this.addresses.add(packet.dstText, packet.dstText) : packet.dst >>> 0;
    const entry = this.append(capture, src, dst, packet.ports >>> 0, traitsWord(packet));
    this.latest = entry;
    this.packets[entry] = 1;
    this.bytes[entry] = packet.bytes;
    this.start[entry] = packet.seconds;
    this.end[entry] = packet.seconds;
    this.reason[entry] = this.reasonPlace(packet.reason);
  }

  /** Counts one more packet of a flow. */
  add(entry: number, packet: FlowPacket): void {
    this.latest = entry;
    this.packets[entry]!++;
    this.bytes[entry]! += packet.bytes;
    if (packet.seconds < this.start[entry]!) this.start[entry] = packet.seconds;
    if (packet.seconds > this.end[entry]!) this.end[entry] = packet.seconds;
    // What rejects may change with the rules: the latest counts. What allowed is the rule that let the first packet in.
    if (packet.isRejected) this.reason[entry] = this.reasonPlace(packet.reason);
  }

  /** Counts packets of a flow that differ in nothing but their times and lengths. */
  addMany(entry: number, packets: number, bytes: number, start: number, end: number): void {
    this.packets[entry]! += packets;
    this.bytes[entry]! += bytes;
    if (start < this.start[entry]!) this.start[entry] = start;
    if (end > this.end[entry]!) this.end[entry] = end;
  }

  /** Adds a flow of another table under a capture of this one: its sums join those of the same flow. */
  merge(capture: number, from: FlowTable, place: number): void {
    const traits = from.traits[place]!;
    const isIpv6 = (traits & Trait.ipv6) !== 0;
    const own = (word: number) => (isIpv6 ? this.addresses.add(from.ipv6[word]!, from.ipv6[word]!) : word);
    const [src, dst, ports] = [own(from.src[place]!), own(from.dst[place]!), from.ports[place]!];
    const reason = from.reasons[from.reason[place]!]!;
    let entry = this.index[this.slotOf(capture, src, dst, ports, traits)]! - 1;
    if (entry === absent) {
      entry = this.append(capture, src, dst, ports, traits);
      this.start[entry] = from.start[place]!;
      this.end[entry] = from.end[place]!;
      this.reason[entry] = this.reasonPlace(reason);
    } else if ((traits & Trait.rejected) !== 0) this.reason[entry] = this.reasonPlace(reason);
    this.packets[entry]! += from.packets[place]!;
    this.bytes[entry]! += from.bytes[place]!;
    this.start[entry] = Math.min(this.start[entry]!, from.start[place]!);
    this.end[entry] = Math.max(this.end[entry]!, from.end[place]!);
  }

  private append(capture: number, src: number, dst: number, ports: number, traits: number): number {
    if (this.count === this.src.length) this.grow();
    const entry = this.count++;
    this.capture[entry] = capture;
    this.src[entry] = src;
    this.dst[entry] = dst;
    this.ports[entry] = ports;
    this.traits[entry] = traits;
    this.index[this.slotOf(capture, src, dst, ports, traits)] = entry + 1;
    return entry;
  }

  /** Where the index tells of a flow, or would tell of it. */
  private slotOf(capture: number, src: number, dst: number, ports: number, traits: number): number {
    const mask = this.index.length - 1;
    let slot = hash(capture, src, dst, ports, traits) & mask;
    for (;;) {
      const entry = this.index[slot]! - 1;
      if (entry === absent) return slot;
      const isSame =
        this.src[entry] === src &&
        this.dst[entry] === dst &&
        this.ports[entry] === ports &&
        this.traits[entry] === traits &&
        this.capture[entry] === capture;
      if (isSame) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const capacity = this.src.length * 2;
    for (const name of wholeColumns) this[name] = copied(this[name], new Uint32Array(capacity));
    for (const name of sumColumns) this[name] = copied(this[name], new Float64Array(capacity));
    this.index = new Uint32Array(capacity * 2);
    for (let entry = 0; entry < this.count; entry++) this.enter(entry);
  }

  private enter(entry: number): void {
    const slot = this.slotOf(this.capture[entry]!, this.src[entry]!, this.dst[entry]!, this.ports[entry]!, this.traits[entry]!);
    this.index[slot] = entry + 1;
  }

  private reasonPlace(reason: Reason): number {
    const known = this.knownReasons.get(reason);
    if (known !== undefined) return known;
    const { layer, direction, action, id, ruleIndex, because } = reason;
    const place = this.reasonPlaces.add(`${layer} ${direction} ${action} ${id} ${ruleIndex} ${because}`, reason);
    this.knownReasons.set(reason, place);
    return place;
  }

  /** Everything in the table, as plain values. */
  save(): SavedFlows {
    const { count, ipv6, reasons } = this;
    const text = (column: Uint32Array | Float64Array) => {
      const { buffer, byteOffset, byteLength } = column.subarray(0, count);
      return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
    };
    const columns = Object.fromEntries([...wholeColumns, ...sumColumns].map((name) => [name, text(this[name])]));
    return { count, columns, ipv6, reasons };
  }

  /** The table that {@link save} told of. */
  static restored({ count, columns, ipv6, reasons }: SavedFlows): FlowTable {
    const table = new FlowTable();
    while (table.src.length < count) table.grow();
    const bytes = (name: string) => Uint8Array.from(Buffer.from(columns[name]!, "base64")).buffer;
    for (const name of wholeColumns) table[name].set(new Uint32Array(bytes(name)));
    for (const name of sumColumns) table[name].set(new Float64Array(bytes(name)));
    for (const address of ipv6) table.addresses.add(address, address);
    for (const reason of reasons) table.reasonPlace(reason);
    for (let entry = 0; entry < count; entry++) {
      table.count = entry + 1;
      table.enter(entry);
    }
    return table;
  }
}

function traitsWord({ protocol, isEgress, isRejected, srcText }: FlowPacket): number {
  const family = srcText === "" ? 0 : Trait.ipv6;
  return protocol | family | (isEgress ? Trait.egress : 0) | (isRejected ? Trait.rejected : 0);
}

function copied<A extends Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** A spread of five words over 32 bits: multiplied by odd constants, folded. */
function hash(capture: number, src: number, dst: number, ports: number, traits: number): number {
  let mix = Math.imul(src, 0x9e3779b1) ^ Math.imul(dst, 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35);
  mix ^= Math.imul(capture, 0x27d4eb2f) ^ Math.imul(traits, 0x165667b1);
  mix = Math.imul(mix ^ (mix >>> 15), 0x2c1b3c6d);
  return mix ^ (mix >>> 13);
}
