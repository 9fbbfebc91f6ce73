/** Choices that a seed decides. */
import { SeededRandom } from "../../src/backend/ids.ts";

/** A source of choices: the same seed, the same choices. */
export class Chance {
  private readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  /** A whole number from 0 up to, but not with, `limit`. */
  below(limit: number): number {
    return this.random.next() % limit;
  }

  /** True in so many of a hundred cases. */
  percent(share: number): boolean {
    return this.below(100) < share;
  }

  /** One of the values. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** One of the values, each as often as its weight says. */
  weighted<T>(values: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.below(values.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of values) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new Error("no values to choose from");
  }

  /** From `least` to `most` things made one after another. */
  many<T>(least: number, most: number, make: (index: number) => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, (_, index) => make(index));
  }
}
