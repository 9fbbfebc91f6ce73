/** Long work between which other requests are answered. */
import { setImmediate as othersTurn } from "node:timers/promises";

/** How many things are made at once: a few tenths of a millisecond's worth. */
const atOnce = 100;

/** What is made of each of many things, so that other requests have their turns between. */
export async function inTurns<T, R>(things: readonly T[], make: (thing: T) => R): Promise<R[]> {
  const made: R[] = [];
  for (const [place, thing] of things.entries()) {
    if (place > 0 && place % atOnce === 0) await othersTurn();
    made.push(make(thing));
  }
  return made;
}
