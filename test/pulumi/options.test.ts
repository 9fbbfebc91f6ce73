/** Pulumi's own options and commands on this package's resources, with the real engine; each run looks at many of them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiError } from "../../src/wire/errors.ts";
import type { PropertyModel } from "../../src/model/resource-model.ts";
import { type ResourceName, resources } from "../../src/model/resources.ts";
import { EngineStack, type Step } from "../support/stack.ts";
import { type Described, ref } from "./described.ts";
import { everything } from "./kill-programs.ts";

let stack: EngineStack;

beforeAll(async () => {
  stack = await EngineStack.open({ PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "true" });
}, 600_000);

afterAll(async () => {
  expect(stack.server.bugs).toEqual([]);
  await stack.close();
});

/** What was done, in order: `delete topic`. */
function deeds(steps: readonly Step[]): string[] {
  return steps.map(({ op, name }) => `${op} ${name}`);
}

const byName = (name: string): Described => everything.find((each) => each.name === name)!;
const vpc = { kind: "Vpc", args: { cidrBlock: "10.0.0.0/16" } };

/** Deletes everything by other means than the stack's, what depends on others first. */
async function deleteAllByHand(ids: Readonly<Record<string, string>>): Promise<void> {
  const { cloud } = stack.server;
  const own = (kind: ResourceName) => everything.filter((each) => each.kind === kind).map(({ name }) => ids[name]!);
  for (const FlowLogId of own("FlowLog")) await cloud.call("DeleteFlowLog", { FlowLogId, VpcId: ids["vpc"]! });
  for (const TopicId of own("Topic")) await cloud.call("DeleteTopic", { TopicId });
  for (const LogsetId of own("Logset")) await cloud.call("DeleteLogset", { LogsetId });
  for (const NetworkInterfaceId of own("NetworkInterface")) await cloud.call("DeleteNetworkInterface", { NetworkInterfaceId });
  for (const NetworkAclId of own("NetworkAcl")) {
    await cloud.call("DisassociateNetworkAclSubnets", { NetworkAclId, SubnetIds: [ids["a"]!] });
    await cloud.call("DeleteNetworkAcl", { NetworkAclId });
  }
  for (const SecurityGroupId of own("SecurityGroup")) await cloud.call("DeleteSecurityGroup", { SecurityGroupId });
  for (const SubnetId of own("Subnet")) await cloud.call("DeleteSubnet", { SubnetId });
  for (const VpcId of own("Vpc")) await cloud.call("DeleteVpc", { VpcId });
}

