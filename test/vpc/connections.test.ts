/** Connection tracking in words; `kernel.test.ts` compares it with the kernel's own. */
import { describe, expect, test } from "vitest";
import { Addresses, EniNumbers, Renumbering } from "../../src/backend/vpc/addresses.ts";
import { BoundedTable, Worth } from "../../src/backend/vpc/bounded-table.ts";
import { Connections, type Tracked } from "../../src/backend/vpc/connections.ts";
import { PacketNumbers } from "../../src/backend/vpc/packet-numbers.ts";
import type { Direction } from "../../src/backend/vpc/reason.ts";
import { defaultTracking } from "../../src/backend/vpc/tracking-settings.ts";

/** A packet as one ENI sees it. */
interface Seen {
  readonly way: Direction;
  readonly ownPort: number;
  readonly remotePort: number;
  readonly protocol: number;
  readonly tcpFlags: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly icmpId: number;
  readonly isLaterFragment: boolean;
  readonly timeMs: number;
}

const eni = 0;
const [own, remote] = [0x0a000004, 0xcb00710c | 0];
const letters: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, A: 16 };

/** A packet in words: `out SA 5` leaves the ENI with SYN and ACK, five seconds after the start. */
function packet(words: string, more: Partial<Seen> = {}): Seen {
  const [way, flags, seconds] = words.split(" ");
  return {
    ...{ way: way === "out" ? "egress" : "ingress", ownPort: 443, remotePort: 50_000, protocol: 6 },
    ...{ tcpFlags: [...(flags ?? "")].reduce((bits, letter) => bits | (letters[letter] ?? 0), 0), icmpType: 0, icmpCode: 0, icmpId: 0 },
    ...{ isLaterFragment: false, timeMs: Number(seconds ?? 0) * 1000, ...more },
  };
}

function numbers({ way, ownPort, remotePort, ...rest }: Seen): PacketNumbers {
  const ends = way === "egress" ? { src: own, dst: remote, srcPort: ownPort, dstPort: remotePort } : { src: remote, dst: own, srcPort: remotePort, dstPort: ownPort };
  return Object.assign(new PacketNumbers(), ends, rest);
}

function see(connections: Connections, packet: Seen, at = eni): Tracked {
  connections.beginPacket();
  return connections.see(at, packet.way, numbers(packet), own, remote);
}

/** What tracking says of each packet, all of which the rules let pass. */
function tell(packets: readonly Seen[], settings = defaultTracking): string[] {
  const connections = new Connections(settings);
  return packets.map((each) => {
    const said = see(connections, each);
    connections.keep();
    return said;
  });
}

const strict = { ...defaultTracking, picksUpTcp: false };

describe("TCP", () => {
  test.each([
    ["a handshake, data, both ends closing", ["in S 0", "out SA 0", "in A 0", "out A 9", "in FA 10", "out FA 10", "in A 10"], "new tracked tracked tracked tracked tracked tracked"],
    ["until an answer comes, openings are judged again", ["in S 0", "in S 1", "in S 3"], "new new new"],
    ["an opening without an answer is forgotten after 120 s, sent again or not", ["in S 0", "in S 100", "out SA 121"], "new new new"],
    ["a half-open connection is forgotten after 60 s", ["in S 0", "out SA 0", "out A 61"], "new tracked new"],
    ["an established one is not, for five days", ["in S 0", "out SA 0", "in A 0", "out A 431999"], "new tracked tracked tracked"],
    ["a reset ends it; ten seconds later nothing is left", ["in S 0", "out SA 0", "in A 0", "out R 1", "in A 12"], "new tracked tracked tracked new"],
    ["a refused opening leaves nothing behind", ["in S 0", "out RA 0", "in A 1"], "new tracked new"],
    ["after both ends have closed, the same ports open anew", ["in S 0", "out SA 0", "in A 0", "in FA 1", "out FA 1", "in A 1", "in S 2"], "new tracked tracked tracked tracked tracked new"],
    ["flags that no TCP sends together belong to nothing", ["in S 0", "out SA 0", "in SF 0", "in  0"], "new tracked new new"],
  ])("%s", (_what, words, said) => {
    expect(tell(words.map((each) => packet(each)), strict).join(" ")).toBe(said);
  });

  test("a connection that is already going is taken up at its first ACK, where that is wanted", () => {
    const words = ["in A 0", "out A 1", "in A 2"].map((each) => packet(each));
    expect(tell(words)).toEqual(["new", "tracked", "tracked"]);
    expect(tell(words, strict)).toEqual(["new", "new", "new"]);
  });

  test("later fragments go with their connection and change nothing of it", () => {
    const fragment = packet("out - 1", { isLaterFragment: true });
    expect(tell([packet("in S 0"), packet("out SA 0"), fragment, packet("in A 1")], strict)).toEqual(["new", "tracked", "tracked", "tracked"]);
    expect(tell([fragment, packet("in A 1", { isLaterFragment: true })])).toEqual(["new", "new"]);
  });

  test("a packet that comes late does not turn time back", () => {
    expect(tell(["in S 100", "out SA 100", "in A 40", "in A 101"].map((each) => packet(each)), strict)).toEqual(["new", "tracked", "tracked", "tracked"]);
  });
});

