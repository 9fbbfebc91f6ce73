/** The life of every resource against the reference cloud: made, read back without drift, changed, drifted, deleted. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Cloud } from "../../src/backend/cloud.ts";
import { check } from "../../src/model/check.ts";
import { create, read, remove, update } from "../../src/model/lifecycle.ts";
import { plan } from "../../src/model/plan.ts";
import type { Api, Properties } from "../../src/model/resource-model.ts";
import { type ResourceName, resources } from "../../src/model/resources.ts";
import { startMs, testCloud } from "../support/cloud.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc, tokenizer, wholeIndex } from "../support/network.ts";
import { outcome } from "../support/ways.ts";

let cloud: Cloud;
let api: Api;
let vpcId: string;
let subnetId: string;
let topicId: string;
let logsetId: string;
let groupId: string;

beforeEach(async () => {
  ({ cloud } = testCloud());
  api = { call: cloud.call, region: "ap-guangzhou", isLocal: true };
  vpcId = await makeVpc(cloud);
  subnetId = await makeSubnet(cloud, vpcId, "172.31.1.0/24", "2001:db8:31:1::/64");
  topicId = await makeTopic(cloud);
  logsetId = (await cloud.call("DescribeLogsets", {})).Logsets[0]!.LogsetId;
  groupId = (await cloud.call("CreateSecurityGroup", { GroupName: "g", GroupDescription: "" })).SecurityGroup.SecurityGroupId;
});

afterEach(() => cloud.close());

const rules = [
  { protocol: "tcp", port: "22", cidrBlock: "0.0.0.0/0", action: "accept" },
  { protocol: "ALL", ipv6CidrBlock: "2001:db8::/32", action: "DROP" },
];

/** For each kind: what to make, and what to change in place. */
const lives = (): Record<ResourceName, { inputs: Properties; change: Properties }> => ({
  Vpc: { inputs: { cidrBlock: "10.0.0.0/16", tags: { a: "1" } }, change: { domainName: "example.test", enableMulticast: true, tags: { a: "2", b: "3" } } },
  Subnet: { inputs: { vpcId, zone: "ap-guangzhou-3", cidrBlock: "172.31.2.0/24" }, change: { subnetName: "named", tags: { a: "1" } } },
  NetworkInterface: {
    inputs: { vpcId, subnetId, securityGroupIds: [groupId], ipv6Addresses: [{ address: "2001:DB8:31:1::9" }] },
    change: { securityGroupIds: [], networkInterfaceDescription: "d", tags: { a: "1" } },
  },
  SecurityGroup: { inputs: { ingress: rules, egress: [] }, change: { egress: rules, groupDescription: "d" } },
  NetworkAcl: { inputs: { vpcId, ingress: rules, subnetIds: [subnetId] }, change: { egress: rules, subnetIds: [], tags: { a: "1" } } },
  Logset: { inputs: { tags: { a: "1" } }, change: { tags: { b: "2" } } },
  Topic: { inputs: { logsetId, period: 7 }, change: { period: 14, describes: "d", partitionCount: 2, forceDestroy: true, tags: { a: "1" } } },
  Index: { inputs: { topicId: "", rule: { fullText: { caseSensitive: false, tokenizer } } }, change: { status: false } },
  FlowLog: {
    inputs: { vpcId, resourceType: "VPC", resourceId: vpcId, trafficType: "ALL", cloudLogId: topicId },
    change: { enable: false, tags: { a: "1" } },
  },
});

async function made(name: ResourceName) {
  const model = resources[name];
  const { inputs, change } = lives()[name];
  if (name === "Index") inputs["topicId"] = (await cloud.call("CreateTopic", { LogsetId: logsetId, TopicName: "bare" })).TopicId;
  const checked = check(model, {}, { ...inputs, owner: `p/s/${name}` }, () => "abc1234");
  expect(checked.failures).toEqual([]);
  const { id, state } = await create(model, checked.inputs, api);
  return { model, id, state, inputs: checked.inputs, change };
}

