/** Connection tracking in words; `kernel.test.ts` compares it with the kernel's own. */
import { describe, expect, test } from "vitest";
import { BoundedMap } from "../../src/backend/vpc/bounded-map.ts";
import { Connections, defaultTracking, type Seen } from "../../src/backend/vpc/connections.ts";

const eni = "eni-12345678";
const letters: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, A: 16 };

/** A packet in words: `out SA 5` leaves the ENI with SYN and ACK, five seconds after the start. */
function packet(words: string, more: Partial<Seen> = {}): Seen {
  const [way, flags, seconds] = words.split(" ");
  return {
    ...{ way: way === "out" ? "egress" : "ingress", own: "10.0.0.4", ownPort: 443, remote: "203.0.113.12", remotePort: 50_000, protocol: 6 },
    ...{ tcpFlags: [...(flags ?? "")].reduce((bits, letter) => bits | (letters[letter] ?? 0), 0), icmpType: 0, icmpCode: 0, icmpId: 0 },
    ...{ isLaterFragment: false, timeMs: Number(seconds ?? 0) * 1000, ...more },
  };
}

/** What tracking says of each packet, all of which the rules let pass. */
function tell(packets: readonly Seen[], settings = defaultTracking): string[] {
  const connections = new Connections(settings);
  return packets.map((each) => {
    const said = connections.see(eni, each);
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
    expect(connections.see(eni, packet("out S 0"))).toBe("new");
    connections.keep();
    expect(connections.knows(eni, packet("out S 1"), 1000)).toBe(true);
    expect(connections.knows(eni, packet("out S 1", { remotePort: 1 }), 1000)).toBe(false);
    expect(connections.knows("eni-another", packet("out S 1"), 1000)).toBe(false);
  });

  test("other protocols are tracked by their addresses", () => {
    const esp = { protocol: 50, ownPort: 0, remotePort: 0 };
    expect(tell([packet("in - 0", esp), packet("out - 599", esp), packet("out - 1200", esp)])).toEqual(["new", "tracked", "new"]);
  });

  test("what the rules rejected is not remembered", () => {
    const connections = new Connections(defaultTracking);
    connections.see(eni, packet("in - 0", udp));
    expect(connections.see(eni, packet("out - 0", udp))).toBe("new");
    expect(connections.size).toBe(0);
  });
});

describe("memory is bounded", () => {
  test("connections without answers make room before those that have one", () => {
    const connections = new Connections({ ...defaultTracking, maxConnections: 100 });
    const open = (remotePort: number) => {
      connections.see(eni, packet("in - 0", { protocol: 17, remotePort }));
      connections.keep();
    };
    open(1);
    connections.see(eni, packet("out - 0", { protocol: 17, remotePort: 1 }));
    for (let port = 2; port < 5000; port++) open(port);
    expect(connections.size).toBe(100);
    expect(connections.see(eni, packet("out - 0", { protocol: 17, remotePort: 1 }))).toBe("tracked");
  });

  test("what has expired goes without being asked for", () => {
    const connections = new Connections(defaultTracking);
    for (let place = 0; place < 5000; place++) {
      connections.see(eni, packet(`in - ${place * 20}`, { protocol: 17, remotePort: place }));
      connections.keep();
    }
    // Those of the last hour, for packets that come late.
    expect(connections.size).toBeLessThan(400);
  });

  test("a bounded map gives up what is worth least", () => {
    const map = new BoundedMap<number>(3, 16, () => {});
    for (const value of [1, 2, 3, 4, 5]) map.set(String(value), value, (other) => (other % 2 === 0 ? "spare" : "dear"));
    expect(map.size).toBe(3);
    expect([1, 3, 5].map((value) => map.get(String(value)))).toEqual([1, 3, 5]);
    map.delete("3");
    map.set("1", 11, () => "dear");
    expect([...map.entries()]).toEqual([["5", 5], ["1", 11]]);
  });
});

test("what is remembered outlasts a restart", () => {
  const before = new Connections(defaultTracking);
  before.see(eni, packet("in S 0"));
  before.keep();
  const after = new Connections(defaultTracking);
  after.restore(JSON.parse(JSON.stringify(before.save())) as ReturnType<Connections["save"]>);
  expect(after.see(eni, packet("out SA 1"))).toBe("tracked");
});