// Each test goes on where the one before it stopped.
describe("behind the stack's back", () => {
  test("every kind that was deleted returns with up --refresh; names are as given, or the program's with a suffix", async () => {
    stack.describe(everything);
    expect((await stack.up()).failure).toBe("");
    const before = await stack.ids();
    await deleteAllByHand(before);
    const run = await stack.up(true);
    expect(run.failure).toBe("");
    expect(deeds(run.steps).filter((deed) => deed.startsWith("create ")).toSorted()).toEqual(everything.map(({ name }) => `create ${name}`).toSorted());
    const after = await stack.ids();
    expect(Object.keys(before).filter((name) => after[name] === before[name])).toEqual([]);
    for (const { urn, outputs } of await stack.state()) {
      const { kind, name, args } = byName(urn.split("::").at(-1)!);
      const properties: Readonly<Record<string, PropertyModel>> = resources[kind as ResourceName].properties;
      const [named] = Object.entries(properties).find(([, { autoName }]) => autoName) ?? [];
      if (named === undefined) continue;
      const shown = (outputs as Record<string, string>)[named];
      if (args[named] === undefined) expect(shown).toMatch(new RegExp(`^${name}-[0-9a-f]{7}$`));
      else expect(shown).toBe(args[named]);
    }
  }, 240_000);

  test("drift is named, and put right", async () => {
    const { cloud } = stack.server;
    const ids = await stack.ids();
    await cloud.call("ModifyVpcAttribute", { VpcId: ids["vpc"]!, VpcName: "drifted" });
    await cloud.call("ModifyTopic", { TopicId: ids["topic"]!, Period: 99 });
    await cloud.call("EnableFlowLogs", { FlowLogIds: [ids["onVpc"]!] });
    await cloud.call("ModifySecurityGroupPolicies", { SecurityGroupId: ids["group"]!, SecurityGroupPolicySet: { Ingress: [], Egress: [] } });
    const run = await stack.up(true);
    expect(run.failure).toBe("");
    expect(Object.fromEntries(run.steps.map(({ name, op, changed }) => [`${op} ${name}`, changed]))).toEqual({
      "update vpc": ["vpcName"],
      "update topic": ["period"],
      "update onVpc": ["enable"],
      "update group": ["ingress"],
    });
  }, 240_000);

  test("a delete that fails is a failure, whatever the kind; what is gone is deleted", async () => {
    stack.server.answering = (action, answer) =>
      action.startsWith("Delete") ? Promise.reject(new ApiError("InternalError", "the cloud is having a bad day")) : answer();
    const refused = await stack.destroy();
    stack.server.answering = (_action, answer) => answer();
    expect(refused.failure).toContain("the cloud is having a bad day");
    expect(await stack.state()).toHaveLength(everything.length);
    await deleteAllByHand(await stack.ids());
    expect((await stack.destroy()).failure).toBe("");
    expect(await stack.state()).toHaveLength(0);
  }, 240_000);

  test("flowlogs status --orphans asks Pulumi for the state, and lists what carries the stack's mark beside it", async () => {
    expect(await stack.flowlogs("status", "--orphans")).toEqual({ code: 0, stderr: "", stdout: "nothing carries the mark of provider-test/test that its state does not hold\n" });
    const owned = (owner: string) => ({ CidrBlock: "10.0.0.0/16", Tags: [{ Key: "flowlogs:owner", Value: owner }] });
    await stack.server.cloud.call("CreateVpc", { ...owned("provider-test/another/net"), VpcName: "another-stack's" });
    const { Vpc } = await stack.server.cloud.call("CreateVpc", { ...owned("provider-test/test/net"), VpcName: "left" });
    const { code, stdout } = await stack.flowlogs("status", "--orphans", "--stack", "test", "--json");
    expect([code, JSON.parse(stdout)]).toEqual([1, { Stack: "provider-test/test", Orphans: [{ Kind: "Vpc", Id: Vpc.VpcId, Owner: "provider-test/test/net" }] }]);
    for (const { VpcId } of (await stack.server.cloud.call("DescribeVpcs", {})).VpcSet) await stack.server.cloud.call("DeleteVpc", { VpcId });
  }, 60_000);

  test("a create that fails halfway is in the state, and the next run goes on from there", async () => {
    const fails = new Set(["ModifyNetworkAclEntries"]);
    stack.server.answering = (action, answer) => (fails.delete(action) ? Promise.reject(new ApiError("InternalError", "a bad day")) : answer());
    const rule = { protocol: "TCP", port: "22", cidrBlock: "0.0.0.0/0", action: "ACCEPT" };
    stack.describe([{ ...vpc, name: "vpc" }, { kind: "NetworkAcl", name: "acl", args: { vpcId: ref("vpc.id"), ingress: [rule] } }]);
    const { failure } = await stack.up();
    expect(failure).toMatch(/NetworkAcl (acl-\w+) was made, but ingress could not be set: ModifyNetworkAclEntries: InternalError: a bad day/);
    const [, made] = /NetworkAcl (acl-\w+) was made/.exec(failure)!;
    const { steps, failure: again } = await stack.up();
    expect([again, deeds(steps)]).toEqual(["", ["update acl"]]);
    expect((await stack.ids())["acl"]).toBe(made);
    const { NetworkAclSet } = await stack.server.cloud.call("DescribeNetworkAcls", {});
    expect(NetworkAclSet.map(({ IngressEntries }) => IngressEntries.length)).toEqual([1]);
    expect((await stack.destroy()).failure).toBe("");
  }, 240_000);
});

