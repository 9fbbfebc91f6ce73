/** The provider with the real engine: what `pulumi up`, `preview`, `refresh` and `destroy` do to real resources. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wholeIndex } from "../support/network.ts";
import { credentials } from "../support/server.ts";
import { EngineStack, type Step } from "../support/stack.ts";
import { fromWire } from "../../src/model/convert.ts";
import { type Described, ref } from "./described.ts";

const rules = [{ protocol: "TCP", port: "22", cidrBlock: "0.0.0.0/0", action: "ACCEPT" }];

/** One of each kind of resource; flow logs on the VPC and on the ENI. */
const base: Described[] = [
  { kind: "Vpc", name: "vpc", args: { cidrBlock: "10.0.0.0/16" } },
  { kind: "Subnet", name: "subnet", args: { vpcId: ref("vpc.id"), zone: "ap-guangzhou-3", cidrBlock: "10.0.1.0/24" } },
  { kind: "SecurityGroup", name: "group", args: { ingress: rules } },
  { kind: "NetworkAcl", name: "acl", args: { vpcId: ref("vpc.id"), subnetIds: [ref("subnet.id")], ingress: rules, egress: rules } },
  { kind: "NetworkInterface", name: "eni", args: { vpcId: ref("vpc.id"), subnetId: ref("subnet.id"), securityGroupIds: [ref("group.id")] } },
  { kind: "Logset", name: "logset", args: { tags: { env: "test" } } },
  { kind: "Topic", name: "topic", args: { logsetId: ref("logset.id"), period: 7 } },
  { kind: "Topic", name: "other", args: { logsetId: ref("logset.id") } },
  { kind: "Index", name: "index", args: { topicId: ref("topic.id"), rule: fromWire(wholeIndex) } },
  { kind: "FlowLog", name: "onVpc", args: { vpcId: ref("vpc.id"), resourceType: "VPC", resourceId: ref("vpc.id"), trafficType: "ALL", cloudLogId: ref("topic.id") } },
  { kind: "FlowLog", name: "onEni", args: { vpcId: ref("vpc.id"), resourceType: "NETWORKINTERFACE", resourceId: ref("eni.id"), trafficType: "REJECT", cloudLogId: ref("topic.id") } },
];

/** The base with some resources' arguments changed, and some left out. */
function changed(changes: Readonly<Record<string, object | "gone">>): Described[] {
  return base
    .filter(({ name }) => changes[name] !== "gone")
    .map((each) => ({ ...each, args: { ...each.args, ...(changes[each.name] as object | undefined) } }));
}

/** What was done, in order: `delete onVpc`. */
function deeds(steps: readonly Step[]): string[] {
  return steps.map(({ op, name }) => `${op} ${name}`);
}

let stack: EngineStack;

beforeAll(async () => {
  stack = await EngineStack.open({ PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "true" });
}, 600_000);

afterAll(async () => {
  expect(stack.server.bugs).toEqual([]);
  await stack.close();
});

