/** Numbers of IPv6 addresses: those that a connection or a conversation remembers stay theirs, others are given on. */
import { expect, test } from "vitest";
import { Addresses, EniNumbers, ipv6, Renumbering, type SavedNumbers } from "../../src/backend/vpc/addresses.ts";
import { Arrivals } from "../../src/backend/vpc/arrivals.ts";
import { Connections } from "../../src/backend/vpc/connections.ts";
import { PacketNumbers } from "../../src/backend/vpc/packet-numbers.ts";
import { Pulses } from "../../src/backend/vpc/pulses.ts";
import { defaultTracking } from "../../src/backend/vpc/tracking-settings.ts";

const [ownText, remoteText] = ["2001:db8::1", "2001:db8::2"];
const enis = new EniNumbers();
const eni = enis.of("eni-12345678");
const [syn, ack] = [2, 16];

class Memory {
  readonly connections = new Connections(defaultTracking);
  readonly arrivals = new Arrivals(100, new Pulses());
  readonly addresses: Addresses;

  constructor(addresses: Addresses) {
    this.addresses = addresses;
  }

  private numbers(isFromOwn: boolean, tcpFlags: number): PacketNumbers {
    const [own, remote] = [this.addresses.ofText(ownText), this.addresses.ofText(remoteText)];
    const ends = isFromOwn ? { src: own, dst: remote, srcPort: 443, dstPort: 50_000 } : { src: remote, dst: own, srcPort: 50_000, dstPort: 443 };
    return Object.assign(new PacketNumbers(), ends, { srcFamily: ipv6, dstFamily: ipv6, protocol: 6, tcpFlags });
  }

  /** An opening that passes at the ENI, and does not reach the other end. */
  open(): void {
    const packet = this.numbers(false, syn);
    this.connections.beginPacket();
    this.connections.see(eni, "ingress", packet, packet.dst, packet.src);
    this.connections.keep();
    this.arrivals.turn(packet);
    this.arrivals.note(packet, false);
  }

  /** What the two memories make of the opening's answer. */
  answered(): { readonly tracked: string; readonly isToNothing: boolean } {
    const packet = this.numbers(true, syn | ack);
    this.connections.beginPacket();
    const tracked = this.connections.see(eni, "egress", packet, packet.src, packet.dst);
    this.arrivals.turn(packet);
    return { tracked, isToNothing: this.arrivals.isAnswerToNothing(packet) };
  }
}

const known = { tracked: "tracked", isToNothing: true };

/** Two addresses that are remembered among so many that are not that the numbers are given on. */
function crowded(remember: (memory: Memory, needed: Uint8Array) => void): Memory {
  const memory = new Memory(new Addresses());
  memory.open();
  for (let each = 0; !memory.addresses.isCrowded; each++) memory.addresses.ofText(`2001:db8:1::${(each >>> 16).toString(16)}:${(each & 0xffff).toString(16)}`);
  memory.addresses.sweep((needed) => remember(memory, needed));
  // Whoever comes now gets the numbers that are free.
  for (let each = 0; each < 4; each++) memory.addresses.ofText(`2001:db8:2::${each}`);
  return memory;
}

test.each(["connections", "arrivals"] as const)("what %s remember keeps its numbers when others are given on", (which) => {
  const memory = crowded(({ [which]: table }, needed) => table.mark(needed));
  expect(memory.answered()).toEqual(known);
  const swept = crowded(() => {});
  expect(swept.answered()).toEqual({ tracked: "new", isToNothing: false });
});

test.each(["connections", "arrivals"] as const)("what %s remember is found after a restart, when addresses have other numbers", (which) => {
  const before = new Memory(new Addresses());
  before.open();
  const named = before.addresses.named((needed) => before[which].mark(needed));
  expect(named.map(([, text]) => text).toSorted()).toEqual([ownText, remoteText]);
  const saved = JSON.parse(JSON.stringify({ numbers: { ipv6: named, enis: enis.named() }, connections: before.connections.save(), arrivals: before.arrivals.save() })) as {
    readonly numbers: SavedNumbers;
    readonly connections: ReturnType<Connections["save"]>;
    readonly arrivals: ReturnType<Arrivals["save"]>;
  };
  const after = new Memory(new Addresses());
  for (const text of ["2001:db8::9", remoteText]) after.addresses.ofText(text);
  const numbers = new Renumbering(saved.numbers, after.addresses, enis);
  after.connections.restore(saved.connections, numbers);
  after.arrivals.restore(saved.arrivals, numbers);
  expect(after.answered()).toEqual(known);
});
