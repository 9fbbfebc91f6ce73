/** Packets for tests, made from a few words. */
import { parseIpv4, parseIpv6 } from "../../src/net/address.ts";
import { icmp, icmpv6, protocolNumber } from "../../src/net/protocols.ts";
import { Form, PacketBatch, TcpFlag } from "../../src/backend/traffic/packet-batch.ts";
import { startMs } from "./cloud.ts";

/** A packet as a test writes it; what is left out is ordinary. */
export interface TestPacket {
  readonly src: string;
  readonly dst: string;
  /** tcp, udp, icmp, icmpv6 or a number. */
  readonly protocol?: string;
  readonly sport?: number;
  readonly dport?: number;
  /** TCP flags by their letters: S, A, F, R. */
  readonly flags?: string;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly icmpId?: number;
  readonly bytes?: number;
  /** Seconds after the start of the clock. */
  readonly at?: number;
  readonly quotes?: TestPacket;
  readonly isLaterFragment?: boolean;
}

const letters: Readonly<Record<string, number>> = { S: TcpFlag.syn, A: TcpFlag.ack, F: TcpFlag.fin, R: TcpFlag.rst };

/** The packets as a batch. */
export function batchOf(...packets: readonly TestPacket[]): PacketBatch {
  const batch = new PacketBatch();
  for (const packet of packets) append(batch, packet);
  return batch;
}

function append(batch: PacketBatch, packet: TestPacket): void {
  const at = batch.add();
  const isIpv6 = packet.src.includes(":");
  writeAddress(batch, at, packet.src);
  writeAddress(batch, at + 4, packet.dst);
  const protocol = protocolNumber(packet.protocol ?? "tcp")!;
  const { view } = batch;
  if (protocol === icmp || protocol === icmpv6) {
    view.setUint16(at + 8, packet.icmpId ?? 0);
    view.setUint8(at + 10, packet.icmpType ?? (protocol === icmp ? 8 : 128));
    view.setUint8(at + 11, packet.icmpCode ?? 0);
  } else {
    view.setUint16(at + 8, packet.sport ?? 0);
    view.setUint16(at + 10, packet.dport ?? 0);
  }
  view.setUint8(at + 12, protocol);
  view.setUint8(at + 13, [...(packet.flags ?? "")].reduce((bits, letter) => bits | letters[letter]!, 0));
  view.setUint8(at + 14, (isIpv6 ? Form.ipv6 : 0) | (packet.isLaterFragment === true ? Form.laterFragment : 0));
  view.setUint32(at + 16, packet.bytes ?? 60, true);
  const timeUs = Math.round((startMs + (packet.at ?? 0) * 1000) * 1000);
  view.setUint32(at + 20, Math.floor(timeUs / 1e6), true);
  view.setUint32(at + 24, (timeUs % 1e6) * 1000, true);
  if (packet.quotes === undefined) return;
  append(batch.quoted!, packet.quotes);
  batch.view.setUint32(at + 28, batch.quoted!.count, true);
}

function writeAddress(batch: PacketBatch, at: number, text: string): void {
  if (!text.includes(":")) {
    batch.view.setUint32(at, parseIpv4(text)!);
    return;
  }
  const bytes = Buffer.from(parseIpv6(text)!.toString(16).padStart(32, "0"), "hex");
  batch.view.setUint32(at, batch.ipv6.place(bytes), true);
}

/** Echo requests and their answers, one second apart, as `ping` sends them: 84 bytes each. */
export function ping(src: string, dst: string, count: number, at = 0): TestPacket[] {
  return Array.from({ length: count }, (_, index): TestPacket[] => [
    { src, dst, protocol: "icmp", icmpType: 8, icmpId: 7, bytes: 84, at: at + index },
    { src: dst, dst: src, protocol: "icmp", icmpType: 0, icmpId: 7, bytes: 84, at: at + index + 0.01 },
  ]).flat();
}
