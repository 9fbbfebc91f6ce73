/** When the store is tended: its appointments with the clock, one at a time. */
import type { Clock } from "../clock.ts";

/** Least time between two tendings: logs that come with old times are due at once, again and again. */
const leastPauseMs = 60_000;

/** Keeps an appointment for the next thing that the store will have to do. */
export class Tending {
  private readonly clock: Clock;
  private readonly tend: () => Promise<number | undefined>;
  private cancel: (() => void) | undefined;
  private isStopped = false;

  /** `tend` does what is due and says when there will be more. */
  constructor(clock: Clock, tend: () => Promise<number | undefined>) {
    this.clock = clock;
    this.tend = tend;
    this.expectMore();
  }

  /** Something was written, so there will be something to do. */
  expectMore(): void {
    if (this.cancel === undefined) this.appoint(this.clock.nowMs() + leastPauseMs);
  }

  private appoint(atMs: number): void {
    if (this.isStopped) return;
    this.cancel = this.clock.at(atMs, () => this.work());
  }

  private async work(): Promise<void> {
    this.cancel = undefined;
    // What could not be done (the disk is full, say) is left as it was and tried again.
    const next = await this.tend().catch(() => this.clock.nowMs());
    if (next !== undefined) this.appoint(Math.max(next, this.clock.nowMs() + leastPauseMs));
  }

  stop(): void {
    this.isStopped = true;
    this.cancel?.();
  }
}
