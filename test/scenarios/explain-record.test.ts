/** Explaining records: by their line, and by the flow and window of a line that was counted elsewhere. */
import { expect, test } from "vitest";
import { lines, offer, testCloud } from "../support/cloud.ts";
import { makeEni, makeFlowLog, makeGroup, makeSubnet, makeTopic, makeVpc, rule } from "../support/network.ts";
import { batchOf } from "../support/packets.ts";

const [home, web] = ["203.0.113.12", "172.31.16.10"] as const;

async function world() {
  const { cloud, clock } = testCloud();
  const vpc = await makeVpc(cloud);
  const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
  const group = await makeGroup(cloud, [rule("TCP", "DROP", "3389"), rule("TCP", "ACCEPT", "22")], [rule("ALL")]);
  await makeEni(cloud, vpc, subnet, web, [group]);
  const topic = await makeTopic(cloud);
  await makeFlowLog(cloud, vpc, topic);
  const syn = (dport: number, at: number) => ({ src: home, dst: web, sport: 40_000, dport, flags: "S", at });
  await offer(cloud, batchOf(syn(3389, 1), syn(3389, 2), syn(22, 3), syn(25, 4), syn(3389, 700)));
  await clock.advance(30 * 60_000);
  return { cloud, group, topic };
}

test("a record is joined with its reason by its line", async () => {
  const { cloud, group, topic } = await world();
  const all = await lines(cloud, topic, "log-status:OK");
  const told = await Promise.all(all.map(async (Record) => (await cloud.call("ExplainRecord", { Record })).Words));
  expect(told).toEqual([
    `REJECT: rejected by security group ${group}, ingress rule 0.`,
    `ACCEPT: allowed by security group ${group}, ingress rule 1.`,
    `REJECT: rejected by security group ${group}: no ingress rule matches.`,
    `REJECT: rejected by security group ${group}, ingress rule 0.`,
  ]);
  await cloud.close();
});

test("a line that was counted elsewhere is joined by ENI, 5-tuple, action and window", async () => {
  const { cloud, group, topic } = await world();
  const [first, , , later] = await lines(cloud, topic, "log-status:OK");
  const elsewhere = first!.split(" ").with(0, "V1").with(8, "7").with(9, "420").with(11, String(Number(first!.split(" ")[10]) + 30)).join(" ");
  const explained = await cloud.call("ExplainRecord", { Record: elsewhere });
  expect(explained).toMatchObject({ Record: first, TopicId: topic, Reason: { Layer: "security-group", Id: group, RuleIndex: 0, Direction: "ingress" } });
  const inNextWindow = elsewhere.split(" ").with(10, String(Number(later!.split(" ")[10]) + 100)).join(" ");
  expect((await cloud.call("ExplainRecord", { Record: inNextWindow })).Record).toBe(later);
  for (const [field, value] of [[6, "3390"], [12, "ACCEPT"], [10, "1795000000"]] as const) {
    const unknown = elsewhere.split(" ").with(field, value).join(" ");
    await expect(cloud.call("ExplainRecord", { Record: unknown })).rejects.toThrow("no topic holds this line, nor another record of its flow");
  }
  await expect(cloud.call("ExplainRecord", { Record: elsewhere.replace(home, "home") })).rejects.toThrow('srcaddr: "home"');
  await cloud.close();
});