// Each test goes on where the one before it stopped: an engine run is dear.
describe("a stack's life", () => {
  test("an empty program comes up", async () => {
    stack.describe([]);
    expect(await stack.up()).toMatchObject({ failure: "", changes: { create: 1 } });
  }, 60_000);

  test("up makes everything; refresh and up again change nothing", async () => {
    stack.describe(base);
    const made = await stack.up();
    expect(made.failure).toBe("");
    expect(made.changes).toEqual({ create: base.length, same: 1 });
    const unchanged = { failure: "", steps: [], changes: { same: base.length + 1 } };
    expect(await stack.refresh()).toEqual(unchanged);
    expect(await stack.up()).toEqual(unchanged);
  }, 120_000);

  test("the state is small and holds no secret", async () => {
    const resources = await stack.state();
    expect(resources).toHaveLength(base.length);
    for (const resource of resources) {
      const text = JSON.stringify(resource);
      expect(text.length).toBeLessThanOrEqual(5 * 1024);
      expect(text).not.toContain(credentials.secretKey);
      expect(text).not.toContain(credentials.secretId);
    }
  });

  test("preview refuses what the server would refuse, in its words", async () => {
    stack.describe(changed({ onVpc: { trafficType: "BOTH", flowLogName: "x".repeat(61) } }));
    const { failure } = await stack.preview();
    expect(failure).toContain('TrafficType: "BOTH" must be one of ACCEPT, REJECT, ALL');
    expect(failure).toContain("has 61 characters, more than 60");
  }, 60_000);

  test("a changed traffic type replaces, the old flow log first, and nothing else moves", async () => {
    const before = await stack.ids();
    stack.describe(changed({ onVpc: { trafficType: "REJECT" } }));
    const planned = await stack.preview();
    expect(planned.steps.find(({ op }) => op === "replace")).toMatchObject({ op: "replace", name: "onVpc", keys: ["trafficType"] });
    const run = await stack.up();
    expect(run.failure).toBe("");
    expect(deeds(run.steps)).toEqual(["delete-replaced onVpc", "replace onVpc", "create-replacement onVpc"]);
    const after = await stack.ids();
    expect(after).toEqual({ ...before, onVpc: after["onVpc"] });
    expect(after["onVpc"]).not.toBe(before["onVpc"]);
  }, 120_000);

  test("another watched resource replaces too, and then the new one comes first", async () => {
    stack.describe(changed({ onVpc: "gone", onEni: { resourceType: "SUBNET", resourceId: ref("subnet.id") } }));
    const run = await stack.up();
    expect(run.failure).toBe("");
    const order = deeds(run.steps);
    expect(order).toContain("delete onVpc");
    expect(order.indexOf("create-replacement onEni")).toBeLessThan(order.indexOf("delete-replaced onEni"));
    const { TotalCount } = await stack.server.cloud.call("DescribeTopics", {});
    expect(TotalCount).toBe(2);
  }, 120_000);

  test("what is no configuration is updated in place", async () => {
    stack.describe(
      changed({
        onVpc: { enable: false, tags: { a: "1" } },
        topic: { period: 14, describes: "changed", tags: { a: "1" } },
        group: { ingress: [], egress: rules },
        vpc: { domainName: "example.test" },
      }),
    );
    const run = await stack.up();
    expect(run.failure).toBe("");
    expect(deeds(run.steps).filter((deed) => deed.startsWith("update")).toSorted()).toEqual(["update group", "update topic", "update vpc"]);
    expect((await stack.up()).steps).toEqual([]);
  }, 120_000);

  test("what somebody changed or deleted behind the stack's back comes back with up --refresh", async () => {
    const { cloud } = stack.server;
    const ids = await stack.ids();
    await cloud.call("DeleteFlowLog", { FlowLogId: ids["onVpc"]!, VpcId: ids["vpc"]! });
    await cloud.call("ModifyTopic", { TopicId: ids["topic"]!, Period: 99 });
    const run = await stack.up(true);
    expect(run.failure).toBe("");
    expect(deeds(run.steps)).toEqual(expect.arrayContaining(["create onVpc", "update topic"]));
    const { Topics } = await cloud.call("DescribeTopics", { Filters: [{ Key: "topicId", Values: [ids["topic"]!] }] });
    expect(Topics[0]!.Period).toBe(14);
  }, 120_000);

  test("a flow log that goes leaves logset, topic and records; a topic with records does not go", async () => {
    const { cloud } = stack.server;
    await cloud.call("AdvanceClock", { Seconds: 3600 });
    stack.describe(changed({ onVpc: "gone", onEni: "gone" }));
    expect(await stack.up()).toMatchObject({ failure: "" });
    expect(await cloud.call("DescribeFlowLogs", {})).toMatchObject({ TotalNum: 0 });
    const { topic } = await stack.ids();
    const { Records } = await cloud.call("DescribeTopicUsage", { TopicId: topic! });
    expect(Records).toBeGreaterThan(0);
    const refused = await stack.destroy();
    expect(refused.failure).toContain(`holds ${Records} records`);
    expect(refused.failure).toContain("forceDestroy: true");
  }, 120_000);

  test("destroy removes everything once forceDestroy is in the state", async () => {
    stack.describe(changed({ topic: { forceDestroy: true } }));
    expect(await stack.up()).toMatchObject({ failure: "" });
    expect(await stack.destroy()).toMatchObject({ failure: "" });
    const { Resources } = await stack.server.cloud.call("DescribeStatus", {});
    expect(Object.values(Resources).reduce((sum, count) => sum + count, 0)).toBe(0);
  }, 120_000);
});
