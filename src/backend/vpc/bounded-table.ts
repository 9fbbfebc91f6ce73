/** A table in flat memory that never holds more than so many things: what is worth least makes room for what is new. */

/** What a thing is worth: nothing any more, little, or much. */
export const Worth = { gone: 0, spare: 1, dear: 2 } as const;

/** One of these. */
export type Worth = (typeof Worth)[keyof typeof Worth];

/** No thing. */
export const none = -1;

/**
 * The words of a row behind its key's four: the pulse, the traits, and as a float when a packet came last. What else there is to
 * a thing comes behind them.
 */
export const [pulseWord, traitsWord, lastFloat] = [4, 5, 3];

/** In the traits of every thing that is there; the bits below it are its own. */
export const isThere = 1 << 30;

/** How often the hand goes on to find something spare before it takes what it stands at. */
const patience = 16;

const firstCapacity = 64;

/**
 * Things by keys of four words, each at a place that stays its own, in a row of words. With each new thing a hand goes on
 * over two of the old ones and takes away what is worth nothing; where there is no room, it goes on until it finds
 * something spare, or takes what it stands at after so many looks.
 */
export abstract class BoundedTable {
  size = 0;
  /** Words of a row: the things of a table lie close together, and each in as few lines of the processor's cache as can be. */
  readonly rowWords: number;
  rows: Int32Array<ArrayBuffer>;
  floats: Float64Array<ArrayBuffer>;
  /** Places in use, and free ones below them. */
  private places = 0;
  private readonly limit: number;
  private capacity = firstCapacity;
  /** Open addressing: a place + 1 with bits of the hash above it, or 0. At most half of it is taken. */
  private index = new Int32Array(firstCapacity * 2);
  private readonly free: number[] = [];
  private hand = 0;

  constructor(limit: number, rowWords: number) {
    this.limit = limit;
    this.rowWords = rowWords;
    this.rows = new Int32Array(firstCapacity * rowWords);
    this.floats = new Float64Array(this.rows.buffer);
  }

  /** What a thing is worth where room is needed. */
  protected abstract worth(place: number): Worth;
  /** A thing leaves the table. */
  protected abstract leaves(place: number): void;

  /** Whether a thing came so lately that it cannot be worth nothing, as far as a short look tells. */
  protected isRecent(_place: number): boolean {
    return false;
  }

  /** The place of the thing with that key, or {@link none}. */
  protected find(a: number, b: number, c: number, d: number): number {
    const { index, rows, rowWords } = this;
    const mask = index.length - 1;
    const hash = spread(a, b, c, d);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = index[slot]!;
      if (entry === 0) return none;
      if (((entry ^ hash) & hashMask) !== 0) continue;
      const place = (entry & placeMask) - 1;
      const at = place * rowWords;
      if (rows[at] === a && rows[at + 1] === b && rows[at + 2] === c && rows[at + 3] === d) return place;
    }
  }

  /**
   * Looks where the thing with that key would be found, and gives what stands there, for {@link BoundedTable.glanceAt}: who
   * looks into several tables ahead has the processor fetch from all of them at the same time.
   */
  protected glance(a: number, b: number, c: number, d: number): number {
    return this.index[spread(a, b, c, d) & (this.index.length - 1)]!;
  }

  /** Looks at the thing that a glance gave, if any; the answer means nothing. */
  glanceAt(entry: number): number {
    return entry === 0 ? 0 : this.rows[((entry & placeMask) - 1) * this.rowWords + traitsWord]!;
  }

  /** A place for a new thing with those traits, instead of what has the same key. */
  protected put(a: number, b: number, c: number, d: number, traits: number): number {
    const known = this.find(a, b, c, d);
    if (known !== none) this.remove(known);
    return this.putNew(a, b, c, d, traits);
  }

  /** The same, where nothing has that key. */
  protected putNew(a: number, b: number, c: number, d: number, traits: number): number {
    for (let looks = 0; looks < 2; looks++) this.look(Worth.gone);
    for (let looks = 0; this.size >= this.limit; looks++) this.look(looks < patience ? Worth.spare : Worth.dear);
    const place = this.free.pop() ?? this.places++;
    if (place === this.capacity) this.grow();
    const { rows } = this;
    const at = place * this.rowWords;
    rows[at] = a;
    rows[at + 1] = b;
    rows[at + 2] = c;
    rows[at + 3] = d;
    rows[at + pulseWord] = none;
    rows[at + traitsWord] = traits | isThere;
    this.size++;
    this.enter(place);
    return place;
  }

  /** The places of all things. */
  protected taken(): number[] {
    const places: number[] = [];
    for (let place = 0; place < this.places; place++) if (this.has(place)) places.push(place);
    return places;
  }

  /** Whether a thing is at that place. */
  protected has(place: number): boolean {
    return (this.rows[place * this.rowWords + traitsWord]! & isThere) !== 0;
  }

  protected remove(place: number): void {
    this.dropFromIndex(place);
    this.rows[place * this.rowWords + traitsWord]! &= ~isThere;
    this.free.push(place);
    this.size--;
    this.leaves(place);
  }

  /** The hand goes on by one, and takes away what it finds if that is not worth more. */
  private look(most: Worth): void {
    if (this.places === 0) return;
    this.hand = this.hand + 1 >= this.places ? 0 : this.hand + 1;
    if (!this.has(this.hand) || (most === Worth.gone && this.isRecent(this.hand))) return;
    if (this.worth(this.hand) <= most) this.remove(this.hand);
  }

  private hashOf(place: number): number {
    const { rows } = this;
    const at = place * this.rowWords;
    return spread(rows[at]!, rows[at + 1]!, rows[at + 2]!, rows[at + 3]!);
  }

  private enter(place: number): void {
    const { index } = this;
    const mask = index.length - 1;
    const hash = this.hashOf(place);
    let slot = hash & mask;
    while (index[slot] !== 0) slot = (slot + 1) & mask;
    index[slot] = (hash & hashMask) | (place + 1);
  }

  /** Those behind it move up, so that no gap parts them from where their search begins. */
  private dropFromIndex(place: number): void {
    const { index } = this;
    const mask = index.length - 1;
    let gap = this.hashOf(place) & mask;
    while ((index[gap]! & placeMask) !== place + 1) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; index[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.hashOf((index[slot]! & placeMask) - 1) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      index[gap] = index[slot]!;
      gap = slot;
    }
    index[gap] = 0;
  }

  private grow(): void {
    this.capacity *= 4;
    const rows = new Int32Array(this.capacity * this.rowWords);
    rows.set(this.rows);
    this.rows = rows;
    this.floats = new Float64Array(rows.buffer);
    this.index = new Int32Array(this.capacity * 2);
    for (let place = 0; place < this.places; place++) if (this.has(place)) this.enter(place);
  }
}

/** The bits of an index entry that are the place + 1: more things than that no table holds. */
const placeMask = (1 << 22) - 1;
/** Those of the hash, which are not those that chose the slot. */
const hashMask = ~placeMask;

/** A key spread over 32 bits: multiplied by odd constants, folded. */
function spread(a: number, b: number, c: number, d: number): number {
  let mix = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  mix = Math.imul(mix ^ (mix >>> 15), 0x2c1b3c6d) ^ Math.imul(d, 0x27d4eb2f);
  mix = Math.imul(mix ^ (mix >>> 15), 0x297a2d39);
  return mix ^ (mix >>> 14);
}
