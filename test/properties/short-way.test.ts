/** The short way for packets that repeat others: the same records, counts and memory as the long way, whatever happens. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { OfferCounts } from "../../src/wire/flowlogs.ts";
import { Chance } from "../../scripts/oracle/chance.ts";
import { offer, startMs, testCloud } from "../support/cloud.ts";
import type { Cloud } from "../../src/backend/cloud.ts";
import { makeEni, makeFlowLog, makeGroup, makeSubnet, makeTopic, makeVpc, rule } from "../support/network.ts";
import { batchOf, type TestPacket } from "../support/packets.ts";

const inside = ["172.31.1.11", "172.31.1.12", "172.31.2.11"];
const outside = ["203.0.113.9", "203.0.113.10"];
const inside6 = ["2001:db8:31:1::11", "2001:db8:31:1::12", "2001:db8:31:2::11"];
const outside6 = ["2001:db8:ff::9", "::ffff:203.0.113.9"];
/** What leads to the first ENI in some of the cases. */
const eip = "192.0.2.7";

/** Some ends that talk to each other again and again. */
function conversation(chance: Chance): (at: number) => TestPacket {
  const isIpv6 = chance.percent(30);
  const [a, b] = isIpv6 ? [chance.of(inside6), chance.of([...inside6, ...outside6])] : [chance.of([...inside, eip]), chance.of([...inside, ...outside])];
  const protocol = chance.of(["tcp", "tcp", "udp", isIpv6 ? "icmpv6" : "icmp", "47"]);
  const [sport, dport] = [1024 + chance.below(3), chance.of([22, 53, 80])];
  return (at) => {
    const isAnswer = chance.percent(45);
    const [src, dst] = isAnswer ? [b, a] : [a, b];
    const bytes = 40 + chance.below(100);
    if (protocol === "icmp") return { src, dst, protocol, icmpType: isAnswer ? 0 : 8, icmpId: 7, bytes, at };
    if (protocol === "icmpv6") return { src, dst, protocol, icmpType: isAnswer ? 129 : 128, icmpId: 7, bytes, at };
    const ports = isAnswer ? { sport: dport, dport: sport } : { sport, dport };
    if (!isIpv6 && chance.percent(2)) {
      const quotes = { src: dst, dst: src, protocol, sport: ports.dport, dport: ports.sport, flags: "A" };
      return { src, dst, protocol: "icmp", icmpType: 3, icmpCode: 1, bytes, at, quotes };
    }
    if (chance.percent(2)) return { src, dst, protocol, isLaterFragment: true, bytes, at };
    if (protocol !== "tcp") return { src, dst, protocol, ...(protocol === "udp" ? ports : {}), bytes, at };
    return { src, dst, protocol, ...ports, flags: chance.weighted([[85, "A"], [5, "S"], [4, "SA"], [3, "FA"], [3, "R"]]), bytes, at };
  };
}

interface Outcome {
  readonly counts: OfferCounts[];
  readonly records: string[];
  readonly status: unknown;
}

async function play(seed: number, shortcuts: boolean): Promise<Outcome> {
  const chance = new Chance(seed);
  const { cloud, clock } = testCloud({ shortcuts, windowSeconds: 60, maxFlows: chance.percent(20) ? 4 : 1000 });
  const vpc = await makeVpc(cloud);
  const subnets = [await makeSubnet(cloud, vpc, "172.31.1.0/24", "2001:db8:31:1::/64"), await makeSubnet(cloud, vpc, "172.31.2.0/24", "2001:db8:31:2::/64")];
  const open = [rule("ALL")];
  const group = await makeGroup(cloud, chance.percent(50) ? open : [rule("TCP", "ACCEPT", "22,80")], open);
  for (const [place, address] of inside.entries()) {
    const id = await makeEni(cloud, vpc, subnets[place === 2 ? 1 : 0]!, address, chance.percent(70) ? [group] : [], inside6[place]);
    const eni = cloud.rooms.network.enis.get(id)!;
    if (place === 0 && chance.percent(50)) cloud.rooms.network.enis.put(id, { ...eni, privateAddresses: [{ ...eni.privateAddresses[0]!, publicAddress: eip }] });
  }
  const topic = await makeTopic(cloud);
  const flowLogs = [await makeFlowLog(cloud, vpc, topic, undefined, chance.of(["ALL", "ALL", "ACCEPT", "REJECT"]))];
  const talks = chance.many(2, 5, () => conversation(chance));
  const counts: OfferCounts[] = [];
  let at = 0;
  for (let burst = 0; burst < 8; burst++) {
    const packets = chance.many(5, 60, () => {
      at += chance.weighted([[60, 0], [25, 1], [10, 5], [3, 40], [1, 200], [2, -3]]);
      at = Math.max(0, at);
      return chance.of(talks)(at);
    });
    counts.push(await offer(cloud, batchOf(...packets)));
    const event = chance.below(6);
    if (event === 0) await cloud.call("ModifySecurityGroupPolicies", { SecurityGroupId: group, SecurityGroupPolicySet: { Ingress: [rule("UDP")], Egress: open } });
    if (event === 1) await cloud.call("DisableFlowLogs", { FlowLogIds: flowLogs });
    if (event === 2) await cloud.call("EnableFlowLogs", { FlowLogIds: flowLogs });
    if (event === 3) await clock.advance(chance.below(90_000));
    at = Math.max(at, Math.ceil((clock.nowMs() - startMs) / 1000) - 70);
  }
  await clock.advance(3_600_000);
  const status: unknown = await cloud.call("DescribeStatus", {}).then(({ RequestId: _, ...rest }) => rest);
  const records = await told(cloud, topic);
  await cloud.close();
  return { counts, records, status };
}