describe("options", () => {
  let handMade: { vpcId: string; logsetId: string; topicId: string };

  const program = (): Described[] => [
    { ...vpc, name: "ignoring", args: { ...vpc.args, domainName: "one.test" }, options: { ignoreChanges: ["domainName"] } },
    { ...vpc, name: "replaced" },
    { ...vpc, name: "going-first", options: { deleteBeforeReplace: true } },
    { kind: "Logset", name: "renamed", args: {} },
    { kind: "Logset", name: "taken", args: { logsetName: "hand-made" }, options: { import: handMade.logsetId } },
    { kind: "Topic", name: "kept", args: { logsetId: ref("taken.id") }, options: { retainOnDelete: true } },
    { kind: "Topic", name: "guarded", args: { logsetId: ref("taken.id") }, options: { protect: true } },
    { kind: "Vpc", name: "looked-up", args: {}, get: handMade.vpcId },
    { kind: "Subnet", name: "subnet", args: { vpcId: ref("looked-up.id"), zone: "ap-guangzhou-3", cidrBlock: ref("looked-up.cidrBlock") } },
  ];

  const without = (...names: string[]) => program().filter(({ name }) => !names.includes(name));
  const changed = (name: string, change: Partial<Described>) => program().map((each) => (each.name === name ? { ...each, ...change } : each));

  test("get() reads what exists, and the option import takes it over", async () => {
    const { cloud } = stack.server;
    const { Vpc } = await cloud.call("CreateVpc", { VpcName: "hand-made", CidrBlock: "172.16.0.0/24" });
    const { LogsetId } = await cloud.call("CreateLogset", { LogsetName: "hand-made" });
    const { TopicId } = await cloud.call("CreateTopic", { LogsetId, TopicName: "hand-made" });
    handMade = { vpcId: Vpc.VpcId, logsetId: LogsetId, topicId: TopicId };
    stack.describe(program());
    expect((await stack.up()).failure).toBe("");
    expect(await stack.ids()).toMatchObject({ "looked-up": handMade.vpcId, taken: handMade.logsetId });
    const { SubnetSet } = await cloud.call("DescribeSubnets", {});
    expect(SubnetSet.map(({ CidrBlock, VpcId }) => [CidrBlock, VpcId])).toEqual([["172.16.0.0/24", handMade.vpcId]]);
    expect(await stack.up(true)).toMatchObject({ failure: "", steps: [] });
  }, 240_000);

  test("what cannot be imported, or not looked up, says why", async () => {
    stack.describe([
      ...program(),
      { kind: "Topic", name: "gone", args: { logsetId: ref("taken.id") }, options: { import: "no-such-topic" } },
      { kind: "Topic", name: "other", args: { logsetId: ref("renamed.id"), topicName: "hand-made" }, options: { import: handMade.topicId } },
    ]);
    const { failure } = await stack.up();
    expect(failure).toContain("Topic no-such-topic cannot be imported: it does not exist");
    expect(failure).toContain(`Topic ${handMade.topicId} cannot be imported: logsetId is "${handMade.logsetId}" there and "${(await stack.ids())["renamed"]!}" in the program`);
    stack.describe([...program(), { kind: "Vpc", name: "missing", args: {}, get: "vpc-00000000" }]);
    expect((await stack.up()).failure).toContain("Vpc vpc-00000000 does not exist, so it cannot be looked up");
  }, 240_000);

  test("ignoreChanges, aliases, and up --replace, which never takes up the one it replaces", async () => {
    const before = await stack.ids();
    const anotherName = { name: "by-another-name", options: { aliases: [{ name: "renamed" }] } };
    stack.describe(changed("renamed", anotherName).map((each) => (each.name === "ignoring" ? { ...each, args: { ...each.args, domainName: "two.test" } } : each)));
    expect(await stack.up()).toMatchObject({ failure: "", steps: [] });
    const run = await stack.replace(["Vpc", "replaced"], ["Vpc", "going-first"]);
    expect(run.failure).toBe("");
    const order = (name: string) => run.steps.filter((step) => step.name === name).map(({ op }) => op);
    expect(order("replaced")).toEqual(["create-replacement", "replace", "delete-replaced"]);
    expect(order("going-first")).toEqual(["delete-replaced", "replace", "create-replacement"]);
    const after = await stack.ids();
    const { renamed: id, ...others } = before;
    expect(after).toEqual({ ...others, "by-another-name": id, replaced: after["replaced"], "going-first": after["going-first"] });
    for (const name of ["replaced", "going-first"]) expect(after[name]).not.toBe(before[name]);
    const { VpcSet } = await stack.server.cloud.call("DescribeVpcs", { VpcIds: [before["ignoring"]!] });
    expect(VpcSet[0]!.DomainName).toBe("one.test");
  }, 240_000);

  test("protect keeps it from going, retainOnDelete keeps it when it goes", async () => {
    stack.describe(without("guarded", "renamed"));
    expect((await stack.up()).failure).toMatch(/guarded.*cannot be deleted|protected/s);
    const { kept } = await stack.ids();
    await stack.unprotect();
    stack.describe(without("guarded", "kept", "renamed"));
    expect((await stack.up()).failure).toBe("");
    const { Topics } = await stack.server.cloud.call("DescribeTopics", {});
    expect(Topics.map(({ TopicId }) => TopicId).toSorted()).toEqual([handMade.topicId, kept].toSorted());
    for (const { TopicId } of Topics) await stack.server.cloud.call("DeleteTopic", { TopicId });
  }, 240_000);
});

