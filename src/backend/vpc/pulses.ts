/**
 * Pulses: packets that repeat the one before them, noted without looking anything up.
 *
 * Most packets of a connection change nothing that is remembered of it but when the latest one came. Everything that
 * remembers the connection (each ENI's connection tracking, the conversation) then shares one pulse, and whoever knows
 * the pulse only moves its time. As soon as a packet does more than that, the pulse is over.
 *
 * One thing more the first packet of a pulse may do: a connection that has just been answered is remembered for longer
 * from the next packet on. The pulse then awaits that packet, and the connection is renewed when it has come.
 */
import { type BoundedTable, lastFloat, none, pulseWord } from "./bounded-table.ts";

/** A table of things that have pulses. */
export type Pulsing = Pick<BoundedTable, "rows" | "floats" | "rowWords">;

/** A table of connections, which the first packet of a pulse may renew. */
export interface PulsingConnections extends Pulsing {
  /** Whether the next packet like the one before would renew a connection. */
  awaitsRenewal(place: number): boolean;
  renew(place: number): void;
}

/** No pulse. */
export const noPulse = none;

/** The memory of pulses, which is its maker's: a pulse is a place there, of so many bytes. */
export interface PulsePlaces {
  readonly buffer: ArrayBuffer;
  readonly at: number;
  readonly bytes: number;
  /** Where the time of the latest packet stands (Unix milliseconds, as a float). */
  readonly last: number;
  /** How long after it the next one still repeats it, whole milliseconds. */
  readonly limit: number;
  /** A word with some bits that are cleared when the pulse is over. */
  readonly state: number;
  readonly lives: number;
  /** A bit of that word which whoever notes a packet clears: the pulse awaits its first. */
  readonly awaits: number;
  readonly count: number;
}

/** A pulse's owners: the place of a conversation, and of one connection or two; behind them, whether it began by awaiting its first packet. */
const ownerWords = 4;
const awaiting = 3;
const firstRoom = 1024 * ownerWords;

/** All pulses, in flat memory. */
export class Pulses {
  private times = new Float64Array(0);
  private words = new Int32Array(0);
  private places!: PulsePlaces;
  private owners = new Int32Array(0);
  private conversations!: Pulsing;
  private connections!: PulsingConnections;

  /** Who shares pulses. */
  join(conversations: Pulsing, connections: PulsingConnections): void {
    this.conversations = conversations;
    this.connections = connections;
  }

  /** Gives them their memory: no pulse begins before. */
  settle(places: PulsePlaces): void {
    this.places = places;
    this.times = new Float64Array(places.buffer, places.at, (places.count * places.bytes) / 8);
    this.words = new Int32Array(places.buffer, places.at, (places.count * places.bytes) / 4);
    this.owners = new Int32Array(0);
  }

  private makeRoom(pulse: number): void {
    const room = Math.max(firstRoom, this.owners.length);
    const larger = new Int32Array(pulse * ownerWords < room ? room : room * 4).fill(noPulse);
    larger.set(this.owners);
    this.owners = larger;
  }

