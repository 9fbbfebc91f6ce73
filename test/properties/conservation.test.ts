/**
 * Conservation: per ENI and window, offered - withheld - left out = packets in the records of an ALL flow log + skipped;
 * the ACCEPT log plus the REJECT log is the ALL log; per file, read = matched + unmatched + undecodable.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Cloud } from "../../src/backend/cloud.ts";
import { parseRecord } from "../../src/backend/flow/record.ts";
import { lines, offer, some, startMs, testCloud } from "../support/cloud.ts";
import { makeAcl, makeEni, makeFlowLog, makeGroup, makeSubnet, makeTopic, makeVpc } from "../support/network.ts";
import { batchOf, type TestPacket } from "../support/packets.ts";

const windowSeconds = 600;
const addresses = ["172.31.16.10", "172.31.16.20", "172.31.32.30", "203.0.113.12", "198.51.100.77"] as const;
const ports = [22, 53, 67, 68, 80, 1688, 3389];

const packets = fc.array(
  fc.record({
    src: fc.constantFrom(...addresses),
    dst: fc.constantFrom(...addresses),
    protocol: fc.constantFrom("tcp", "udp", "icmp", "47"),
    sport: fc.constantFrom(...ports),
    dport: fc.constantFrom(...ports),
    flags: fc.constantFrom("S", "SA", "A", "FA", "R"),
    icmpType: fc.constantFrom(8, 0, 3),
    bytes: fc.integer({ min: 28, max: 1500 }),
    // Three windows, in no order; some come too late for theirs.
    at: fc.integer({ min: 0, max: 3 * windowSeconds - 1 }),
  }),
  { minLength: 1, maxLength: 120 },
);

const rules = fc.array(
  fc.record({
    Protocol: fc.constantFrom("TCP", "UDP", "ICMP", "ALL"),
    CidrBlock: fc.constantFrom("0.0.0.0/0", "172.31.16.0/24", "203.0.113.12", "198.51.100.0/24"),
    Action: fc.constantFrom("ACCEPT", "DROP"),
  }),
  { maxLength: 4 },
);

const world = fc.record({ packets, groupIn: rules, groupOut: rules, aclIn: rules, aclOut: rules, hasAcl: fc.boolean() });

type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

/** Rules that the API takes: no two the same. */
function distinct<R>(list: readonly R[]): R[] {
  return [...new Map(list.map((each) => [JSON.stringify(each), each])).values()];
}

async function build(cloud: Cloud, { groupIn, groupOut, aclIn, aclOut, hasAcl }: World) {
  const vpc = await makeVpc(cloud);
  const front = await makeSubnet(cloud, vpc, "172.31.16.0/24");
  const back = await makeSubnet(cloud, vpc, "172.31.32.0/24");
  const group = await makeGroup(cloud, distinct(groupIn), distinct(groupOut));
  if (hasAcl) await makeAcl(cloud, vpc, [back], aclIn, aclOut);
  const enis = new Map<string, string>();
  for (const [address, subnet] of [[addresses[0], front], [addresses[1], front], [addresses[2], back]] as const) {
    enis.set(address, await makeEni(cloud, vpc, subnet, address, [group]));
  }
  const topics = { all: await makeTopic(cloud, "all"), accept: await makeTopic(cloud, "accept"), reject: await makeTopic(cloud, "reject") };
  await makeFlowLog(cloud, vpc, topics.all);
  for (const subnet of [front, back]) await makeFlowLog(cloud, vpc, topics.accept, { type: "SUBNET", id: subnet }, "ACCEPT");
  for (const eni of enis.values()) await makeFlowLog(cloud, vpc, topics.reject, { type: "NETWORKINTERFACE", id: eni }, "REJECT");
  return { enis, topics };
}

/** Sums by ENI and window, of numbers that go by name. */
class Sums {
  readonly totals = new Map<string, number>();

  add(eni: string, atSeconds: number, packetCount: number): void {
    const key = `${eni} ${Math.floor(atSeconds / windowSeconds)}`;
    if (packetCount > 0) this.totals.set(key, (this.totals.get(key) ?? 0) + packetCount);
  }

