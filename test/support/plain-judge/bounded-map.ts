/** A map that never holds more than so many things: what is worth least makes room for what is new. */

/** What a thing is worth: nothing any more, little, or much. */
export type Worth = "gone" | "spare" | "dear";

interface Place<T> {
  readonly key: string;
  readonly item: T;
  readonly slot: number;
}

/**
 * Things by key. With each new thing a hand goes on over two of the old ones and takes away what is worth nothing; where
 * there is no room, it goes on until it finds something spare, or takes what it stands at after so many looks.
 */
export class BoundedMap<T> {
  private readonly limit: number;
  private readonly patience: number;
  private readonly byKey = new Map<string, Place<T>>();
  private readonly slots: (Place<T> | undefined)[] = [];
  private readonly free: number[] = [];
  private hand = 0;

  constructor(limit: number, patience: number) {
    this.limit = limit;
    this.patience = patience;
  }

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): T | undefined {
    return this.byKey.get(key)?.item;
  }

  delete(key: string): void {
    const place = this.byKey.get(key);
    if (place === undefined) return;
    this.byKey.delete(key);
    this.slots[place.slot] = undefined;
    this.free.push(place.slot);
  }

  /** Adds or replaces a thing; `worth` tells what others are worth where room is needed. */
  set(key: string, item: T, worth: (other: T) => Worth): void {
    this.delete(key);
    for (let looks = 0; looks < 2; looks++) this.look(worth, ["gone"]);
    for (let looks = 0; this.byKey.size >= this.limit; looks++) {
      this.look(worth, looks < this.patience ? ["gone", "spare"] : ["gone", "spare", "dear"]);
    }
    const slot = this.free.pop() ?? this.slots.length;
    const place = { key, item, slot };
    this.slots[slot] = place;
    this.byKey.set(key, place);
  }

  /** The hand goes on by one, and takes away what it finds if that is not worth more. */
  private look(worth: (other: T) => Worth, taken: readonly Worth[]): void {
    if (this.slots.length === 0) return;
    this.hand = (this.hand + 1) % this.slots.length;
    const place = this.slots[this.hand];
    if (place !== undefined && taken.includes(worth(place.item))) this.delete(place.key);
  }

  *entries(): IterableIterator<[string, T]> {
    for (const place of this.slots) if (place !== undefined) yield [place.key, place.item];
  }
}
