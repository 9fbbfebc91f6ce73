/** Rules in flat memory: a packet goes through a list of them without a call or an object for each. */
import { type Cidr, parseCidr } from "../../net/address.ts";
import { type PortRange, portsHold } from "../../net/ports.ts";
import { hasPorts, icmp, icmpv6 } from "../../net/protocols.ts";
import { type Addresses, type Family, ipv4, ipv6 } from "./addresses.ts";
import type { Reason } from "./reason.ts";

/** A packet as one ENI sees it: its own end by the private address. */
export interface Viewed {
  readonly src: number;
  readonly dst: number;
  readonly srcFamily: Family;
  readonly dstFamily: Family;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
}

/** A set of addresses: what a rule means that names a group. */
export interface AddressSet {
  readonly v4: ReadonlySet<number>;
  readonly v6: ReadonlySet<number>;
}

/** What a rule wants of one end: a block of addresses (empty text for any), or to be one of a set. */
export type WantedEnd = string | AddressSet;

/** A rule's conditions. */
export interface Wanted {
  /** The protocol's number, or one of the two that follow. */
  readonly protocol: number;
  readonly src: WantedEnd;
  readonly dst: WantedEnd;
  /** No ranges: every port. Only asked of packets that have ports. */
  readonly srcPorts: readonly PortRange[];
  readonly dstPorts: readonly PortRange[];
  /** What a verdict says when it matches: the same object for all packets. */
  readonly reason: Reason;
}

/** Any protocol, and ICMP of both families. */
export const [anyProtocol, bothIcmp] = [-1, -2];

/** A block of IPv6 addresses: where a mask is applied, what must be left. */
interface Block6 {
  readonly mask: Int32Array;
  readonly value: Int32Array;
}

/** What does not fit into a row. */
interface Beyond {
  readonly srcPorts: readonly PortRange[];
  readonly dstPorts: readonly PortRange[];
  readonly src: Block6 | AddressSet | undefined;
  readonly dst: Block6 | AddressSet | undefined;
}

/**
 * Words of a row: protocol; the lowest and the highest destination port; what else must be looked at (the two lowest
 * bits: whether source and destination must be IPv4; above them the place + 1 of a {@link Beyond}); mask and value of the
 * source, and of the destination.
 */
const rowWords = 8;

/** The rules of a list in one direction; the first that matches decides. */
export class RuleRows {
  private readonly rows: Int32Array;
  private readonly beyond: Beyond[] = [];
  private readonly reasons: readonly Reason[];
  private readonly addresses: Addresses;
  /** No rule takes a destination port outside of these. */
  private lowestPort = 65_535;
  private highestPort = 0;

  constructor(rules: readonly Wanted[], addresses: Addresses) {
    this.addresses = addresses;
    this.rows = new Int32Array(rules.length * rowWords);
    this.reasons = rules.map(({ reason }) => reason);
    for (const [place, rule] of rules.entries()) this.write(place * rowWords, rule);
  }

  private write(at: number, { protocol, src, dst, srcPorts, dstPorts }: Wanted): void {
    const { rows } = this;
    const [source, destination] = [blockOf(src), blockOf(dst)];
    const only = dstPorts.length === 1 ? dstPorts[0]! : { from: 0, to: 65_535 };
    const isBeyond = srcPorts.length > 0 || dstPorts.length > 1 || source.other !== undefined || destination.other !== undefined;
    const place = isBeyond ? this.beyond.push({ srcPorts, dstPorts, src: source.other, dst: destination.other }) : 0;
    this.lowestPort = Math.min(this.lowestPort, only.from);
    this.highestPort = Math.max(this.highestPort, only.to);
    const families = (source.isIpv4 ? 1 : 0) | (destination.isIpv4 ? 2 : 0);
    rows.set([protocol, only.from, only.to, families | (place << 2), source.mask, source.value, destination.mask, destination.value], at);
  }

