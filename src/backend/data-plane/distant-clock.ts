/**
 * The cloud's clock as a thread beside it has it: time is what that clock last told, and it keeps the appointments.
 *
 * A virtual clock may move on here, with the packets, as far as nothing is due there; what is due is asked for first.
 */
import { type Clock, type Due, VirtualClock } from "../clock.ts";

/** What the clock beside it does on request. */
export interface Timekeeper {
  /** Keeps an appointment under a number. */
  appoint(number: number, atMs: number): void;
  cancel(number: number): void;
  /** Moves time on, and all that falls due until then has happened. What is due next is told before this answers. */
  advance(toMs: number): Promise<void>;
}

/** A clock that another one is followed by. */
export interface DistantClock extends Clock {
  /** It is that late there now, and the next thing is due then. */
  follow(nowMs: number, dueMs: number): void;
  /** Does what an appointment is about; nothing where it was taken back meanwhile. */
  keep(number: number): Promise<void>;
}

/** Appointments that are kept elsewhere. */
class Appointments {
  private readonly timekeeper: Timekeeper;
  private readonly dues = new Map<number, Due>();
  private made = 0;

  constructor(timekeeper: Timekeeper) {
    this.timekeeper = timekeeper;
  }

  make(atMs: number, due: Due): () => void {
    const number = this.made++;
    this.dues.set(number, due);
    this.timekeeper.appoint(number, atMs);
    return () => {
      if (this.dues.delete(number)) this.timekeeper.cancel(number);
    };
  }

  async keep(number: number): Promise<void> {
    const due = this.dues.get(number);
    this.dues.delete(number);
    await due?.();
  }
}

/** A real clock beside this thread: time stands still here between two things that it tells. */
class DistantRealClock implements DistantClock {
  readonly kind = "real";
  private currentMs: number;
  private readonly appointments: Appointments;

  constructor(nowMs: number, timekeeper: Timekeeper) {
    this.currentMs = nowMs;
    this.appointments = new Appointments(timekeeper);
  }

  nowMs(): number {
    return this.currentMs;
  }

  at(atMs: number, due: Due): () => void {
    return this.appointments.make(atMs, due);
  }

  follow(nowMs: number): void {
    this.currentMs = nowMs;
  }

  keep(number: number): Promise<void> {
    return this.appointments.keep(number);
  }
}

/** A virtual clock beside this thread. Its one appointment here is with the other one, when the next thing is due there. */
class DistantVirtualClock extends VirtualClock implements DistantClock {
  private readonly timekeeper: Timekeeper;
  private readonly distant: Appointments;
  private forgetDue: () => void = () => {};

  constructor(nowMs: number, timekeeper: Timekeeper) {
    super(nowMs);
    this.timekeeper = timekeeper;
    this.distant = new Appointments(timekeeper);
  }

  override at(atMs: number, due: Due): () => void {
    return this.distant.make(atMs, due);
  }

  follow(nowMs: number, dueMs: number): void {
    this.forgetDue();
    this.slipTo(nowMs);
    this.forgetDue = super.at(dueMs, () => this.timekeeper.advance(dueMs));
  }

  keep(number: number): Promise<void> {
    return this.distant.keep(number);
  }
}

/** The clock of a thread beside one that has a clock of that kind. */
export function distantClock(kind: Clock["kind"], nowMs: number, timekeeper: Timekeeper): DistantClock {
  return kind === "real" ? new DistantRealClock(nowMs, timekeeper) : new DistantVirtualClock(nowMs, timekeeper);
}
