/** Long work between which other requests are answered. */
import { setImmediate as othersTurn } from "node:timers/promises";

/** What is made of each of many things, `atOnce` of them in a turn: a few tenths of a millisecond's worth. */
export async function inTurns<T, R>(things: readonly T[], make: (thing: T) => R, atOnce = 100): Promise<R[]> {
  const made: R[] = [];
  for (const [place, thing] of things.entries()) {
    if (place > 0 && place % atOnce === 0) await othersTurn();
    made.push(make(thing));
  }
  return made;
}