  /** A conversation and one connection or two share the pulse at a place from now on, if they do not do so already. */
  share(pulse: number, conversation: number, one: number, another: number, limitMs: number): void {
    while (pulse * ownerWords >= this.owners.length) this.makeRoom(pulse);
    const { conversations, connections, owners, places } = this;
    // In one order, whichever way the packet goes.
    const [connection, other] = another === noPulse || one < another ? [one, another] : [another, one];
    const at = pulse * ownerWords;
    const last = (pulse * places.bytes + places.last) / 8;
    if (owners[at] !== conversation || owners[at + 1] !== connection || owners[at + 2] !== other) {
      this.end(pulse);
      this.takePart(conversations, conversation, pulse);
      this.takePart(connections, connection, pulse);
      this.takePart(connections, other, pulse);
      owners[at] = conversation;
      owners[at + 1] = connection;
      owners[at + 2] = other;
      this.times[last] = 0;
    }
    let seenMs = lastOf(conversations, conversation);
    if (connection !== noPulse) seenMs = Math.min(seenMs, lastOf(connections, connection));
    if (other !== noPulse) seenMs = Math.min(seenMs, lastOf(connections, other));
    // What not all of them have seen is not the pulse's time; who has seen more keeps that for itself.
    this.times[last] = Math.max(this.times[last]!, seenMs);
    this.words[(pulse * places.bytes + places.limit) / 4] = Math.min(Math.floor(limitMs), 0x7fffffff);
    const awaits = (connection !== noPulse && connections.awaitsRenewal(connection)) || (other !== noPulse && connections.awaitsRenewal(other));
    owners[at + awaiting] = awaits ? 1 : 0;
    const state = (pulse * places.bytes + places.state) / 4;
    if (awaits) this.words[state]! |= places.awaits;
    else this.words[state]! &= ~places.awaits;
  }

  private takePart({ rows, rowWords }: Pulsing, place: number, pulse: number): void {
    if (place === noPulse) return;
    const word = place * rowWords + pulseWord;
    this.end(rows[word]!);
    rows[word] = pulse;
  }

  /** A packet that repeats the one before came then. */
  beat(pulse: number, timeMs: number): void {
    const { places } = this;
    this.times[(pulse * places.bytes + places.last) / 8] = timeMs;
    this.words[(pulse * places.bytes + places.state) / 4]! &= ~places.awaits;
  }

  /** Brings a thing's memory of the latest packet up to its pulse. */
  catchUp({ rows, floats, rowWords }: Pulsing, place: number): void {
    const pulse = rows[place * rowWords + pulseWord]!;
    if (pulse === noPulse) return;
    const lastMs = this.times[(pulse * this.places.bytes + this.places.last) / 8]!;
    const at = place * (rowWords / 2) + lastFloat;
    if (lastMs > floats[at]!) floats[at] = lastMs;
    if (this.owners[pulse * ownerWords + awaiting] === 1) this.renew(pulse);
  }

  /** Renews the connections of a pulse whose first packet was awaited, if it has come. */
  private renew(pulse: number): void {
    const { owners, places, connections } = this;
    if ((this.words[(pulse * places.bytes + places.state) / 4]! & places.awaits) !== 0) return;
    const at = pulse * ownerWords;
    owners[at + awaiting] = 0;
    if (owners[at + 1] !== noPulse) connections.renew(owners[at + 1]!);
    if (owners[at + 2] !== noPulse) connections.renew(owners[at + 2]!);
  }

  /** The pulse is over. */
  end(pulse: number): void {
    if (pulse === noPulse) return;
    const { owners, places } = this;
    const at = pulse * ownerWords;
    this.leave(this.conversations, owners[at]!);
    this.leave(this.connections, owners[at + 1]!);
    this.leave(this.connections, owners[at + 2]!);
    owners[at] = owners[at + 1] = owners[at + 2] = noPulse;
    owners[at + awaiting] = 0;
    this.words[(pulse * places.bytes + places.state) / 4]! &= ~places.lives;
  }

  private leave(pulsing: Pulsing, place: number): void {
    if (place === noPulse) return;
    this.catchUp(pulsing, place);
    pulsing.rows[place * pulsing.rowWords + pulseWord] = noPulse;
  }

  /** All pulses up to a place are over: everything remembers for itself again. */
  endAll(count = this.owners.length / ownerWords): void {
    const there = Math.min(count, this.owners.length / ownerWords);
    for (let pulse = 0; pulse < there; pulse++) if (this.owners[pulse * ownerWords] !== noPulse) this.end(pulse);
  }
}

function lastOf({ floats, rowWords }: Pulsing, place: number): number {
  return floats[place * (rowWords / 2) + lastFloat]!;
}
