/** Chance and the ids made from it; the one source of randomness is handed in at the root. */

/** A source of randomness: `next()` gives an unsigned 32-bit number. */
export interface Random {
  next(): number;
  /** How far it has come, where a seed decides: whoever goes on from there gives no number again. */
  save?(): readonly number[];
  resume?(saved: readonly number[]): void;
}

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A new resource id as the cloud writes them: `newId("eni", random)` gives `eni-lq6mkcis`. */
export function newId(prefix: string, random: Random): string {
  let suffix = "";
  for (let index = 0; index < 8; index++) suffix += alphabet.charAt(random.next() % alphabet.length);
  return `${prefix}-${suffix}`;
}

/** A new random UUID (version 4), as the log service names its objects and as requests are numbered. */
export function newUuid(random: Random): string {
  const words = [random.next(), random.next(), random.next(), random.next()];
  const hex = words.map((word) => word.toString(16).padStart(8, "0")).join("");
  const variant = "89ab"[Number.parseInt(hex[16]!, 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Randomness that a seed decides (the xoshiro128** generator, its state filled from the seed): the same seed, the same numbers. */
export class SeededRandom implements Random {
  private readonly state = new Uint32Array(4);

  constructor(seed: number) {
    let mix = seed >>> 0;
    for (let index = 0; index < 4; index++) {
      mix = (mix + 0x9e3779b9) >>> 0;
      let word = mix;
      word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
      word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
      this.state[index] = word ^ (word >>> 16);
    }
  }

  save(): readonly number[] {
    return [...this.state];
  }

  resume(saved: readonly number[]): void {
    this.state.set(saved);
  }

  next(): number {
    const [a, b, c, d] = this.state as unknown as [number, number, number, number];
    const result = Math.imul(b, 5);
    const output = Math.imul((result << 7) | (result >>> 25), 9) >>> 0;
    const shifted = b << 9;
    const nextC = c ^ a;
    const nextD = d ^ b;
    this.state[1] = b ^ nextC;
    this.state[0] = a ^ nextD;
    this.state[2] = nextC ^ shifted;
    this.state[3] = (nextD << 11) | (nextD >>> 21);
    return output;
  }
}