describe("a topic with records", () => {
  test("is not replaced, from the preview on, unless it is kept or forceDestroy is in the state", async () => {
    const { cloud } = stack.server;
    stack.describe(topics({}, {}, {}));
    expect((await stack.up()).failure).toBe("");
    await cloud.call("AdvanceClock", { Seconds: 900 });
    const ids = await stack.ids();

    // Said in the same run, forceDestroy is not in the state yet.
    stack.describe(topics({ topicName: "another", forceDestroy: true }, {}, {}));
    const { failure } = await stack.preview();
    expect(failure).toMatch(new RegExp(`topic full-\\w+ \\(${ids["full"]!}\\) holds \\d+ records.*set forceDestroy: true`, "s"));

    stack.describe(topics({}, { topicName: "kept-2" }, { topicName: "forced-2" }));
    expect((await stack.up()).failure).toBe("");
    const { Topics } = await cloud.call("DescribeTopics", {});
    const left = Topics.map(({ TopicId }) => TopicId);
    expect(left).toEqual(expect.arrayContaining([ids["full"], ids["kept"]]));
    expect(left).not.toContain(ids["forced"]);
  }, 240_000);

  test("that came between plan and delete stays behind its replacement, and goes when forceDestroy is in that one's state", async () => {
    const { cloud } = stack.server;
    const late = (args: object): Described => ({ kind: "Topic", name: "late", args: { logsetId: ref("logset.id"), ...args } });
    stack.describe([...topics({}, {}, {}), late({})]);
    expect((await stack.up()).failure).toBe("");
    const { vpc: vpcId, late: old } = await stack.ids();
    stack.server.answering = async (action, answer) => {
      if (action === "CreateTopic") await fillByHand(vpcId!, old!);
      return answer();
    };
    stack.describe([...topics({}, {}, {}), late({ topicName: "another" })]);
    const { failure } = await stack.up();
    stack.server.answering = (_action, answer) => answer();
    expect(failure).toMatch(new RegExp(`topic late-\\w+ \\(${old!}\\) holds \\d+ records`));
    stack.describe([...topics({}, {}, {}), late({ topicName: "another", forceDestroy: true })]);
    expect((await stack.up()).failure).toBe("");
    const { Topics } = await cloud.call("DescribeTopics", {});
    expect(Topics.map(({ TopicId }) => TopicId)).not.toContain(old);
  }, 240_000);
});