  get sorted(): [string, number][] {
    return [...this.totals].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Offers the packets one by one, so that the answers tell at which ENI each was counted. */
async function offerAll(cloud: Cloud, offered: readonly TestPacket[], enis: ReadonlyMap<string, string>): Promise<Sums> {
  const recorded = new Sums();
  for (const packet of offered) {
    const counts = await offer(cloud, batchOf(packet));
    const met = [packet.src, packet.dst].flatMap((address) => enis.get(address) ?? []);
    expect(counts.Read).toBe(counts.Matched + counts.Unmatched + counts.Undecodable);
    expect(counts.Offered).toBe(counts.Accepted + counts.Rejected + counts.Withheld + counts.LeftOut);
    expect(counts.Matched).toBe(met.length > 0 ? 1 : 0);
    if (counts.Withheld + counts.LeftOut > 0) continue;
    // Offered once of twice: the sender's ENI dropped it.
    for (const eni of met.slice(0, counts.Offered)) recorded.add(eni, startMs / 1000 + packet.at!, 1);
  }
  return recorded;
}

/** Packets in a topic's records, those skipped included. */
async function packetsIn(cloud: Cloud, topicId: string): Promise<Sums> {
  const sums = new Sums();
  const found = await cloud.call("SearchLog", { TopicId: topicId, From: 0, To: Number.MAX_SAFE_INTEGER, Limit: 1000 });
  expect(found.ListOver).toBe(true);
  for (const { RawLog, LogJson } of found.Results ?? []) {
    const record = parseRecord(RawLog);
    const tags = (JSON.parse(LogJson) as { __TAG__: Record<string, string> }).__TAG__;
    sums.add(record.interfaceId, record.start, (record.packets ?? 0) + Number(tags["skipped-packets"] ?? 0));
  }
  return sums;
}

test("no packet is lost and none is counted twice", async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.boolean(), async (made, isCramped) => {
      // Where memory holds next to nothing, packets are skipped and the books still balance.
      const { cloud, clock } = testCloud(isCramped ? { maxFlows: 3 } : {});
      const { enis, topics } = await build(cloud, made);
      const recorded = await offerAll(cloud, made.packets, enis);
      await clock.advance(2 * 3600_000);
      const all = await packetsIn(cloud, topics.all);
      expect(all.sorted).toEqual(recorded.sorted);
      if (!isCramped) {
        const okLines = async (topic: string) => (await lines(cloud, topic, "log-status:OK")).toSorted();
        const [accept, reject] = [await okLines(topics.accept), await okLines(topics.reject)];
        expect([...accept, ...reject].toSorted()).toEqual(await okLines(topics.all));
      }
      await cloud.close();
    }),
    { numRuns: some(60) },
  );
}, 60_000);

test("the order of packets within a window changes no record", async () => {
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...Array(12).keys()], { minLength: 12 }), async (order) => {
      const tell = async (indices: readonly number[]) => {
        const { cloud, clock } = testCloud();
        const vpc = await makeVpc(cloud);
        const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
        await makeEni(cloud, vpc, subnet, "172.31.16.10");
        const topic = await makeTopic(cloud);
        await makeFlowLog(cloud, vpc, topic);
        const offered = indices.map((index) => ({
          src: index % 3 === 0 ? "172.31.16.10" : "203.0.113.12",
          dst: index % 3 === 0 ? "203.0.113.12" : "172.31.16.10",
          protocol: "udp",
          sport: 1000 + (index % 2),
          dport: 53,
          bytes: 100 + index,
          at: index,
        }));
        await offer(cloud, batchOf(...offered));
        await clock.advance(15 * 60_000);
        const found = (await lines(cloud, topic)).toSorted();
        await cloud.close();
        return found;
      };
      expect(await tell(order)).toEqual(await tell([...Array(12).keys()]));
    }),
    { numRuns: some(15) },
  );
});
