/** A table in flat memory that never holds more than so many things: what is worth least makes room for what is new. */

/** What a thing is worth: nothing any more, little, or much. */
export const Worth = { gone: 0, spare: 1, dear: 2 } as const;

/** One of these. */
export type Worth = (typeof Worth)[keyof typeof Worth];

/** No thing. */
export const none = -1;

/** Words of a key. */
export const keyWords = 5;

/** How often the hand goes on to find something spare before it takes what it stands at. */
const patience = 16;

/** Places that there are at first. */
export const firstCapacity = 64;

/**
 * Things by keys of five words, each at a place that stays its own; what is kept of them lies in columns of whoever
 * extends this. With each new thing a hand goes on over two of the old ones and takes away what is worth nothing; where
 * there is no room, it goes on until it finds something spare, or takes what it stands at after so many looks.
 */
export abstract class BoundedTable {
  size = 0;
  /** Places in use, and free ones below them. */
  protected places = 0;
  protected keys = new Int32Array(firstCapacity * keyWords);
  private readonly limit: number;
  private isTaken = new Uint8Array(firstCapacity);
  /** Open addressing: a place + 1, or 0. At most half of it is taken. */
  private index = new Int32Array(firstCapacity * 2);
  private readonly free: number[] = [];
  private hand = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** What a thing is worth where room is needed. */
  protected abstract worth(place: number): Worth;
  /** A thing leaves the table. */
  protected abstract leaves(place: number): void;
  /** There are so many places now: the columns must follow. */
  protected abstract grown(capacity: number): void;

  /** The place of the thing with that key, or {@link none}. */
  protected find(a: number, b: number, c: number, d: number, e: number): number {
    const { index, keys } = this;
    const mask = index.length - 1;
    for (let slot = spread(a, b, c, d, e) & mask; ; slot = (slot + 1) & mask) {
      const place = index[slot]! - 1;
      if (place === none) return none;
      const at = place * keyWords;
      if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d && keys[at + 4] === e) return place;
    }
  }

  /** A place for a new thing, instead of what has the same key. */
  protected put(a: number, b: number, c: number, d: number, e: number): number {
    const known = this.find(a, b, c, d, e);
    if (known !== none) this.remove(known);
    for (let looks = 0; looks < 2; looks++) this.look(Worth.gone);
    for (let looks = 0; this.size >= this.limit; looks++) this.look(looks < patience ? Worth.spare : Worth.dear);
    const place = this.free.pop() ?? this.places++;
    if (place === this.isTaken.length) this.grow();
    const at = place * keyWords;
    this.keys[at] = a;
    this.keys[at + 1] = b;
    this.keys[at + 2] = c;
    this.keys[at + 3] = d;
    this.keys[at + 4] = e;
    this.isTaken[place] = 1;
    this.size++;
    this.enter(place);
    return place;
  }

  /** Whether a thing is at that place. */
  protected has(place: number): boolean {
    return this.isTaken[place] === 1;
  }

  protected remove(place: number): void {
    this.dropFromIndex(place);
    this.isTaken[place] = 0;
    this.free.push(place);
    this.size--;
    this.leaves(place);
  }

  /** The hand goes on by one, and takes away what it finds if that is not worth more. */
  private look(most: Worth): void {
    if (this.places === 0) return;
    this.hand = (this.hand + 1) % this.places;
    if (this.isTaken[this.hand] === 1 && this.worth(this.hand) <= most) this.remove(this.hand);
  }

  private hashOf(place: number): number {
    const { keys } = this;
    const at = place * keyWords;
    return spread(keys[at]!, keys[at + 1]!, keys[at + 2]!, keys[at + 3]!, keys[at + 4]!);
  }

  private enter(place: number): void {
    const { index } = this;
    const mask = index.length - 1;
    let slot = this.hashOf(place) & mask;
    while (index[slot] !== 0) slot = (slot + 1) & mask;
    index[slot] = place + 1;
  }

  /** Those behind it move up, so that no gap parts them from where their search begins. */
  private dropFromIndex(place: number): void {
    const { index } = this;
    const mask = index.length - 1;
    let gap = this.hashOf(place) & mask;
    while (index[gap] !== place + 1) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; index[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.hashOf(index[slot]! - 1) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      index[gap] = index[slot]!;
      gap = slot;
    }
    index[gap] = 0;
  }

  private grow(): void {
    const capacity = this.isTaken.length * 2;
    this.keys = longer(this.keys, capacity * keyWords);
    this.isTaken = longer(this.isTaken, capacity);
    this.index = new Int32Array(capacity * 2);
    for (let place = 0; place < this.places; place++) if (this.has(place)) this.enter(place);
    this.grown(capacity);
  }
}

/** The column with room for more. */
export function longer<C extends Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(column: C, length: number): C {
  const larger = new (column.constructor as new (length: number) => C)(length);
  larger.set(column);
  return larger;
}

/** A key spread over 32 bits: multiplied by odd constants, folded. */
function spread(a: number, b: number, c: number, d: number, e: number): number {
  let mix = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  mix = Math.imul(mix ^ (mix >>> 15), 0x2c1b3c6d) ^ Math.imul(d, 0x27d4eb2f) ^ Math.imul(e, 0x165667b1);
  mix = Math.imul(mix ^ (mix >>> 15), 0x297a2d39);
  return mix ^ (mix >>> 14);
}
