/** Packets as Ethernet frames, whole and with right checksums, so that a kernel takes them. */
import { parseIpv4, parseIpv6 } from "../../src/net/address.ts";
import { icmp, icmpv6, tcp, udp } from "../../src/net/protocols.ts";

/** A packet in words; what its protocol does not have is 0. */
export interface PacketWords {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly tcpFlags: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly icmpId: number;
  /** What an ICMP error reports on. */
  readonly quoted?: PacketWords | undefined;
}

/** The frame; `id` stands where a receiver finds it: in IPv4's identification, in IPv6's flow label. */
export function frameOf(packet: PacketWords, id: number, destinationMac: Buffer): Buffer {
  const etherType = packet.src.includes(":") ? [0x86, 0xdd] : [0x08, 0x00];
  const ethernet = Buffer.concat([destinationMac, Buffer.from([2, 0, 0, 0, 0, 0, ...etherType])]);
  return Buffer.concat([ethernet, ipPacket(packet, id)]);
}

function ipPacket(packet: PacketWords, id: number): Buffer {
  const payload = transport(packet);
  return packet.src.includes(":") ? ipv6(packet, id, payload) : ipv4(packet, id, payload);
}

function ipv4(packet: PacketWords, id: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(id, 4);
  header[8] = 64;
  header[9] = packet.protocol;
  header.writeUInt32BE(parseIpv4(packet.src)!, 12);
  header.writeUInt32BE(parseIpv4(packet.dst)!, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
}

function ipv6(packet: PacketWords, id: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE((6 << 28) + id);
  header.writeUInt16BE(payload.length, 4);
  header[6] = packet.protocol;
  header[7] = 64;
  return Buffer.concat([header, addressBytes(packet.src), addressBytes(packet.dst), payload]);
}

function addressBytes(text: string): Buffer {
  if (text.includes(":")) return Buffer.from(parseIpv6(text)!.toString(16).padStart(32, "0"), "hex");
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(parseIpv4(text)!);
  return bytes;
}

function transport(packet: PacketWords): Buffer {
  switch (packet.protocol) {
    case tcp:
      return withChecksum(packet, tcpSegment(packet), 16);
    case udp:
      return withChecksum(packet, udpDatagram(packet), 6);
    case icmp:
    case icmpv6:
      return withChecksum(packet, icmpMessage(packet), 2);
    default:
      // Zeros: for GRE a header of version 0, for the rest whatever they make of it.
      return Buffer.alloc(16);
  }
}

const firstSequence = 1000;

/**
 * A segment without data. The sequence numbers are those of two ends that both began at 1000 and have sent nothing but
 * their SYN: every segment is what its receiver waits for.
 */
function tcpSegment({ srcPort, dstPort, tcpFlags }: PacketWords): Buffer {
  const segment = Buffer.alloc(20);
  segment.writeUInt16BE(srcPort, 0);
  segment.writeUInt16BE(dstPort, 2);
  const isOpening = (tcpFlags & 2) !== 0;
  segment.writeUInt32BE(isOpening ? firstSequence : firstSequence + 1, 4);
  segment.writeUInt32BE((tcpFlags & 16) === 0 ? 0 : firstSequence + 1, 8);
  segment[12] = 5 << 4;
  segment[13] = tcpFlags;
  segment.writeUInt16BE(0xffff, 14);
  return segment;
}

function udpDatagram({ srcPort, dstPort }: PacketWords): Buffer {
  const datagram = Buffer.alloc(12);
  datagram.writeUInt16BE(srcPort, 0);
  datagram.writeUInt16BE(dstPort, 2);
  datagram.writeUInt16BE(12, 4);
  return datagram;
}

function icmpMessage({ icmpType, icmpCode, icmpId, quoted }: PacketWords): Buffer {
  const header = Buffer.from([icmpType, icmpCode, 0, 0, 0, 0, 0, 0]);
  if (quoted !== undefined) return Buffer.concat([header, ipPacket(quoted, 7)]);
  header.writeUInt16BE(icmpId, 4);
  return Buffer.concat([header, Buffer.alloc(12)]);
}

function withChecksum(packet: PacketWords, data: Buffer, at: number): Buffer {
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(data.length, 0);
  pseudo[7] = packet.protocol;
  const covered = packet.protocol === icmp ? [data] : [addressBytes(packet.src), addressBytes(packet.dst), pseudo, data];
  data.writeUInt16BE(checksum(Buffer.concat(covered)), at);
  return data;
}

function checksum(data: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < data.length; at += 2) sum += data.readUInt16BE(at);
  if (data.length % 2 === 1) sum += data[data.length - 1]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Frames as a capture file, all at time 0. */
export function captureOf(frames: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt32LE(0x00040002, 4);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(1, 20);
  const records = frames.flatMap((frame) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(frame.length, 8);
    head.writeUInt32LE(frame.length, 12);
    return [head, frame];
  });
  return Buffer.concat([header, ...records]);
}
