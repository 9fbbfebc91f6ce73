/** Things by numbers, given in the order of their first use. */

/** A numbered list of things, each once: the same one, or the same by its key. */
export class Numbered<T> {
  readonly items: T[] = [];
  private readonly numbers = new Map<unknown, number>();

  of(item: T, key: unknown = item): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.items.push(item) - 1;
    this.numbers.set(key, number);
    return number;
  }

  clear(): void {
    this.items.length = 0;
    this.numbers.clear();
  }
}
