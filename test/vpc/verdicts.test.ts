/** Verdicts, as a table one can read aloud: who allows, who rejects, and by which rule. */
import { describe, expect, test } from "vitest";
import type { Cloud } from "../../src/backend/cloud.ts";
import { lines, offer, testCloud } from "../support/cloud.ts";
import { makeAcl, makeEni, makeFlowLog, makeGroup, makeSubnet, makeTopic, makeVpc, rule } from "../support/network.ts";
import { batchOf, type TestPacket } from "../support/packets.ts";

const [web, app, db, home] = ["172.31.16.10", "172.31.16.20", "172.31.32.30", "203.0.113.12"] as const;

/** web and app stand in one subnet, db in another behind an ACL; web takes SSH from anywhere, db takes SQL from web. */
async function world() {
  const { cloud, clock } = testCloud();
  const vpc = await makeVpc(cloud);
  const front = await makeSubnet(cloud, vpc, "172.31.16.0/24");
  const back = await makeSubnet(cloud, vpc, "172.31.32.0/24");
  const webGroup = await makeGroup(
    cloud,
    [
      { ...rule("TCP", "DROP", "22"), CidrBlock: "198.51.100.0/24" },
      rule("TCP", "ACCEPT", "22,80-81"),
      { Protocol: "UDP", CidrBlock: "172.31.0.0/16", Action: "ACCEPT" },
    ],
    [rule("ALL")],
  );
  const extraGroup = await makeGroup(cloud, [rule("ICMP")], []);
  const dbGroup = await makeGroup(cloud, [{ Protocol: "TCP", Port: "5432", SecurityGroupId: webGroup, Action: "ACCEPT" }, rule("UDP", "ACCEPT", "53")], []);
  await makeAcl(cloud, vpc, [back], [rule("ALL")], [rule("TCP"), { ...rule("UDP", "ACCEPT", "1024-65535"), CidrBlock: "172.31.16.0/24" }]);
  const enis: Record<string, string> = {
    web: await makeEni(cloud, vpc, front, web, [webGroup, extraGroup]),
    app: await makeEni(cloud, vpc, front, app),
    db: await makeEni(cloud, vpc, back, db, [dbGroup]),
  };
  const topic = await makeTopic(cloud);
  await makeFlowLog(cloud, vpc, topic);
  const named = new Map(Object.entries(enis).map(([name, id]) => [id, name] as const));
  return { cloud, clock, topic, named };
}

/** What each ENI made of the packets: `web ingress ACCEPT`, in the order they were offered. */
async function tell(packets: readonly TestPacket[]): Promise<string[]> {
  const { cloud, clock, topic, named } = await world();
  await offer(cloud, batchOf(...packets.map((packet, index) => ({ ...packet, at: index }))));
  await clock.advance(15 * 60_000);
  const found = await results(cloud, topic);
  await cloud.close();
  return found.map(({ eni, tags, action }) => `${named.get(eni)} ${tags["direction"]} ${action} (${tags["decided-by"]} ${tags["decided-because"]} ${tags["decided-rule"]})`);
}

async function results(cloud: Cloud, TopicId: string) {
  const { Results } = await cloud.call("SearchLog", { TopicId, QueryString: "log-status:OK", From: 0, To: Number.MAX_SAFE_INTEGER, Sort: "asc" });
  return Results!.map(({ FileName, LogJson }) => {
    const { __TAG__, action } = JSON.parse(LogJson) as { action: string; __TAG__: Record<string, string> };
    return { eni: FileName, tags: __TAG__, action };
  });
}

const syn = (src: string, dst: string, dport: number): TestPacket => ({ src, dst, sport: 40_000, dport, flags: "S" });
const synAck = (src: string, dst: string, sport: number): TestPacket => ({ src, dst, sport, dport: 40_000, flags: "SA" });
const udp = (src: string, dst: string, sport: number, dport: number): TestPacket => ({ src, dst, protocol: "udp", sport, dport });

