/** Spellings that field rules can ask for: addresses, blocks, ports. */
import { parseAddress, parseCidr } from "../net/address.ts";
import { parsePorts } from "../net/ports.ts";
import type { Format } from "./fields.ts";

interface FormatRule {
  readonly words: string;
  readonly accepts: (value: string) => boolean;
}

function isBlock(value: string, family: 4 | 6): boolean {
  return parseCidr(value)?.family === family;
}

/** A block spelled by its first address: `10.0.0.0/16`, not `10.0.0.5/16`. */
function isNetwork(value: string, family: 4 | 6): boolean {
  const cidr = parseCidr(value);
  const first = parseAddress(value.split("/")[0]!);
  return cidr !== undefined && value.includes("/") && cidr.family === family && first?.bits === cidr.first;
}

// CreateVpc's page: which private blocks a VPC may use, and how small or large.
const vpcRanges = [
  { range: "10.0.0.0/12", shortest: 12, longest: 28 },
  { range: "172.16.0.0/12", shortest: 12, longest: 28 },
  { range: "192.168.0.0/16", shortest: 16, longest: 28 },
];

function isVpcNetwork(value: string): boolean {
  if (!isNetwork(value, 4)) return false;
  const { first, prefix } = parseCidr(value)!;
  return vpcRanges.some(({ range, shortest, longest }) => {
    const outer = parseCidr(range)!;
    const shift = BigInt(32 - outer.prefix);
    return prefix >= shortest && prefix <= longest && first >> shift === outer.first >> shift;
  });
}

/** Each format's test, and what it asks for in words. */
export const formats: Readonly<Record<Format, FormatRule>> = {
  ipv4: {
    words: "must be an IPv4 address such as 10.0.0.4",
    accepts: (value) => parseAddress(value)?.family === 4,
  },
  ipv6: {
    words: "must be an IPv6 address such as 2001:db8::4",
    accepts: (value) => parseAddress(value)?.family === 6,
  },
  "ipv4-cidr": {
    words: "must be an IPv4 address or CIDR block such as 10.0.0.0/16",
    accepts: (value) => isBlock(value, 4),
  },
  "ipv6-cidr": {
    words: "must be an IPv6 address or CIDR block such as 2001:db8::/56",
    accepts: (value) => isBlock(value, 6),
  },
  "ipv4-network": {
    words: "must be an IPv4 CIDR block spelled by its first address, such as 10.0.0.0/16",
    accepts: (value) => isNetwork(value, 4),
  },
  "ipv6-network": {
    words: "must be an IPv6 CIDR block spelled by its first address, such as 2001:db8::/56",
    accepts: (value) => isNetwork(value, 6),
  },
  "vpc-network": {
    words: "must be a block inside 10.0.0.0/12 or 172.16.0.0/12 (/12 to /28) or 192.168.0.0/16 (/16 to /28)",
    accepts: isVpcNetwork,
  },
  ports: {
    words: 'must be a port, a range, a list of them, or "all": 80, 8000-8010, 80,443',
    accepts: (value) => parsePorts(value) !== undefined,
  },
  // eslint-disable-next-line no-control-regex -- the range is what ASCII means
  ascii: { words: "must be ASCII characters", accepts: (value) => /^[\x00-\x7f]*$/.test(value) },
};
