/**
 * Flows and their sums in flat memory: one entry per (capture, 5-tuple, direction, action), about 60 bytes each.
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

/**
 * The words of an entry. `capture`: whose flow it is, a number that the table's owner gives. `src`, `dst`: an IPv4 address
 * as a number, or a place in `ipv6`. `ports`: the source's in the upper half. `start`, `end`: Unix seconds of the first and
 * the last packet. `reason`: a place in `reasons`.
 */
export const FlowWord = { capture: 0, src: 1, dst: 2, ports: 3, traits: 4, start: 5, end: 6, reason: 7 } as const;

/** The sums of an entry, floats behind its words. */
export const FlowSum = { packets: 4, bytes: 5 } as const;

const rowWords = 12;
const rowFloats = rowWords / 2;

/** A table as it is kept while the backend is stopped: columns as base64 of little-endian numbers. */
export interface SavedFlows {
  readonly count: number;
  readonly columns: Readonly<Record<string, string>>;
  readonly ipv6: readonly string[];
  readonly reasons: readonly Reason[];
}

const firstCapacity = 16;
/** So far a table grows in large steps: each of them enters all flows anew. */
const manyFlows = 100_000;
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
  private rows = new Uint32Array(firstCapacity * rowWords);
  private floats = new Float64Array(this.rows.buffer);
  private readonly addresses = new Places<string>();
  private readonly reasonPlaces = new Places<Reason>();
  /** The same by the object itself: a rule gives all its packets one. */
  private readonly knownReasons = new Map<Reason, number>();
  /** Open addressing: an entry's number + 1 with bits of the hash above it, or 0. */
  private index = new Uint32Array(firstCapacity * 2);

  /** One of the words of an entry. */
  word(entry: number, word: (typeof FlowWord)[keyof typeof FlowWord]): number {
    return this.rows[entry * rowWords + word]!;
  }

  /** One of the sums of an entry. */
  sum(entry: number, sum: (typeof FlowSum)[keyof typeof FlowSum]): number {
    return this.floats[entry * rowFloats + sum]!;
  }

  /** IPv6 addresses in canonical spelling. */
  get ipv6(): readonly string[] {
    return this.addresses.items;
  }

  get reasons(): readonly Reason[] {
    return this.reasonPlaces.items;
  }

  /** Looks where the flow of an IPv4 packet would be found, ahead of asking for it; for {@link FlowTable.glanceAt}. */
  lookAhead(capture: number, packet: FlowPacket): number {
    const mix = hash(capture, packet.src >>> 0, packet.dst >>> 0, packet.ports >>> 0, traitsWord(packet));
    return this.index[mix & (this.index.length - 1)]!;
  }

  /** Looks at the flow that {@link FlowTable.lookAhead} found, if any; the answer means nothing. */
  glanceAt(known: number): number {
    return known === 0 ? 0 : this.rows[((known & entryMask) - 1) * rowWords]!;
  }

  /** The entry of a packet's flow, or -1 where it has none yet. */
  find(capture: number, packet: FlowPacket): number {
    const isIpv6 = packet.srcText !== "";
    const src = isIpv6 ? this.addresses.find(packet.srcText) : packet.src >>> 0;
    const dst = isIpv6 ? this.addresses.find(packet.dstText) : packet.dst >>> 0;
    if (src === absent || dst === absent) return absent;
    return this.entryAt(this.slotOf(capture, src, dst, packet.ports >>> 0, traitsWord(packet)));
  }

  /** Begins a packet's flow, which has none yet, with that packet. */
  begin(capture: number, packet: FlowPacket): void {
    const isIpv6 = packet.srcText !== "";
    const src = isIpv6 ? this.addresses.add(packet.srcText, packet.srcText) : packet.src >>> 0;
    const dst = isIpv6 ? this.addresses.add(packet.dstText, packet.dstText) : packet.dst >>> 0;
    const entry = this.append(capture, src, dst, packet.ports >>> 0, traitsWord(packet));
    this.latest = entry;
    const at = entry * rowWords;
    this.rows[at + FlowWord.start] = packet.seconds;
    this.rows[at + FlowWord.end] = packet.seconds;
    this.rows[at + FlowWord.reason] = this.reasonPlace(packet.reason);
    const sums = entry * rowFloats;
    this.floats[sums + FlowSum.packets] = 1;
    this.floats[sums + FlowSum.bytes] = packet.bytes;
  }

  /** Counts one more packet of a flow. */
  add(entry: number, packet: FlowPacket): void {
    this.latest = entry;
    this.addMany(entry, 1, packet.bytes, packet.seconds, packet.seconds);
    // What rejects may change with the rules: the latest counts. What allowed is the rule that let the first packet in.
    if (packet.isRejected) this.rows[entry * rowWords + FlowWord.reason] = this.reasonPlace(packet.reason);
  }

  /** Counts packets of a flow that differ in nothing but their times and lengths. */
  addMany(entry: number, packets: number, bytes: number, start: number, end: number): void {
    const { rows, floats } = this;
    const sums = entry * rowFloats;
    floats[sums + FlowSum.packets]! += packets;
    floats[sums + FlowSum.bytes]! += bytes;
    const at = entry * rowWords;
    if (start < rows[at + FlowWord.start]!) rows[at + FlowWord.start] = start;
    if (end > rows[at + FlowWord.end]!) rows[at + FlowWord.end] = end;
  }

  /** Adds a flow of another table under a capture of this one: its sums join those of the same flow. */
  merge(capture: number, from: FlowTable, place: number): void {
    const word = (which: (typeof FlowWord)[keyof typeof FlowWord]) => from.word(place, which);
    const traits = word(FlowWord.traits);
    const isIpv6 = (traits & Trait.ipv6) !== 0;
    const own = (address: number) => (isIpv6 ? this.addresses.add(from.ipv6[address]!, from.ipv6[address]!) : address);
    const [src, dst, ports] = [own(word(FlowWord.src)), own(word(FlowWord.dst)), word(FlowWord.ports)];
    const reason = from.reasons[word(FlowWord.reason)]!;
    let entry = this.entryAt(this.slotOf(capture, src, dst, ports, traits));
    const isNew = entry === absent;
    if (isNew) {
      entry = this.append(capture, src, dst, ports, traits);
      this.rows[entry * rowWords + FlowWord.start] = word(FlowWord.start);
      this.rows[entry * rowWords + FlowWord.end] = word(FlowWord.end);
    }
    if (isNew || (traits & Trait.rejected) !== 0) this.rows[entry * rowWords + FlowWord.reason] = this.reasonPlace(reason);
    this.addMany(entry, from.sum(place, FlowSum.packets), from.sum(place, FlowSum.bytes), word(FlowWord.start), word(FlowWord.end));
  }

  private append(capture: number, src: number, dst: number, ports: number, traits: number): number {
    if ((this.count + 1) * rowWords > this.rows.length) this.grow();
    const entry = this.count++;
    const at = entry * rowWords;
    this.rows[at + FlowWord.capture] = capture;
    this.rows[at + FlowWord.src] = src;
    this.rows[at + FlowWord.dst] = dst;
    this.rows[at + FlowWord.ports] = ports;
    this.rows[at + FlowWord.traits] = traits;
    this.enter(entry);
    return entry;
  }

  private entryAt(slot: number): number {
    return (this.index[slot]! & entryMask) - 1;
  }

  /** Where the index tells of a flow, or would tell of it. */
  private slotOf(capture: number, src: number, dst: number, ports: number, traits: number): number {
    const { index, rows } = this;
    const mask = index.length - 1;
    const mix = hash(capture, src, dst, ports, traits);
    for (let slot = mix & mask; ; slot = (slot + 1) & mask) {
      const known = index[slot]!;
      if (known === 0) return slot;
      if (((known ^ mix) & hashMask) !== 0) continue;
      const at = ((known & entryMask) - 1) * rowWords;
      const isSame =
        rows[at + FlowWord.src] === src &&
        rows[at + FlowWord.dst] === dst &&
        rows[at + FlowWord.ports] === ports &&
        rows[at + FlowWord.traits] === traits &&
        rows[at + FlowWord.capture] === capture;
      if (isSame) return slot;
    }
  }

  private grow(): void {
    const factor = this.count < manyFlows ? 4 : 2;
    const rows = new Uint32Array(this.rows.length * factor);
    rows.set(this.rows);
    this.rows = rows;
    this.floats = new Float64Array(rows.buffer);
    this.index = new Uint32Array(this.index.length * factor);
    for (let entry = 0; entry < this.count; entry++) this.enter(entry);
  }

  private enter(entry: number): void {
    const { index, rows } = this;
    const mask = index.length - 1;
    const at = entry * rowWords;
    const mix = hash(rows[at + FlowWord.capture]!, rows[at + FlowWord.src]!, rows[at + FlowWord.dst]!, rows[at + FlowWord.ports]!, rows[at + FlowWord.traits]!);
    let slot = mix & mask;
    while (index[slot] !== 0) slot = (slot + 1) & mask;
    index[slot] = (mix & hashMask) | (entry + 1);
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
    const text = (column: Uint32Array | Float64Array) => Buffer.from(column.buffer).toString("base64");
    const entries = Array.from({ length: count }, (_, entry) => entry);
    const words = Object.entries(FlowWord).map(([name, word]) => [name, text(Uint32Array.from(entries, (entry) => this.word(entry, word)))] as const);
    const sums = Object.entries(FlowSum).map(([name, sum]) => [name, text(Float64Array.from(entries, (entry) => this.sum(entry, sum)))] as const);
    return { count, columns: Object.fromEntries([...words, ...sums]), ipv6, reasons };
  }

  /** The table that {@link save} told of. */
  static restored({ count, columns, ipv6, reasons }: SavedFlows): FlowTable {
    const table = new FlowTable();
    while (table.rows.length < count * rowWords) table.grow();
    const bytes = (name: string) => Uint8Array.from(Buffer.from(columns[name]!, "base64")).buffer;
    for (const [name, word] of Object.entries(FlowWord)) {
      for (const [entry, value] of new Uint32Array(bytes(name)).entries()) table.rows[entry * rowWords + word] = value;
    }
    for (const [name, sum] of Object.entries(FlowSum)) {
      for (const [entry, value] of new Float64Array(bytes(name)).entries()) table.floats[entry * rowFloats + sum] = value;
    }
    for (const address of ipv6) table.addresses.add(address, address);
    for (const reason of reasons) table.reasonPlace(reason);
    table.count = count;
    for (let entry = 0; entry < count; entry++) table.enter(entry);
    return table;
  }
}

/** The bits of an index entry that are the flow's number + 1: more flows than that no table holds. */
const entryMask = (1 << 27) - 1;
/** Those of the hash, which are mostly not those that chose the slot. */
const hashMask = ~entryMask;

function traitsWord({ protocol, isEgress, isRejected, srcText }: FlowPacket): number {
  const family = srcText === "" ? 0 : Trait.ipv6;
  return protocol | family | (isEgress ? Trait.egress : 0) | (isRejected ? Trait.rejected : 0);
}

/** A spread of five words over 32 bits: multiplied by odd constants, folded. */
function hash(capture: number, src: number, dst: number, ports: number, traits: number): number {
  let mix = Math.imul(src, 0x9e3779b1) ^ Math.imul(dst, 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35);
  mix ^= Math.imul(capture, 0x27d4eb2f) ^ Math.imul(traits, 0x165667b1);
  mix = Math.imul(mix ^ (mix >>> 15), 0x2c1b3c6d);
  return mix ^ (mix >>> 13);
}
