/**
 * Pulses: packets that repeat the one before them, noted without looking anything up.
 *
 * Most packets of a connection change nothing that is remembered of it but when the latest one came. Everything that
 * remembers the connection (each ENI's connection tracking, the conversation) then shares one pulse, and whoever knows
 * the pulse only moves its time. As soon as a packet does more than that, the pulse is over.
 */

/** Something that remembers when a packet came last. */
export interface Pulsing {
  /** Unix milliseconds. Behind while it has a pulse: ask {@link Pulses.catchUp} first. */
  lastMs: number;
  /** Its pulse, or {@link noPulse}. */
  pulse: number;
}

export const noPulse = -1;

/** Most pulses at one time; beyond it the one that began first is over. */
const maxPulses = 262_144;

/** All pulses, in flat memory. */
export class Pulses {
  /** The time of the latest packet, Unix milliseconds. */
  readonly last = new Float64Array(maxPulses);
  /** How long after it the next one still repeats it, milliseconds. */
  readonly limit = new Float64Array(maxPulses);
  /** Grows when a pulse is over: who knew it must look again. */
  readonly versions = new Int32Array(maxPulses);
  private readonly owners: (readonly Pulsing[])[] = [];
  private next = 0;

  /** The pulse that these share already, or a new one. */
  of(owners: readonly Pulsing[], limitMs: number): number {
    const [first] = owners;
    const shared = first!.pulse;
    const isShared = shared !== noPulse && this.owners[shared]!.length === owners.length && owners.every(({ pulse }) => pulse === shared);
    const pulse = isShared ? shared : this.begin(owners);
    this.limit[pulse] = limitMs;
    // What not all of them have seen is not the pulse's time; who has seen more keeps that for itself.
    this.last[pulse] = Math.max(this.last[pulse]!, Math.min(...owners.map(({ lastMs }) => lastMs)));
    return pulse;
  }

  private begin(owners: readonly Pulsing[]): number {
    for (const { pulse } of owners) this.end(pulse);
    const pulse = this.next;
    this.next = (this.next + 1) % maxPulses;
    this.release(pulse);
    this.owners[pulse] = owners;
    this.last[pulse] = 0;
    for (const owner of owners) owner.pulse = pulse;
    return pulse;
  }

  /** Brings something's memory of the latest packet up to its pulse. */
  catchUp(owner: Pulsing): void {
    if (owner.pulse !== noPulse) owner.lastMs = Math.max(owner.lastMs, this.last[owner.pulse]!);
  }

  /** The pulse is over. */
  end(pulse: number): void {
    if (pulse !== noPulse) this.release(pulse);
  }

  private release(pulse: number): void {
    this.versions[pulse]!++;
    for (const owner of this.owners[pulse] ?? []) {
      if (owner.pulse !== pulse) continue;
      this.catchUp(owner);
      owner.pulse = noPulse;
    }
    this.owners[pulse] = [];
  }

  /** All pulses are over: everything remembers for itself again. */
  endAll(): void {
    for (let pulse = 0; pulse < this.owners.length; pulse++) this.release(pulse);
  }
}
