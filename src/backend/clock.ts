/**
 * Time, handed in at the root: a real clock that the machine moves, or a virtual one that the caller moves.
 *
 * Whatever must happen later is asked for here. Moving the virtual clock runs everything that falls due, in order,
 * before the move returns.
 */

import assert from "node:assert/strict";

/** Work that falls due at a moment. */
export type Due = () => void | Promise<void>;

/** The one source of time. All moments are Unix milliseconds. */
export interface Clock {
  readonly kind: "real" | "virtual";
  nowMs(): number;
  /** Asks for `due` at `atMs`, or as soon as possible when that moment has passed; the answer takes the request back. */
  at(atMs: number, due: Due): () => void;
}

interface Appointment {
  readonly atMs: number;
  readonly order: number;
  readonly due: Due;
}

/** A clock that stands still until it is moved. */
export class VirtualClock implements Clock {
  readonly kind = "virtual";
  private currentMs: number;
  private appointments: Appointment[] = [];
  private made = 0;

  constructor(startMs: number) {
    this.currentMs = startMs;
  }

  nowMs(): number {
    return this.currentMs;
  }

  at(atMs: number, due: Due): () => void {
    const appointment = { atMs, order: this.made++, due };
    this.appointments.push(appointment);
    return () => {
      this.appointments = this.appointments.filter((other) => other !== appointment);
    };
  }

  /** Takes time up where it stood; only before anybody has made an appointment. */
  resume(moment: number): void {
    assert(this.appointments.length === 0, "a clock with appointments cannot be set");
    this.currentMs = moment;
  }

  /** Moves time forward to a moment, stopping at each appointment on the way; moving back is refused. */
  async moveTo(moment: number): Promise<void> {
    if (moment < this.currentMs) throw new RangeError(`time cannot go back from ${this.currentMs} to ${moment}`);
    for (;;) {
      const next = this.nextUpTo(moment);
      if (next === undefined) break;
      this.appointments = this.appointments.filter((other) => other !== next);
      this.currentMs = Math.max(this.currentMs, next.atMs);
      await next.due();
    }
    this.currentMs = Math.max(this.currentMs, moment);
  }

  /** When the next thing is due; never, where nothing is. */
  dueMs(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const { atMs } of this.appointments) due = Math.min(due, atMs);
    return due;
  }

  /** Moves time forward to a moment before which nothing is due; false, and no move, where something is. */
  slipTo(moment: number): boolean {
    if (this.appointments.some(({ atMs }) => atMs <= moment)) return false;
    this.currentMs = Math.max(this.currentMs, moment);
    return true;
  }

  /** Moves time forward by a stretch. */
  async advance(milliseconds: number): Promise<void> {
    await this.moveTo(this.currentMs + milliseconds);
  }

  private nextUpTo(moment: number): Appointment | undefined {
    let next: Appointment | undefined;
    for (const each of this.appointments) {
      if (each.atMs > moment) continue;
      const isEarlier = next === undefined || each.atMs < next.atMs || (each.atMs === next.atMs && each.order < next.order);
      if (isEarlier) next = each;
    }
    return next;
  }
}

/** `YYYY-MM-DD hh:mm:ss` in Beijing time. Assumed: the API's pages give no zone; its console shows Beijing time. */
export function cloudTime(atMs: number): string {
  return new Date(atMs + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
}
