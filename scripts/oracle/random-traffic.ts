/** Random traffic between a network's ENIs and the outside: few flows, many packets each, sensible and senseless ones. */
import { icmp, icmpv6, tcp, udp } from "../../src/net/protocols.ts";
import type { Eni } from "../../src/backend/vpc/network.ts";
import type { Chance } from "./chance.ts";
import type { PacketWords } from "./frames.ts";
import { outsiders, ports } from "./random-network.ts";

/** A packet, and the burst that it is sent in. */
export interface Sent {
  readonly words: PacketWords;
  readonly burst: number;
}

interface Flow {
  /** The end that asks. */
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly protocol: number;
  /** Where an orderly TCP conversation stands in its script. */
  step: number;
}

const nothing = { srcPort: 0, dstPort: 0, tcpFlags: 0, icmpType: 0, icmpCode: 0, icmpId: 0 };

const [F, S, R, A] = [1, 2, 4, 16] as const;

/** An orderly conversation: flags, and whether the asking end sends them. */
const script: readonly (readonly [flags: number, isAsking: boolean])[] = [
  [S, true],
  [S | A, false],
  [A, true],
  [A, true],
  [A, false],
  [F | A, true],
  [F | A, false],
  [A, true],
];

/** Every combination that stacks send, and a few that none does. */
const anyFlags = [S, S | A, A, A, A | 8, F | A, F | A, R, R | A, 0, F, S | F, S | 0xc0] as const;

/** Packets in the order they are sent, `bursts` bursts of them. */
export function randomTraffic(chance: Chance, enis: readonly Eni[], packets: number, bursts: number): Sent[] {
  const ends = endsOf(enis);
  const flows = chance.many(10, 22, () => randomFlow(chance, ends));
  const sent: PacketWords[] = [];
  while (sent.length < packets) {
    const words = randomPacket(chance, chance.of(flows), sent, ends);
    if (words !== undefined) sent.push(words);
  }
  return sent.map((words, index) => ({ words, burst: Math.floor((index * bursts) / packets) }));
}

interface Ends {
  /** Addresses that lead to an ENI, by the ENI's place. */
  readonly eniOf: ReadonlyMap<string, number>;
  readonly all: readonly string[];
}

/** The addresses that packets come from and go to. */
export function endsOf(enis: readonly Eni[]): Ends {
  const eniOf = new Map<string, number>();
  for (const [place, { privateAddresses, ipv6Addresses }] of enis.entries()) {
    for (const { address, publicAddress } of privateAddresses) {
      eniOf.set(address, place);
      if (publicAddress !== "") eniOf.set(publicAddress, place);
    }
    for (const address of ipv6Addresses) eniOf.set(address, place);
  }
  return { eniOf, all: [...eniOf.keys(), ...outsiders] };
}

/** Two ends of one family of which one at least is an ENI, and not both the same. */
function randomEnds(chance: Chance, { eniOf, all }: Ends): [string, string] {
  for (;;) {
    const [one, other] = [chance.of(all), chance.of(all)];
    const isMixed = one.includes(":") !== other.includes(":");
    if (!isMixed && eniOf.get(one) !== eniOf.get(other)) return [one, other];
  }
}

function randomFlow(chance: Chance, ends: Ends): Flow {
  const [from, to] = randomEnds(chance, ends);
  const icmpOfFamily = from.includes(":") ? icmpv6 : icmp;
  const protocol = chance.weighted([
    [10, tcp],
    [5, udp],
    [4, icmpOfFamily],
    [1, 47],
    [1, 50],
    [1, 89],
  ]);
  const hasPorts = protocol === tcp || protocol === udp;
  return { from, to, protocol, fromPort: hasPorts ? chance.of(ports) : 0, toPort: hasPorts ? chance.of(ports) : 0, step: 0 };
}

function randomPacket(chance: Chance, flow: Flow, sent: readonly PacketWords[], ends: Ends): PacketWords | undefined {
  if (flow.protocol === icmp || flow.protocol === icmpv6) {
    return chance.percent(45) ? randomError(chance, flow, sent, ends) : randomQuery(chance, flow);
  }
  if (flow.protocol !== tcp) return between(flow, chance.percent(60), 0);
  if (chance.percent(25)) return between(flow, chance.percent(55), chance.of(anyFlags));
  // Bursts may leave a script behind, and some ends begin anew or answer twice.
  if (chance.percent(8)) flow.step = chance.below(script.length);
  const [flags, isAsking] = script[flow.step % script.length]!;
  flow.step++;
  return between(flow, isAsking, flags);
}

function between(flow: Flow, isAsking: boolean, tcpFlags: number): PacketWords {
  const { from, to, fromPort, toPort, protocol } = flow;
  const ends = isAsking
    ? { src: from, dst: to, srcPort: fromPort, dstPort: toPort }
    : { src: to, dst: from, srcPort: toPort, dstPort: fromPort };
  return { ...nothing, ...ends, protocol, tcpFlags };
}

function randomQuery(chance: Chance, flow: Flow): PacketWords {
  const [question, answer] =
    flow.protocol === icmpv6 ? ([128, 129] as const) : chance.weighted([[6, [8, 0]], [1, [13, 14]], [1, [17, 18]]] as const);
  const isAsking = chance.percent(55);
  return {
    ...between(flow, isAsking, 0),
    icmpType: chance.percent(isAsking ? 90 : 10) ? question : answer,
    icmpCode: chance.percent(4) ? 1 : 0,
    icmpId: 7 + chance.below(2),
  };
}

/** An ICMP error about a packet sent before, to its sender, from its receiver or from a router on the way. */
function randomError(chance: Chance, flow: Flow, sent: readonly PacketWords[], { eniOf }: Ends): PacketWords | undefined {
  const isIpv6 = flow.protocol === icmpv6;
  const before = sent.filter(({ src, quoted }) => src.includes(":") === isIpv6 && quoted === undefined).slice(-40);
  if (before.length === 0) return undefined;
  const quoted = chance.of(before);
  const routers = outsiders.filter((each) => each.includes(":") === isIpv6);
  const src = chance.percent(60) ? quoted.dst : chance.of(routers);
  // Now and then to somebody whom it does not concern.
  const dst = chance.percent(92) ? quoted.src : chance.of([flow.from, flow.to]);
  const isSeen = eniOf.has(src) || eniOf.has(dst);
  if (!isSeen || src === dst || eniOf.get(src) === eniOf.get(dst)) return undefined;
  const icmpType = isIpv6 ? chance.of([1, 2, 3, 4]) : chance.of([3, 3, 11, 12, 5, 4]);
  return { ...nothing, src, dst, protocol: flow.protocol, icmpType, icmpCode: chance.below(2), quoted };
}
