/** The moment between calls: calls pass together, and what needs the cloud to stand still waits until none is going on. */
import type { Clock } from "./clock.ts";

/** Where every call passes, and all that happens by a real clock. */
export class Gate {
  private passing = 0;
  /** Resolves when what needs to be alone is over. */
  private shut: Promise<undefined> | undefined;
  private emptied: (() => void) | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  /** Does work beside that of others; it begins at once unless something is alone. */
  async pass<R>(work: () => R | Promise<R>): Promise<R> {
    while (this.shut !== undefined) await this.shut;
    this.passing++;
    try {
      return await work();
    } finally {
      this.passing--;
      if (this.passing === 0) this.emptied?.();
    }
  }

  /** Does work while nothing passes: what is going on comes to its end first, and what comes waits. */
  alone<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.turn.then(() => this.aloneNow(work));
    this.turn = turn.catch(() => {});
    return turn;
  }

  private async aloneNow<R>(work: () => Promise<R>): Promise<R> {
    const over = Promise.withResolvers<undefined>();
    this.shut = over.promise;
    try {
      if (this.passing > 0) await new Promise<void>((resolve) => (this.emptied = resolve));
      return await work();
    } finally {
      this.emptied = undefined;
      this.shut = undefined;
      over.resolve(undefined);
    }
  }
}

/** A clock whose appointments pass the gate. A virtual one needs no such thing: it is moved by calls, which do. */
export function gatedClock(clock: Clock, gate: Gate): Clock {
  if (clock.kind === "virtual") return clock;
  return { kind: clock.kind, nowMs: () => clock.nowMs(), at: (atMs, due) => clock.at(atMs, () => gate.pass(due)) };
}