/** Every record of a topic, with what decided. */
async function told(cloud: Cloud, TopicId: string): Promise<string[]> {
  const found = await cloud.call("SearchLog", { TopicId, From: 0, To: Number.MAX_SAFE_INTEGER, Sort: "asc", Limit: 1000 });
  if (!found.ListOver) throw new Error("more than 1000 records: the test needs paging");
  return found.Results!.map(({ RawLog, LogJson }) => `${RawLog} ${JSON.stringify((JSON.parse(LogJson) as { __TAG__: unknown }).__TAG__)}`);
}

test("both ways come to the same", async () => {
  let records = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1e9 }), async (seed) => {
      const [short, long] = [await play(seed, true), await play(seed, false)];
      expect(short.counts).toEqual(long.counts);
      expect(short.records).toEqual(long.records);
      expect(short.status).toEqual(long.status);
      records += short.records.length;
    }),
    { numRuns: Number(process.env["PROPERTY_RUNS"] ?? 25) },
  );
  expect(records).toBeGreaterThan(250);
}, 1_200_000);

/** A connection that is picked up in its middle, with an ENI that only lets it in: question and answer at these seconds. */
function pickedUp(isAnswer: boolean, at: number): TestPacket {
  const [src, dst, sport, dport] = isAnswer ? [inside[0]!, outside[0]!, 80, 4000] : [outside[0]!, inside[0]!, 4000, 80];
  return { src, dst, sport, dport, flags: "A", at };
}

/** What the records say of its packets, either way. */
async function decided(shortcuts: boolean, packets: readonly TestPacket[]): Promise<string[]> {
  const { cloud, clock } = testCloud({ shortcuts, windowSeconds: 60 });
  const vpc = await makeVpc(cloud);
  const group = await makeGroup(cloud, [rule("TCP", "ACCEPT", "80")], []);
  await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.1.0/24"), inside[0]!, [group]);
  const topic = await makeTopic(cloud);
  await makeFlowLog(cloud, vpc, topic);
  await offer(cloud, batchOf(...packets));
  await clock.advance(3_600_000);
  const records = await told(cloud, topic);
  await cloud.close();
  return records.filter((record) => record.includes("OK"));
}

test("packets that were answered in one window pass as tracked in the next", async () => {
  const packets = [pickedUp(false, 0), pickedUp(true, 1), pickedUp(false, 2), pickedUp(false, 70), pickedUp(true, 71)];
  const records = await decided(true, packets);
  expect(records).toEqual(await decided(false, packets));
  expect(records.map((record) => /"decided-because":"([^"]*)"/.exec(record)![1])).toEqual(["rule", "tracked", "tracked", "tracked"]);
});

test("a connection that was answered is remembered for long from the packet after the answer on", async () => {
  const because = async (packets: readonly TestPacket[]) => {
    const records = await decided(true, packets);
    expect(records).toEqual(await decided(false, packets));
    return records.map((record) => /"decided-because":"([^"]*)"/.exec(record)![1]);
  };
  const answered = [pickedUp(false, 0), pickedUp(true, 1)];
  expect(await because([...answered, pickedUp(true, 400)])).toEqual(["rule", "tracked", "no-rule-matched"]);
  for (const isAnswer of [false, true]) {
    for (const at of [1, 2]) {
      expect((await because([...answered, pickedUp(isAnswer, at), pickedUp(true, 400)])).at(-1)).toBe("tracked");
    }
  }
});
