/**
 * The judge, whose memory is flat, against a plain one (`support/plain-judge/`): the same verdicts with the same reasons,
 * whatever the network and the traffic. The packet path, short way and all, comes to the same counts.
 */
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { randomNetwork } from "../../scripts/oracle/random-network.ts";
import { randomTraffic } from "../../scripts/oracle/random-traffic.ts";
import type { PacketWords } from "../../scripts/oracle/frames.ts";
import { VirtualClock } from "../../src/backend/clock.ts";
import { Aggregation } from "../../src/backend/flow/aggregate.ts";
import { PacketPath } from "../../src/backend/packet-path.ts";
import { noCounts, type PathCounts } from "../../src/backend/path-counts.ts";
import { Judge, type JudgeSettings } from "../../src/backend/vpc/judge.ts";
import type { Eni, Network } from "../../src/backend/vpc/network.ts";
import type { Offered } from "../../src/backend/vpc/packet-numbers.ts";
import type { Direction, Reason } from "../../src/backend/vpc/reason.ts";
import { startMs } from "../support/cloud.ts";
import { batchOf, type TestPacket } from "../support/packets.ts";
import { PlainJudge } from "../support/plain-judge/judge.ts";

/** Timeouts few enough to pass, memory small enough to be full. */
function randomSettings(chance: Chance): JudgeSettings {
  const ms = () => chance.of([1000, 2000, 5000, 400_000]);
  return {
    tracking: {
      tcp: {
        ...{ synSent: ms(), synReceived: ms(), established: ms(), finWait: ms(), closeWait: ms(), lastAck: ms(), timeWait: ms() },
        ...{ closed: ms(), simultaneous: ms(), unanswered: ms() },
      },
      ...{ udp: ms(), udpStream: ms(), icmp: ms(), gre: ms(), greStream: ms(), other: ms() },
      picksUpTcp: chance.percent(50),
      maxConnections: chance.of([3, 8, 20, 100_000]),
    },
    withholdsAnswers: chance.percent(80),
  };
}

interface Timed {
  readonly words: PacketWords;
  readonly isLaterFragment: boolean;
  readonly timeMs: number;
}

function timed(chance: Chance, words: readonly PacketWords[]): Timed[] {
  let atMs = startMs;
  return words.map((each) => {
    atMs += chance.weighted([[50, 0], [30, 20], [10, 700], [4, 3000], [2, 200_000], [1, 8_000_000]]);
    const isLate = chance.percent(6);
    const isLaterFragment = each.quoted === undefined && chance.percent(3);
    return { words: each, isLaterFragment, timeMs: isLate ? Math.max(startMs, atMs - chance.below(4000)) : atMs };
  });
}

function offered({ words, isLaterFragment, timeMs }: Timed): Offered {
  const quoted = words.quoted && offered({ words: words.quoted, isLaterFragment: false, timeMs });
  const { src, dst, srcPort, dstPort, protocol, tcpFlags, icmpType, icmpCode, icmpId } = words;
  return { srcAddr: src, dstAddr: dst, srcPort, dstPort, protocol, tcpFlags, icmpType, icmpCode, icmpId, isLaterFragment, timeMs, quoted };
}

function written({ words, isLaterFragment, timeMs }: Timed): TestPacket {
  const { src, dst, protocol, srcPort, dstPort, tcpFlags, icmpType, icmpCode, icmpId, quoted } = words;
  const flags = ["F", "S", "R", "", "A"].filter((_, bit) => (tcpFlags & (1 << bit)) !== 0).join("");
  const quotes = quoted && written({ words: quoted, isLaterFragment: false, timeMs });
  return {
    ...{ src, dst, protocol: String(protocol), sport: srcPort, dport: dstPort, flags, icmpType, icmpCode, icmpId, isLaterFragment },
    at: (timeMs - startMs) / 1000,
    ...(quotes === undefined ? {} : { quotes }),
  };
}

interface Said {
  readonly seats: readonly { readonly eni: Eni }[];
  readonly verdicts: readonly { readonly seat: { readonly eni: Eni }; readonly direction: Direction; readonly action: string; readonly reasons: readonly Reason[] }[];
  readonly withheldAt: { readonly eni: Eni } | undefined;
}

function told({ seats, verdicts, withheldAt }: Said) {
  return {
    seats: seats.map(({ eni }) => eni.id),
    verdicts: verdicts.map(({ seat, direction, action, reasons }) => ({ eni: seat.eni.id, direction, action, reasons })),
    withheldAt: withheldAt?.eni.id,
  };
}

