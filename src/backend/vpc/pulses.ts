/**
 * Pulses: packets that repeat the one before them, noted without looking anything up.
 *
 * Most packets of a connection change nothing that is remembered of it but when the latest one came. Everything that
 * remembers the connection (each ENI's connection tracking, the conversation) then shares one pulse, and whoever knows
 * the pulse only moves its time. As soon as a packet does more than that, the pulse is over.
 */

/** Something that remembers when packets came last, place by place. */
export interface Pulsing {
  /** Unix milliseconds. Behind where there is a pulse: ask {@link Pulses.catchUp} first. */
  readonly lastMs: Float64Array;
  /** The pulse of each place, or {@link noPulse}. */
  readonly pulse: Int32Array;
}

export const noPulse = -1;

/** Most pulses at one time; beyond it the one that began first is over. */
export const maxPulses = 262_144;

/**
 * Bytes of a pulse: the time of its latest packet and how long after it the next one still repeats it (milliseconds, as
 * floats), its version (which grows when it is over: who knew it must look again), and its owners' places.
 */
export const pulseBytes = 32;
const [lastPlace, limitPlace] = [0, 1];
const [versionWord, conversationWord, connectionWord, otherConnectionWord] = [4, 5, 6, 7];
const [floats, words] = [pulseBytes / 8, pulseBytes / 4];

/** All pulses, in flat memory. */
export class Pulses {
  private times = new Float64Array(0);
  private words = new Int32Array(0);
  private conversations!: Pulsing;
  private connections!: Pulsing;
  private begun = 0;
  private next = 0;

  /** Who shares pulses. */
  join(conversations: Pulsing, connections: Pulsing): void {
    this.conversations = conversations;
    this.connections = connections;
  }

  /** Gives them their memory, zeroed: pulses only begin in one. */
  settle(buffer: ArrayBuffer, at: number): void {
    this.times = new Float64Array(buffer, at, maxPulses * floats);
    this.words = new Int32Array(buffer, at, maxPulses * words);
  }

  version(pulse: number): number {
    return this.words[pulse * words + versionWord]!;
  }

  /** A packet that repeats the one before came then. */
  beat(pulse: number, timeMs: number): void {
    this.times[pulse * floats + lastPlace] = timeMs;
  }

  /** The pulse that a conversation and one connection or two share already, or a new one. */
  of(conversation: number, one: number, another: number, limitMs: number): number {
    const { conversations, connections } = this;
    // In one order, whichever way the packet goes.
    const [connection, other] = another === noPulse || one < another ? [one, another] : [another, one];
    const shared = conversations.pulse[conversation]!;
    const isShared = shared !== noPulse && this.words[shared * words + connectionWord] === connection && this.words[shared * words + otherConnectionWord] === other;
    const pulse = isShared ? shared : this.begin(conversation, connection, other);
    const at = pulse * floats;
    this.times[at + limitPlace] = limitMs;
    let seenMs = conversations.lastMs[conversation]!;
    if (connection !== noPulse) seenMs = Math.min(seenMs, connections.lastMs[connection]!);
    if (other !== noPulse) seenMs = Math.min(seenMs, connections.lastMs[other]!);
    // What not all of them have seen is not the pulse's time; who has seen more keeps that for itself.
    this.times[at + lastPlace] = Math.max(this.times[at + lastPlace]!, seenMs);
    return pulse;
  }

  private begin(conversation: number, connection: number, other: number): number {
    this.end(this.conversations.pulse[conversation]!);
    if (connection !== noPulse) this.end(this.connections.pulse[connection]!);
    if (other !== noPulse) this.end(this.connections.pulse[other]!);
    const pulse = this.next;
    this.next = (this.next + 1) % maxPulses;
    if (pulse < this.begun) this.end(pulse);
    else this.begun++;
    const at = pulse * words;
    this.words[at + conversationWord] = conversation;
    this.words[at + connectionWord] = connection;
    this.words[at + otherConnectionWord] = other;
    this.times[pulse * floats + lastPlace] = 0;
    this.conversations.pulse[conversation] = pulse;
    if (connection !== noPulse) this.connections.pulse[connection] = pulse;
    if (other !== noPulse) this.connections.pulse[other] = pulse;
    return pulse;
  }

  /** Brings a place's memory of the latest packet up to its pulse. */
  catchUp({ lastMs, pulse }: Pulsing, place: number): void {
    const its = pulse[place]!;
    if (its !== noPulse) lastMs[place] = Math.max(lastMs[place]!, this.times[its * floats + lastPlace]!);
  }

  /** The pulse is over. */
  end(pulse: number): void {
    if (pulse === noPulse) return;
    const at = pulse * words;
    this.words[at + versionWord]!++;
    this.leave(this.conversations, this.words[at + conversationWord]!, pulse);
    this.leave(this.connections, this.words[at + connectionWord]!, pulse);
    this.leave(this.connections, this.words[at + otherConnectionWord]!, pulse);
    this.words.fill(noPulse, at + conversationWord, at + otherConnectionWord + 1);
  }

  private leave(pulsing: Pulsing, place: number, pulse: number): void {
    if (place === noPulse || pulsing.pulse[place] !== pulse) return;
    this.catchUp(pulsing, place);
    pulsing.pulse[place] = noPulse;
  }

  /** All pulses are over: everything remembers for itself again. */
  endAll(): void {
    for (let pulse = 0; pulse < this.begun; pulse++) this.end(pulse);
  }
}
