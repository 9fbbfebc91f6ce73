/**
 * The product document's ping story (安全组和网络 ACL 规则), from packets: a computer at home pings an instance, and the
 * records depend on who allows what.
 */
import { describe, expect, test } from "vitest";
import { lines, offer, testCloud } from "../support/cloud.ts";
import { makeAcl, makeEni, makeFlowLog, makeGroup, makeSubnet, makeTopic, makeVpc, rule } from "../support/network.ts";
import { batchOf, ping } from "../support/packets.ts";

const home = "203.0.113.12";
const instance = "172.31.16.139";

interface Story {
  readonly groupAllowsIn: boolean;
  readonly aclAllowsOut: boolean;
}

async function tell({ groupAllowsIn, aclAllowsOut }: Story) {
  const { cloud, clock } = testCloud({ appId: "1251762227" });
  const vpc = await makeVpc(cloud);
  const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
  // "Inbound rules allow ICMP, outbound rules do not": a security group needs no rule for answers.
  const group = await makeGroup(cloud, groupAllowsIn ? [rule("ICMP")] : [], []);
  await makeAcl(cloud, vpc, [subnet], [rule("ICMP")], aclAllowsOut ? [rule("ICMP")] : []);
  const eni = await makeEni(cloud, vpc, subnet, instance, [group]);
  const topic = await makeTopic(cloud);
  await makeFlowLog(cloud, vpc, topic);
  const counts = await offer(cloud, batchOf(...ping(home, instance, 4, 27)));
  await clock.advance(15 * 60_000);
  const start = Date.parse("2026-11-22T10:00:27Z") / 1000;
  const records = await lines(cloud, topic);
  await cloud.close();
  return { records, counts, eni, start };
}

describe("the ping story", () => {
  test("the ACL drops the answers: one ACCEPT, one REJECT", async () => {
    const { records, eni, start } = await tell({ groupAllowsIn: true, aclAllowsOut: false });
    expect(records).toEqual([
      `2 1251762227 ${eni} ${home} ${instance} 0 0 1 4 336 ${start} ${start + 3} ACCEPT OK`,
      `2 1251762227 ${eni} ${instance} ${home} 0 0 1 4 336 ${start} ${start + 3} REJECT OK`,
    ]);
  });

  test("both allow: two ACCEPT", async () => {
    const { records, eni, start } = await tell({ groupAllowsIn: true, aclAllowsOut: true });
    expect(records).toEqual([
      `2 1251762227 ${eni} ${home} ${instance} 0 0 1 4 336 ${start} ${start + 3} ACCEPT OK`,
      `2 1251762227 ${eni} ${instance} ${home} 0 0 1 4 336 ${start} ${start + 3} ACCEPT OK`,
    ]);
  });

  test("the group rejects: one REJECT, for the pings never reached the instance, so it never answered", async () => {
    const { records, counts, eni, start } = await tell({ groupAllowsIn: false, aclAllowsOut: true });
    expect(records).toEqual([`2 1251762227 ${eni} ${home} ${instance} 0 0 1 4 336 ${start} ${start + 3} REJECT OK`]);
    expect(counts).toMatchObject({ Read: 8, Rejected: 4, Withheld: 4, Accepted: 0 });
  });
});

test("the document's accepted SSH and rejected RDP records, from packets", async () => {
  const { cloud, clock } = testCloud({ appId: "1251762227" });
  const vpc = await makeVpc(cloud);
  const subnet = await makeSubnet(cloud, vpc, "172.31.0.0/20");
  const group = await makeGroup(cloud, [rule("TCP", "ACCEPT", "22")], []);
  const eni = await makeEni(cloud, vpc, subnet, "172.31.9.12", [group]);
  const topic = await makeTopic(cloud);
  await makeFlowLog(cloud, vpc, topic, { type: "NETWORKINTERFACE", id: eni });
  // Twenty packets of 4249 bytes in all, over a minute: the first opens the connection.
  const flow = (sport: number, dport: number, isOpening: (index: number) => boolean) =>
    Array.from({ length: 20 }, (_, index) => ({
      src: "172.31.9.69",
      dst: "172.31.9.12",
      sport,
      dport,
      flags: isOpening(index) ? "S" : "A",
      bytes: index === 0 ? 60 : index === 19 ? 211 : 221,
      at: index === 19 ? 70 : 10 + index,
    }));
  const packets = [...flow(20_641, 22, (index) => index === 0), ...flow(49_761, 3389, () => true)];
  await offer(cloud, batchOf(...packets.toSorted((a, b) => a.at - b.at)));
  await clock.advance(15 * 60_000);
  const [start, end] = [Date.parse("2026-11-22T10:00:10Z") / 1000, Date.parse("2026-11-22T10:01:10Z") / 1000];
  expect(await lines(cloud, topic)).toEqual([
    `2 1251762227 ${eni} 172.31.9.69 172.31.9.12 20641 22 6 20 4249 ${start} ${end} ACCEPT OK`,
    `2 1251762227 ${eni} 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 ${start} ${end} REJECT OK`,
  ]);
  await cloud.close();
});