/** Has records written to a topic by a flow log that is none of the stack's. */
async function fillByHand(VpcId: string, topicId: string): Promise<void> {
  const { cloud } = stack.server;
  const { Subnet } = await cloud.call("CreateSubnet", { VpcId, SubnetName: "by-hand", CidrBlock: "10.0.200.0/24", Zone: "ap-guangzhou-3" });
  const eni = await cloud.call("CreateNetworkInterface", { VpcId, SubnetId: Subnet.SubnetId, NetworkInterfaceName: "by-hand" });
  await cloud.call("CreateFlowLog", {
    VpcId,
    FlowLogName: "by-hand",
    ResourceType: "NETWORKINTERFACE",
    ResourceId: eni.NetworkInterface.NetworkInterfaceId,
    TrafficType: "ALL",
    CloudLogId: topicId,
  });
  await cloud.call("AdvanceClock", { Seconds: 900 });
}

/** Three topics, each with a flow log that fills it. */
function topics(full: Described["args"], kept: Described["args"], forced: Described["args"]): Described[] {
  const topic = (name: string, args: object, options: Described["options"] = {}): Described => ({
    kind: "Topic",
    name,
    args: { logsetId: ref("logset.id"), ...args },
    options,
  });
  const flowLog = (topicName: string, resourceType: string, watched: string): Described => ({
    kind: "FlowLog",
    name: `to-${topicName}`,
    args: { vpcId: ref("vpc.id"), resourceType, resourceId: ref(`${watched}.id`), trafficType: "ALL", cloudLogId: ref(`${topicName}.id`) },
  });
  return [
    { ...vpc, name: "vpc" },
    { kind: "Subnet", name: "a", args: { vpcId: ref("vpc.id"), zone: "ap-guangzhou-3", cidrBlock: "10.0.0.0/24" } },
    { kind: "NetworkInterface", name: "eni", args: { vpcId: ref("vpc.id"), subnetId: ref("a.id") } },
    { kind: "Logset", name: "logset", args: {} },
    topic("full", full),
    topic("kept", kept, { retainOnDelete: true }),
    topic("forced", { forceDestroy: true, ...forced }),
    flowLog("full", "VPC", "vpc"),
    flowLog("kept", "SUBNET", "a"),
    flowLog("forced", "NETWORKINTERFACE", "eni"),
  ];
}

describe("customTimeouts", () => {
  test("end an operation that takes longer, and are refused where they are no stretch of time", async () => {
    const hasty = (create: string): Described => ({ ...vpc, name: "hasty", options: { customTimeouts: { create } } });
    const late: (() => Promise<object>)[] = [];
    stack.server.answering = (action, answer) => (action === "CreateVpc" ? new Promise(() => late.push(answer)) : answer());
    stack.describe([...topics({}, {}, {}), hasty("1500ms")]);
    const { failure } = await stack.up();
    stack.server.answering = (_action, answer) => answer();
    expect(late).toHaveLength(1);
    await late[0]!();
    expect(failure).toContain("CreateVpc was not answered within the 1.5 s");
    expect(failure).toContain("Run `pulumi up` again: if it was made, it is found by its mark and taken up");
    const { VpcSet } = await stack.server.cloud.call("DescribeVpcs", { Filters: [{ Name: "tag-key", Values: ["flowlogs:owner"] }] });
    stack.describe([...topics({}, {}, {}), hasty("5m")]);
    expect((await stack.up()).failure).toBe("");
    expect(VpcSet.map(({ VpcId }) => VpcId)).toContain((await stack.ids())["hasty"]);
    stack.describe([...topics({}, {}, {}), hasty("soon")]);
    expect((await stack.preview()).failure).toMatch(/soon/);
  }, 240_000);
});
