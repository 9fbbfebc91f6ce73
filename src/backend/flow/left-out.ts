/**
 * The traffic that flow logs leave out: DHCP, and what Windows instances send to activate their licence.
 *
 * Source: the product document, 使用限制.
 */
import { tcp, udp } from "../../net/protocols.ts";

/**
 * Where Windows instances activate their licence. Assumed: the product document names the traffic, not the address;
 * `serve --kms-address` sets another one.
 */
export const assumedActivationAddress = "169.254.0.55";

/** The port of the licence activation service (KMS). */
const activationPort = 1688;

const dhcpPorts: ReadonlySet<number> = new Set([67, 68]);
const dhcpv6Ports: ReadonlySet<number> = new Set([546, 547]);

interface Ported {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
}

/** Whether a packet is of the kinds that flow logs leave out; `isActivation` tells of its ends' addresses. */
export function isLeftOut({ srcPort, dstPort, protocol }: Ported, isActivation: (end: "src" | "dst") => boolean): boolean {
  if (protocol === udp) {
    const isPair = (ports: ReadonlySet<number>) => ports.has(srcPort) && ports.has(dstPort);
    return isPair(dhcpPorts) || isPair(dhcpv6Ports);
  }
  if (protocol !== tcp) return false;
  return (dstPort === activationPort && isActivation("dst")) || (srcPort === activationPort && isActivation("src"));
}
