/** IP addresses and CIDR blocks: reading, writing and comparing them. Pure arithmetic; every room may use it. */

/** An IPv4 or IPv6 address as a number, so that addresses compare and fall into blocks. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** A CIDR block: every address whose first `prefix` bits are those of `first`. */
export interface Cidr {
  readonly family: 4 | 6;
  /** The lowest address of the block. */
  readonly first: bigint;
  readonly prefix: number;
}

const width = { 4: 32, 6: 128 } as const;

/** Reads an address in any of its usual spellings; undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  const bits = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  if (bits === undefined) return undefined;
  return typeof bits === "number" ? { family: 4, bits: BigInt(bits) } : { family: 6, bits };
}

/** Reads dotted decimal into an unsigned 32-bit number. Without regular expressions: packets come through here. */
export function parseIpv4(text: string): number | undefined {
  let [value, part, digits, parts] = [0, 0, 0, 1];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      if (digits === 0 || parts === 4) return undefined;
      value = value * 256 + part;
      parts++;
      part = 0;
      digits = 0;
      continue;
    }
    // No leading zeros: some read those as octal.
    if (code < 0x30 || code > 0x39 || (digits > 0 && part === 0)) return undefined;
    part = part * 10 + code - 0x30;
    digits++;
    if (part > 255) return undefined;
  }
  return parts === 4 && digits > 0 ? value * 256 + part : undefined;
}

/** Writes an unsigned 32-bit number in dotted decimal. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** Reads an IPv6 address, also with a dotted-decimal tail. */
export function parseIpv6(text: string): bigint | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail !== null) {
    const ipv4 = parseIpv4(tail[2]!);
    if (ipv4 === undefined) return undefined;
    return parseIpv6(`${tail[1]}${(ipv4 >>> 16).toString(16)}:${(ipv4 & 0xffff).toString(16)}`);
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const given = groups.flat();
  if (given.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  if (halves.length === 1 ? given.length !== 8 : given.length > 7) return undefined;
  const zeros = Array<string>(8 - given.length).fill("0");
  const all = halves.length === 1 ? given : [...groups[0]!, ...zeros, ...groups[1]!];
  return all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** Writes an IPv6 address as RFC 5952 says: lower case, the longest run of zeros shortened, IPv4-mapped dotted. */
export function formatIpv6(bits: bigint): string {
  if (bits >> 32n === 0xffffn) return `::ffff:${formatIpv4(Number(bits & 0xffffffffn))}`;
  const groups = Array.from({ length: 8 }, (_, index) => Number((bits >> BigInt(112 - index * 16)) & 0xffffn));
  const run = longestZeroRun(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}

/** Writes an address in its canonical spelling. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIpv4(Number(address.bits)) : formatIpv6(address.bits);
}

/** The canonical spelling of an address, or undefined when the text is none. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

/** Reads a CIDR block, or a bare address as the block of that one address; host bits are cleared. */
export function parseCidr(text: string): Cidr | undefined {
  const [base = "", prefixText, ...rest] = text.split("/");
  const address = parseAddress(base);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = width[address.family];
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) return undefined;
  const hostBits = BigInt(bits - prefix);
  return { family: address.family, first: (address.bits >> hostBits) << hostBits, prefix };
}

/** Writes a block as `first/prefix`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress({ family: cidr.family, bits: cidr.first })}/${cidr.prefix}`;
}

/** Whether an address lies in a block. */
export function cidrHolds(cidr: Cidr, address: Address): boolean {
  const hostBits = BigInt(width[cidr.family] - cidr.prefix);
  return cidr.family === address.family && address.bits >> hostBits === cidr.first >> hostBits;
}

/** Whether a block lies wholly in another. */
export function cidrWithin(inner: Cidr, outer: Cidr): boolean {
  return inner.prefix >= outer.prefix && cidrHolds(outer, { family: inner.family, bits: inner.first });
}

/** Whether two blocks share an address. */
export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return cidrWithin(a, b) || cidrWithin(b, a);
}

/** How many addresses a block has. */
export function cidrSize(cidr: Cidr): bigint {
  return 1n << BigInt(width[cidr.family] - cidr.prefix);
}