const table: [what: string, packets: TestPacket[], verdicts: string[]][] = [
  ["SSH from home", [syn(home, web, 22)], ["web ingress ACCEPT (security-group rule 1)"]],
  ["SSH from a dropped block: the first matching rule decides", [syn("198.51.100.77", web, 22)], ["web ingress REJECT (security-group rule 0)"]],
  ["a port in a range", [syn(home, web, 81)], ["web ingress ACCEPT (security-group rule 1)"]],
  ["a port beyond the range", [syn(home, web, 82)], ["web ingress REJECT (security-group no-rule-matched -1)"]],
  ["the second group, where the first one has no rule", [{ src: home, dst: web, protocol: "icmp" }], ["web ingress ACCEPT (security-group rule 0)"]],
  ["a protocol without ports", [{ src: home, dst: web, protocol: "47" }], ["web ingress REJECT (security-group no-rule-matched -1)"]],
  [
    "an answer needs no rule of a group",
    [syn(home, web, 22), synAck(web, home, 22)],
    ["web ingress ACCEPT (security-group rule 1)", "web egress ACCEPT (security-group tracked -1)"],
  ],
  ["an ENI without groups lets all pass", [syn(home, app, 9)], ["app ingress ACCEPT (security-group nothing-bound -1)"]],
  [
    "between two ENIs there are two verdicts",
    [syn(web, db, 5432)],
    ["web egress ACCEPT (security-group rule 0)", "db ingress ACCEPT (security-group rule 0)"],
  ],
  [
    "a rule that names a group means its members",
    [syn(app, db, 5432)],
    ["app egress ACCEPT (security-group nothing-bound -1)", "db ingress REJECT (security-group no-rule-matched -1)"],
  ],
  ["what the first ENI drops never meets the second", [syn(db, web, 22)], ["db egress REJECT (security-group no-rule-matched -1)"]],
  [
    "a stateless ACL drops the answer that it has no rule for",
    [udp(home, db, 53_000, 53), udp(db, home, 53, 53_000)],
    ["db ingress ACCEPT (security-group rule 1)", "db egress REJECT (network-acl no-rule-matched -1)"],
  ],
  [
    "inside a subnet no ACL is asked",
    [udp(app, web, 1, 2)],
    ["app egress ACCEPT (security-group nothing-bound -1)", "web ingress ACCEPT (security-group rule 2)"],
  ],
  [
    "later fragments of an answer pass with it",
    [syn(home, web, 22), synAck(web, home, 22), { ...synAck(web, home, 22), flags: "", isLaterFragment: true }],
    ["web ingress ACCEPT (security-group rule 1)", "web egress ACCEPT (security-group tracked -1)"],
  ],
  [
    "an ICMP error about an allowed connection passes",
    [syn(web, home, 443), { src: home, dst: web, protocol: "icmp", icmpType: 3, icmpCode: 3, quotes: syn(web, home, 443) }],
    ["web egress ACCEPT (security-group rule 0)", "web ingress ACCEPT (security-group related -1)"],
  ],
];

describe("verdicts", () => {
  test.each(table)("%s", async (_what, packets, verdicts) => {
    expect(await tell(packets)).toEqual(verdicts);
  });
});

describe("answers to packets that never arrived are never sent", () => {
  test.each([
    ["TCP: everything after the rejected opening", [syn(home, web, 99), synAck(web, home, 99), { ...syn(home, web, 99), flags: "A" }], 2],
    ["UDP: the answer", [udp(home, web, 9, 99), udp(web, home, 99, 9)], 1],
    ["UDP: but not what the same side sends on", [udp(home, web, 9, 99), udp(home, web, 9, 99)], 0],
    ["an ICMP error about a rejected packet", [syn(home, web, 99), { src: web, dst: home, protocol: "icmp", icmpType: 3, quotes: syn(home, web, 99) }], 1],
    ["a second opening is offered again", [syn(home, web, 99), synAck(web, home, 99), syn(home, web, 99)], 1],
    ["a reset of a rejected connection", [syn(home, web, 99), { ...synAck(web, home, 99), flags: "RA" }], 1],
  ] as [string, TestPacket[], number][])("%s", async (_what, packets, withheld) => {
    const { cloud } = await world();
    const counts = await offer(cloud, batchOf(...packets));
    expect(counts.Withheld).toBe(withheld);
    expect(counts.Accepted).toBe(0);
    await cloud.close();
  });
});

