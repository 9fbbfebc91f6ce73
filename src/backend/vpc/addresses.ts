/**
 * Addresses and ENIs as numbers of 32 bits, so that what is remembered of packets lies in flat memory.
 *
 * An IPv4 address is such a number by itself. IPv6 addresses are numbered as they are met; when many have been met, the
 * numbers that nobody remembers any more are given to others.
 */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "../../net/address.ts";

/** Of which family an address is. */
export type Family = 0 | 1;

/** IPv4 and IPv6 as families. */
export const [ipv4, ipv6]: readonly [Family, Family] = [0, 1];

/** IPv6 addresses that are met at least before anybody looks which of them are still needed. */
const firstCrowd = 131_072;

/** The numbers of addresses. */
export class Addresses {
  /** Four words of each IPv6 address, the first bits first. */
  words = new Int32Array(64 * 4);
  private readonly numbers = new Map<string, number>();
  private readonly keys: (string | undefined)[] = [];
  private readonly texts: (string | undefined)[] = [];
  private readonly free: number[] = [];
  private crowd = firstCrowd;

  /** The number of an IPv6 address, from its sixteen bytes. */
  ofBytes(bytes: Uint8Array): number {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString("latin1");
    return this.numbers.get(key) ?? this.add(key, bytes);
  }

  private add(key: string, bytes: Uint8Array): number {
    const number = this.free.pop() ?? this.keys.length;
    if (number * 4 === this.words.length) {
      const larger = new Int32Array(this.words.length * 2);
      larger.set(this.words);
      this.words = larger;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    for (let word = 0; word < 4; word++) this.words[number * 4 + word] = view.getInt32(word * 4);
    this.numbers.set(key, number);
    this.keys[number] = key;
    this.texts[number] = undefined;
    return number;
  }

  /** The number of an address, from its spelling. */
  ofText(text: string): number {
    return familyOf(text) === ipv4 ? parseIpv4(text)! | 0 : this.ofBytes(bytesOf(text));
  }

  /** The canonical spelling of an address. */
  text(number: number, family: Family): string {
    if (family === ipv4) return formatIpv4(number);
    const known = this.texts[number];
    if (known !== undefined) return known;
    const text = formatIpv6(BigInt(`0x${Buffer.from(this.keys[number]!, "latin1").toString("hex")}`));
    this.texts[number] = text;
    return text;
  }

  /** The IPv6 addresses that are marked as needed, with their numbers. */
  named(mark: (needed: Uint8Array) => void): SavedNumbers["ipv6"] {
    const needed = new Uint8Array(this.keys.length);
    mark(needed);
    return [...needed.entries()].filter(([, isNeeded]) => isNeeded === 1).map(([number]) => [number, this.text(number, ipv6)] as const);
  }

  /** Whether it is time for {@link sweep}. */
  get isCrowded(): boolean {
    return this.numbers.size >= this.crowd;
  }

  /** Gives up the numbers of the IPv6 addresses that nobody marks as needed. */
  sweep(mark: (needed: Uint8Array) => void): void {
    const needed = new Uint8Array(this.keys.length);
    mark(needed);
    for (const [number, key] of this.keys.entries()) {
      if (key === undefined || needed[number] === 1) continue;
      this.numbers.delete(key);
      this.keys[number] = undefined;
      this.texts[number] = undefined;
      this.free.push(number);
    }
    this.crowd = Math.max(firstCrowd, this.numbers.size * 2);
  }
}

/** What numbers meant that were kept: addresses and ENIs by their numbers. */
export interface SavedNumbers {
  readonly ipv6: readonly (readonly [number: number, text: string])[];
  readonly enis: readonly (readonly [number: number, id: string])[];
}

/** Numbers that were kept, as numbers of now. */
export class Renumbering {
  private readonly ipv6: ReadonlyMap<number, number>;
  private readonly enis: ReadonlyMap<number, number>;

  constructor(saved: SavedNumbers, addresses: Addresses, enis: EniNumbers) {
    this.ipv6 = new Map(saved.ipv6.map(([number, text]) => [number, addresses.ofText(text)]));
    this.enis = new Map(saved.enis.map(([number, id]) => [number, enis.of(id)]));
  }

  address(number: number, isIpv6: number): number {
    return isIpv6 === 0 ? number : this.ipv6.get(number)!;
  }

  eni(number: number): number | undefined {
    return this.enis.get(number);
  }
}

/** The family of an address, from its spelling. */
export function familyOf(text: string): Family {
  return text.includes(":") ? ipv6 : ipv4;
}

/** The sixteen bytes of an IPv6 address. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(parseIpv6(text)!.toString(16).padStart(32, "0"), "hex"));
}

/** ENIs that are gone and still have their number, at most, beside as many as there are. */
const mostGone = 1000;

/** Numbers of ENIs; after so many they begin anew, when those before them are long gone. */
const mostEnis = 1 << 21;

/** The numbers of ENIs. */
export class EniNumbers {
  private readonly numbers = new Map<string, number>();
  private next = 0;

  /** The number of an ENI. */
  of(id: string): number {
    const known = this.numbers.get(id);
    if (known !== undefined) return known;
    const number = this.next;
    this.next = (this.next + 1) % mostEnis;
    this.numbers.set(id, number);
    return number;
  }

  /** All ENIs with their numbers. */
  named(): SavedNumbers["enis"] {
    return [...this.numbers].map(([id, number]) => [number, id] as const);
  }

  /** Forgets numbers of ENIs that are gone, where they are many. */
  keep(isThere: (id: string) => boolean, there: number): void {
    if (this.numbers.size <= there * 2 + mostGone) return;
    for (const id of this.numbers.keys()) if (!isThere(id)) this.numbers.delete(id);
  }
}