function count(counts: PathCounts, { seats, verdicts, withheldAt }: Said): void {
  counts.read++;
  if (seats.length === 0) counts.unmatched++;
  else counts.matched++;
  counts.offered += verdicts.length + (withheldAt === undefined ? 0 : 1);
  counts.withheld += withheldAt === undefined ? 0 : 1;
  for (const { action } of verdicts) counts[action === "ACCEPT" ? "accepted" : "rejected"]++;
  counts.unwatched += verdicts.length;
}

/** A change of the network while packets pass: another order of groups, an EIP that comes or goes, rules turned round. */
function change(network: Network, chance: Chance): void {
  const eni = chance.of([...network.enis.values()]);
  const [first, ...others] = eni.privateAddresses;
  const group = chance.of([...network.securityGroups.values()]);
  switch (chance.below(3)) {
    case 0:
      return network.enis.put(eni.id, { ...eni, securityGroupIds: eni.securityGroupIds.toReversed() });
    case 1:
      return network.enis.put(eni.id, { ...eni, privateAddresses: [{ ...first!, publicAddress: first!.publicAddress === "" ? `192.0.2.${100 + chance.below(3)}` : "" }, ...others] });
    default:
      return network.securityGroups.put(group.id, { ...group, ingress: group.ingress.toReversed(), egress: group.egress.slice(1) });
  }
}

/** The path without any flow log: everything it judges is unwatched. */
function pathOf(judge: Judge): PacketPath {
  const clock = new VirtualClock(startMs);
  const around = { clock, flowLogs: () => [], flowLogsRevision: () => 0, enis: () => [], publish: () => {} };
  const aggregation = new Aggregation({ accountId: "1", windowSeconds: 60, publishDelaySeconds: 0, life: "test", maxFlows: 100 }, around);
  return new PacketPath(judge, aggregation, clock, "169.254.0.55", true);
}

function again<S>(saved: S): S {
  return JSON.parse(JSON.stringify(saved)) as S;
}

async function play(seed: number): Promise<{ packets: number; tracked: number }> {
  const chance = new Chance(seed);
  const { cloud, enis } = await randomNetwork(chance);
  const { network } = cloud.rooms;
  const settings = randomSettings(chance);
  let [plain, flat] = [new PlainJudge(network, settings), new Judge(network, settings)];
  const path = settings.withholdsAnswers ? pathOf(new Judge(network, settings)) : undefined;
  const packets = timed(chance, randomTraffic(chance, enis, 150 + chance.below(400), 1).map(({ words }) => words));
  let tracked = 0;
  let number = 0;
  for (let from = 0; from < packets.length; ) {
    const part = packets.slice(from, from + 1 + chance.below(80));
    from += part.length;
    const expected = noCounts();
    for (const packet of part) {
      const said = plain.offer(offered(packet));
      expect(told(flat.offer(offered(packet)))).toEqual(told(said));
      expect(flat.whatIf(offered(packet)).map(({ reasons }) => reasons)).toEqual(plain.whatIf(offered(packet)).map(({ reasons }) => reasons));
      count(expected, said);
      tracked += said.verdicts.filter(({ reasons }) => reasons.some(({ because }) => because === "tracked" || because === "related")).length;
    }
    if (path !== undefined) {
      const chunk = { replayId: "00".repeat(16), number: number++, notIp: 0, undecodable: 0, batch: batchOf(...part.map(written)) };
      expect(await path.offerChunk(chunk)).toEqual(expected);
    }
    if (chance.percent(15)) change(network, chance);
    if (path === undefined && chance.percent(15)) {
      const [plainMemory, flatMemory] = [again(plain.save()), again(flat.save())];
      [plain, flat] = [new PlainJudge(network, settings), new Judge(network, settings)];
      plain.restore(plainMemory);
      flat.restore(flatMemory);
    }
  }
  await cloud.close();
  return { packets: packets.length, tracked };
}

const runs = Number(process.env["PROPERTY_RUNS"] ?? 30);

test("the same verdicts for the same reasons", async () => {
  let [packets, tracked] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1e9 }), async (seed) => {
      const played = await play(seed);
      packets += played.packets;
      tracked += played.tracked;
    }),
    { numRuns: runs, seed: randomInt(2 ** 31) },
  );
  expect(packets).toBeGreaterThan(5000);
  expect(tracked).toBeGreaterThan(packets / 30);
}, 600_000);