describe("UDP, ICMP and others", () => {
  const udp = { protocol: 17 };
  test.each([
    ["an answer within 30 s", ["in - 0", "out - 29"], "new tracked"],
    ["no answer after 30 s", ["in - 0", "out - 30"], "new new"],
    ["a stream is remembered for 120 s", ["in - 0", "out - 1", "in - 3", "out - 122"], "new tracked tracked tracked"],
  ])("UDP: %s", (_what, words, said) => {
    expect(tell(words.map((each) => packet(each, udp))).join(" ")).toBe(said);
  });

  const icmp = (words: string, icmpType: number, icmpId = 7) => packet(words, { protocol: 1, ownPort: 0, remotePort: 0, icmpType, icmpId });

  test("an echo answers its own question only", () => {
    expect(tell([icmp("in - 0", 8), icmp("out - 0", 0), icmp("out - 0", 0, 8), icmp("out - 0", 14)])).toEqual(["new", "tracked", "new", "new"]);
    // Both ends ask with the same identifier: two connections.
    expect(tell([icmp("in - 0", 8), icmp("out - 0", 8), icmp("in - 0", 0), icmp("out - 0", 0)])).toEqual(["new", "new", "tracked", "tracked"]);
  });

  test("an ICMP error belongs to the connection that it quotes", () => {
    const connections = new Connections(defaultTracking);
    expect(see(connections, packet("out S 0"))).toBe("new");
    connections.keep();
    const knows = (quoted: Seen, at = eni) => connections.knows(at, quoted.way, numbers(quoted), own, remote, 1000);
    expect(knows(packet("out S 1"))).toBe(true);
    expect(knows(packet("out S 1", { remotePort: 1 }))).toBe(false);
    expect(knows(packet("out S 1"), eni + 1)).toBe(false);
  });

  test("other protocols are tracked by their addresses", () => {
    const esp = { protocol: 50, ownPort: 0, remotePort: 0 };
    expect(tell([packet("in - 0", esp), packet("out - 599", esp), packet("out - 1200", esp)])).toEqual(["new", "tracked", "new"]);
  });

  test("what the rules rejected is not remembered", () => {
    const connections = new Connections(defaultTracking);
    see(connections, packet("in - 0", udp));
    expect(see(connections, packet("out - 0", udp))).toBe("new");
    expect(connections.size).toBe(0);
  });
});

describe("memory is bounded", () => {
  test("connections without answers make room before those that have one", () => {
    const connections = new Connections({ ...defaultTracking, maxConnections: 100 });
    const open = (remotePort: number) => {
      see(connections, packet("in - 0", { protocol: 17, remotePort }));
      connections.keep();
    };
    open(1);
    see(connections, packet("out - 0", { protocol: 17, remotePort: 1 }));
    for (let port = 2; port < 5000; port++) open(port);
    expect(connections.size).toBe(100);
    expect(see(connections, packet("out - 0", { protocol: 17, remotePort: 1 }))).toBe("tracked");
  });

  test("what has expired goes without being asked for", () => {
    const connections = new Connections(defaultTracking);
    for (let place = 0; place < 5000; place++) {
      see(connections, packet(`in - ${place * 20}`, { protocol: 17, remotePort: place }));
      connections.keep();
    }
    // Those of the last hour, for packets that come late.
    expect(connections.size).toBeLessThan(400);
  });

  test("a bounded table gives up what is worth least", () => {
    const table = new Numbers(3, 8);
    for (const value of [1, 2, 3, 4, 5]) table.add(value);
    expect(table.size).toBe(3);
    expect([1, 3, 5].map((value) => table.knows(value))).toEqual([true, true, true]);
    table.drop(3);
    table.add(1);
    expect([1, 2, 3, 4, 5].filter((value) => table.knows(value))).toEqual([1, 5]);
    expect(table.left).toEqual([2, 4, 3, 1]);
  });

  test("a bounded table holds what a map holds, however it grows and shrinks", () => {
    const [table, map] = [new Numbers(100_000, 8), new Set<number>()];
    for (let step = 1; step < 20_000; step++) {
      const value = (step * 7919) % 4001;
      if (step % 3 === 0 && map.delete(value)) table.drop(value);
      else {
        table.add(value);
        map.add(value);
      }
    }
    const values = Array.from({ length: 4001 }, (_, value) => value);
    expect(table.size).toBe(map.size);
    expect(values.filter((value) => table.knows(value))).toEqual(values.filter((value) => map.has(value)));
  });
});

/** Numbers, of which the odd ones are dear. */
class Numbers extends BoundedTable {
  readonly left: number[] = [];

  add(value: number): void {
    this.put(value, 0, 0, value, 0);
  }

  knows(value: number): boolean {
    return this.find(value, 0, 0, value) !== -1;
  }

  drop(value: number): void {
    this.remove(this.find(value, 0, 0, value));
  }

  protected worth(place: number): Worth {
    return this.rows[place * this.rowWords]! % 2 === 0 ? Worth.spare : Worth.dear;
  }

  protected leaves(place: number): void {
    this.left.push(this.rows[place * this.rowWords]!);
  }
}

test("what is remembered outlasts a restart", () => {
  const before = new Connections(defaultTracking);
  const [addresses, enis] = [new Addresses(), new EniNumbers()];
  enis.of("eni-12345678");
  see(before, packet("in S 0"));
  before.keep();
  const after = new Connections(defaultTracking);
  const numbers = new Renumbering({ ipv6: [], enis: enis.named() }, addresses, enis);
  after.restore(JSON.parse(JSON.stringify(before.save())) as ReturnType<Connections["save"]>, numbers);
  expect(see(after, packet("out SA 1"))).toBe("tracked");
});