  /** The reason that the first matching rule gives. */
  firstMatch(packet: Viewed): Reason | undefined {
    const { rows } = this;
    const { src, dst, dstPort, protocol } = packet;
    const isPorted = hasPorts(protocol);
    if (isPorted && (dstPort < this.lowestPort || dstPort > this.highestPort)) return undefined;
    const isIcmp = protocol === icmp || protocol === icmpv6;
    const otherFamilies = packet.srcFamily | (packet.dstFamily << 1);
    for (let at = 0; at < rows.length; at += rowWords) {
      const wanted = rows[at]!;
      if (wanted !== protocol && wanted !== anyProtocol && !(wanted === bothIcmp && isIcmp)) continue;
      if (isPorted && (dstPort < rows[at + 1]! || dstPort > rows[at + 2]!)) continue;
      const more = rows[at + 3]!;
      if ((more & 3 & otherFamilies) !== 0) continue;
      if ((src & rows[at + 4]!) !== rows[at + 5]! || (dst & rows[at + 6]!) !== rows[at + 7]!) continue;
      if (more < 4 || this.matchesBeyond(this.beyond[(more >> 2) - 1]!, packet)) return this.reasons[at / rowWords]!;
    }
    return undefined;
  }

  private matchesBeyond({ srcPorts, dstPorts, src, dst }: Beyond, packet: Viewed): boolean {
    if (hasPorts(packet.protocol) && !(portsHold(srcPorts, packet.srcPort) && portsHold(dstPorts, packet.dstPort))) return false;
    return this.endMatches(src, packet.src, packet.srcFamily) && this.endMatches(dst, packet.dst, packet.dstFamily);
  }

  private endMatches(wanted: Block6 | AddressSet | undefined, address: number, family: Family): boolean {
    if (wanted === undefined) return true;
    if ("v4" in wanted) return (family === ipv4 ? wanted.v4 : wanted.v6).has(address);
    return family === ipv6 && holds6(wanted, address, this.addresses);
  }
}

function holds6({ mask, value }: Block6, address: number, { words }: Addresses): boolean {
  for (let word = 0; word < 4; word++) if ((words[address * 4 + word]! & mask[word]!) !== value[word]!) return false;
  return true;
}

interface End {
  readonly isIpv4: boolean;
  readonly mask: number;
  readonly value: number;
  readonly other: Block6 | AddressSet | undefined;
}

function blockOf(wanted: WantedEnd): End {
  const any = { isIpv4: false, mask: 0, value: 0, other: undefined };
  if (typeof wanted !== "string") return { ...any, other: wanted };
  if (wanted === "") return any;
  const cidr = parseCidr(wanted)!;
  if (cidr.family === 6) return { ...any, other: block6(cidr) };
  return { ...any, isIpv4: true, mask: maskWord(cidr.prefix), value: Number(cidr.first) | 0 };
}

/** The 32-bit mask of a prefix of at most 32 bits. */
function maskWord(prefix: number): number {
  return prefix <= 0 ? 0 : prefix >= 32 ? -1 : -1 << (32 - prefix);
}

function block6({ first, prefix }: Cidr): Block6 {
  const words = [0, 1, 2, 3];
  return {
    mask: Int32Array.from(words, (word) => maskWord(prefix - word * 32)),
    value: Int32Array.from(words, (word) => Number((first >> BigInt(96 - word * 32)) & 0xffffffffn) | 0),
  };
}

/** Some blocks of addresses of either family. */
export class Blocks {
  private readonly v4: readonly End[];
  private readonly v6: readonly Block6[];
  private readonly addresses: Addresses;

  constructor(texts: readonly string[], addresses: Addresses) {
    const ends = texts.filter((text) => text !== "").map(blockOf);
    this.v4 = ends.filter(({ isIpv4 }) => isIpv4);
    this.v6 = ends.flatMap(({ other }) => (other === undefined || "v4" in other ? [] : [other]));
    this.addresses = addresses;
  }

  /** Whether an address lies in one of them. */
  hold(address: number, family: Family): boolean {
    if (family === ipv4) {
      for (const { mask, value } of this.v4) if ((address & mask) === value) return true;
      return false;
    }
    return this.v6.some((block) => holds6(block, address, this.addresses));
  }
}
