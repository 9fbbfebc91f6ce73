/** A packet as the judge looks at it: numbers only, in an object that is filled again for each packet. */
import { type Addresses, type Family, familyOf } from "./addresses.ts";

/** What the judge needs to know of a packet, as a person writes it. */
export interface Offered {
  readonly srcAddr: string;
  readonly dstAddr: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  readonly tcpFlags: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly icmpId: number;
  readonly isLaterFragment: boolean;
  readonly timeMs: number;
  readonly quoted: Offered | undefined;
}

/** The same in numbers; addresses as `addresses.ts` numbers them. */
export class PacketNumbers {
  src = 0;
  dst = 0;
  srcFamily: Family = 0;
  dstFamily: Family = 0;
  srcPort = 0;
  dstPort = 0;
  protocol = 0;
  tcpFlags = 0;
  icmpType = 0;
  icmpCode = 0;
  icmpId = 0;
  isLaterFragment = false;
  timeMs = 0;
  /** IP total length: nothing that a verdict depends on. */
  bytes = 0;
  /** The packet that an ICMP error reports on. */
  quoted: PacketNumbers | undefined = undefined;

  /** Fills it from a packet as a person writes it. */
  fill(packet: Offered, addresses: Addresses): this {
    this.src = addresses.ofText(packet.srcAddr);
    this.dst = addresses.ofText(packet.dstAddr);
    this.srcFamily = familyOf(packet.srcAddr);
    this.dstFamily = familyOf(packet.dstAddr);
    const { srcPort, dstPort, protocol, tcpFlags, icmpType, icmpCode, icmpId, isLaterFragment, timeMs, quoted } = packet;
    Object.assign(this, { srcPort, dstPort, protocol, tcpFlags, icmpType, icmpCode, icmpId, isLaterFragment, timeMs });
    this.quoted = quoted && new PacketNumbers().fill(quoted, addresses);
    return this;
  }

  /** Fills it from another one. */
  copy(from: PacketNumbers): this {
    return Object.assign(this, from);
  }
}