describe.each(Object.keys(resources) as ResourceName[])("%s", (name) => {
  test("read back as it was made, it plans no change", async () => {
    const { model, id, state, inputs } = await made(name);
    const back = await read(model, id, state, api);
    expect(back?.inputs).toEqual(inputs);
    expect(back?.state).toEqual(state);
    expect(plan(model, back!.state, inputs).changed).toEqual([]);
  });

  test("changed in place and read back, it plans no change", async () => {
    const { model, id, state, inputs, change } = await made(name);
    const news = check(model, inputs, { ...inputs, ...change }, () => "x").inputs;
    expect(plan(model, state, news)).toMatchObject({ replaces: [] });
    expect(plan(model, state, news).changed.toSorted()).toEqual(Object.keys(change).toSorted());
    const updated = await update(model, id, state, news, api);
    const back = await read(model, id, updated, api);
    expect(back?.state).toEqual(updated);
    expect(plan(model, back!.state, news).changed).toEqual([]);
    // And back again: what is taken away means what the cloud takes by itself.
    const reverted = await update(model, id, updated, inputs, api);
    expect(plan(model, reverted, inputs).changed).toEqual([]);
    const again = await read(model, id, reverted, api);
    const { id: _, ...plain } = { id, ...again!.inputs };
    expect(plan(model, plain, inputs).changed).toEqual([]);
  });

  test("deleted it is gone, and deleting it again succeeds", async () => {
    const { model, id, state } = await made(name);
    await remove(model, id, state, api);
    expect(await read(model, id, state, api)).toBeUndefined();
    await remove(model, id, state, api);
  });

  test("made although the answer was lost, it is found by its mark at once", async () => {
    const lossy: Api["call"] = async (action, request) => {
      const answer = await cloud.call(action, request);
      if (action.startsWith("Create")) throw new Error("the connection broke");
      return answer;
    };
    const model = resources[name];
    const before = await made(name);
    await remove(model, before.id, before.state, api);
    const { id, state } = await create(model, before.inputs, { ...api, call: lossy });
    const back = await read(model, id, state, api);
    expect(back?.inputs).toEqual(before.inputs);
  });

  test("an interrupted create of the same inputs is taken up, one that the state holds is not", async () => {
    const { model, id, inputs } = await made(name);
    const again = await create(model, inputs, api);
    expect(again.id).toBe(id);
    const asIfHeld = create(model, inputs, api, (each) => Promise.resolve(each === id));
    // A second one beside it, or the refusal of a place that is taken.
    const found = await outcome(asIfHeld.then((other) => expect(other.id).not.toBe(id)));
    expect(found).toMatch(/^fine$|Conflict|ResourceInUse|FlowLogInstanceExisted/);
  });
});

test("drift is seen by its property's name", async () => {
  const { model, id, state, inputs } = await made("SecurityGroup");
  await cloud.call("ModifySecurityGroupPolicies", {
    SecurityGroupId: id,
    SecurityGroupPolicySet: { Ingress: [], Egress: [{ Protocol: "ALL", CidrBlock: "0.0.0.0/0", Action: "ACCEPT" }] },
  });
  const back = await read(model, id, state, api);
  expect(plan(model, back!.state, inputs).changed).toEqual(["ingress", "egress"]);
});

test("an index is not taken up when its rule is another", async () => {
  const { model, inputs } = await made("Index");
  const other = { ...inputs, rule: { fullText: { caseSensitive: true, tokenizer } } };
  expect(await outcome(create(model, other, api))).toContain("InvalidParameter.IndexConflict");
});

test("an interrupted network ACL is completed when it is taken up", async () => {
  const { model, id, inputs } = await made("NetworkAcl");
  await cloud.call("ModifyNetworkAclEntries", { NetworkAclId: id, NetworkAclEntrySet: { Ingress: [], Egress: [] } });
  await cloud.call("DisassociateNetworkAclSubnets", { NetworkAclId: id, SubnetIds: [subnetId] });
  const again = await create(model, inputs, api);
  const back = await read(model, again.id, again.state, api);
  expect(back?.inputs).toEqual(inputs);
});

describe("a topic with records", () => {
  test("does not go, unless the state says forceDestroy", async () => {
    const model = resources.Topic;
    const checked = check(model, {}, { logsetId, topicName: "records", owner: "p/s/t" }, () => "x");
    const { id, state } = await create(model, checked.inputs, api);
    await makeEni(cloud, vpcId, subnetId, "172.31.1.10");
    await makeFlowLog(cloud, vpcId, id);
    await cloud.call("AdvanceClock", { Seconds: 900 });
    const refused = remove(model, id, state, api);
    await expect(refused).rejects.toThrow(`topic records (${id}) holds 1 records, and 0 more wait to be published`);
    await expect(refused).rejects.toThrow("set forceDestroy: true on the topic");
    const forced = await update(model, id, state, { ...checked.inputs, forceDestroy: true }, api);
    await remove(model, id, forced, api);
    expect(await read(model, id, forced, api)).toBeUndefined();
  });

  test("on the real cloud: counted by search, refused where no index lets them be counted", async () => {
    const model = resources.Topic;
    vi.useFakeTimers({ toFake: ["Date"], now: startMs });
    // The cloud does not answer what this project's own service does.
    const call: Api["call"] = (action, request) => {
      if (action === "DescribeTopicUsage") throw new Error("the cloud has no DescribeTopicUsage");
      return cloud.call(action, request);
    };
    const onCloud = { ...api, call, isLocal: false };
    const bare = await create(model, check(model, {}, { logsetId, topicName: "bare" }, () => "x").inputs, api);
    await expect(remove(model, bare.id, bare.state, onCloud)).rejects.toThrow("may hold records, which cannot be counted without an index");
    await cloud.call("CreateIndex", { TopicId: bare.id, Rule: wholeIndex, Status: false });
    await expect(remove(model, bare.id, bare.state, onCloud)).rejects.toThrow("may hold records, which cannot be counted without an index");
    await cloud.call("ModifyIndex", { TopicId: bare.id, Status: true });
    await makeEni(cloud, vpcId, subnetId, "172.31.1.10");
    await makeFlowLog(cloud, vpcId, bare.id);
    await cloud.call("AdvanceClock", { Seconds: 900 });
    await expect(remove(model, bare.id, bare.state, onCloud)).rejects.toThrow(`topic bare (${bare.id}) holds 1 records`);
    await remove(model, topicId, {}, onCloud);
    await remove(model, topicId, {}, onCloud);
    vi.useRealTimers();
  });
});
