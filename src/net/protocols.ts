/** IANA protocol numbers that people call by name. */

/** The Internet Control Message Protocol. */
export const icmp = 1;
/** The Transmission Control Protocol. */
export const tcp = 6;
/** The User Datagram Protocol. */
export const udp = 17;
/** ICMP for IPv6. */
export const icmpv6 = 58;

const numbers: Readonly<Record<string, number>> = {
  icmp,
  igmp: 2,
  ipip: 4,
  tcp,
  udp,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6,
  ospf: 89,
  sctp: 132,
};

/** The protocol's number, from its name or from the number spelled out; undefined when it is neither. */
export function protocolNumber(text: string): number | undefined {
  const known = numbers[text.toLowerCase()];
  if (known !== undefined) return known;
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : undefined;
}

/** Whether a protocol's packets carry ports. */
export function hasPorts(protocol: number): boolean {
  return protocol === tcp || protocol === udp;
}