test("an EIP is the private address behind it, for rules and for records", async () => {
  const { cloud, clock, topic, named } = await world();
  const { enis } = cloud.rooms.network;
  const eni = enis.get([...named].find(([, name]) => name === "web")![0])!;
  enis.put(eni.id, { ...eni, privateAddresses: [{ ...eni.privateAddresses[0]!, publicAddress: "192.0.2.7" }] });
  // The question by the public address, the answer by the private one, as a capture inside the instance shows it.
  await offer(cloud, batchOf({ ...syn(home, "192.0.2.7", 22) }, { ...synAck(web, home, 22), at: 1 }));
  await clock.advance(15 * 60_000);
  const found = await lines(cloud, topic, "log-status:OK");
  expect(found.map((line) => line.split(" ").slice(3, 7).join(" "))).toEqual([`${home} ${web} 40000 22`, `${web} ${home} 22 40000`]);
  expect(found.every((line) => line.endsWith("ACCEPT OK"))).toBe(true);
  // Nor is an answer sent to what was rejected at the public address.
  expect(await offer(cloud, batchOf(syn(home, "192.0.2.7", 99), synAck(web, home, 99)))).toMatchObject({ Rejected: 1, Withheld: 1 });
  await cloud.close();
});

describe("an ACL of the quintuple form", () => {
  const quintuple = { Protocol: "TCP", SourceCidr: "203.0.113.0/24", SourcePort: "40000-40009", DestinationCidr: db, DestinationPort: "5432", Action: "ACCEPT" } as const;
  test.each([
    ["both ends match", syn(home, db, 5432), "ACCEPT"],
    ["another source port", { ...syn(home, db, 5432), sport: 40_010 }, "REJECT"],
    ["another source", syn("198.51.100.77", db, 5432), "REJECT"],
    ["another destination port", syn(home, db, 5433), "REJECT"],
    ["another protocol", udp(home, db, 40_000, 5432), "REJECT"],
  ] as const)("%s", async (_what, packet, action) => {
    const { cloud } = testCloud();
    const vpc = await makeVpc(cloud);
    const subnet = await makeSubnet(cloud, vpc, "172.31.32.0/24");
    await makeEni(cloud, vpc, subnet, db);
    const { NetworkAcl } = await cloud.call("CreateNetworkAcl", { VpcId: vpc, NetworkAclName: "five", NetworkAclType: "QUINTUPLE" });
    const { NetworkAclId } = NetworkAcl;
    await cloud.call("ModifyNetworkAclEntries", { NetworkAclId, NetworkAclQuintupleSet: { Ingress: [quintuple], Egress: [] } });
    await cloud.call("AssociateNetworkAclSubnets", { NetworkAclId, SubnetIds: [subnet] });
    const counts = await offer(cloud, batchOf(packet));
    expect({ ACCEPT: counts.Accepted, REJECT: counts.Rejected }[action]).toBe(1);
    await cloud.close();
  });
});

test("where two VPCs use the same addresses, both ends must lie in one of them", async () => {
  const { cloud } = testCloud();
  const enis: string[] = [];
  for (const name of ["one", "two"]) {
    const vpc = await makeVpc(cloud);
    const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
    enis.push(await makeEni(cloud, vpc, subnet, web));
    if (name === "two") enis.push(await makeEni(cloud, vpc, subnet, app));
  }
  expect(await offer(cloud, batchOf(syn(home, web, 1)))).toMatchObject({ Unmatched: 1 });
  expect(await offer(cloud, batchOf(syn(app, web, 1)))).toMatchObject({ Matched: 1, Accepted: 2 });
  await cloud.close();
});

test("explain says which rule would decide, without counting anything", async () => {
  const { cloud } = await world();
  const explained = await cloud.call("ExplainVerdict", { SrcAddr: home, DstAddr: db, Protocol: "tcp", DstPort: 5432 });
  expect(explained.Verdicts).toMatchObject([
    { Direction: "ingress", Action: "REJECT", Reasons: [{ Layer: "network-acl", RuleIndex: 0 }, { Layer: "security-group", RuleIndex: -1 }] },
  ]);
  expect(explained.Words).toMatch(/^REJECT at eni-\w+ \(172\.31\.32\.30\), ingress: allowed by network ACL acl-\w+, ingress rule 0; rejected by security group sg-\w+: no ingress rule matches\.$/);
  expect((await cloud.call("DescribeStatus", {})).Traffic.Offered).toBe(0);
  await expect(cloud.call("ExplainVerdict", { SrcAddr: "home", DstAddr: db, Protocol: "tcp" })).rejects.toThrow('SrcAddr: "home" must be an IP address');
  await expect(cloud.call("ExplainVerdict", { SrcAddr: home, DstAddr: db, Protocol: "smoke" })).rejects.toThrow('Protocol: "smoke"');
  await cloud.close();
});
