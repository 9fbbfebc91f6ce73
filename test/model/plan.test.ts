/** What a change means, for every property of every resource: as the model's table says. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check } from "../../src/model/check.ts";
import { plan } from "../../src/model/plan.ts";
import type { Properties } from "../../src/model/resource-model.ts";
import { flowLog } from "../../src/model/flow-log.ts";
import { logset } from "../../src/model/logset.ts";
import { networkInterface } from "../../src/model/network-interface.ts";
import { resources } from "../../src/model/resources.ts";
import { securityGroup } from "../../src/model/security-group.ts";
import { topic } from "../../src/model/topic.ts";
import { vpc } from "../../src/model/vpc.ts";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const given: Properties = {
  owner: "project/stack/web",
  flowLogName: "web",
  vpcId: "vpc-1a2b3c4d",
  resourceType: "VPC",
  resourceId: "vpc-1a2b3c4d",
  trafficType: "ALL",
  cloudLogId: "topic-1",
};

describe("FlowLog: every configuration property replaces", () => {
  const cases: [change: Properties, replaces: string[], deleteFirst: boolean][] = [
    [{ trafficType: "REJECT" }, ["trafficType"], true],
    [{ cloudLogId: "topic-2" }, ["cloudLogId"], true],
    [{ flowLogName: "other" }, ["flowLogName"], true],
    [{ flowLogDescription: "new" }, ["flowLogDescription"], true],
    [{ cloudLogRegion: "ap-beijing" }, ["cloudLogRegion"], true],
    [{ resourceId: "vpc-5a6b7c8d" }, ["resourceId"], false],
    [{ resourceId: "eni-1a2b3c4d", resourceType: "NETWORKINTERFACE" }, ["resourceType", "resourceId"], false],
    [{ vpcId: "vpc-5a6b7c8d" }, ["vpcId"], true],
    [{ tags: { a: "b" } }, [], false],
    [{ enable: false }, [], false],
    [{ enable: true }, [], false],
    [{ flowLogDescription: "" }, [], false],
  ];

  test.each(cases)("%j", (change, replaces, deleteBeforeReplace) => {
    const found = plan(flowLog, given, { ...given, ...change });
    expect(found).toMatchObject({ replaces, deleteBeforeReplace });
    const isChange = replaces.length > 0 || "tags" in change || change["enable"] === false;
    expect(found.changed.length > 0).toBe(isChange);
  });
});

describe("other resources", () => {
  test("a topic's identity replaces, what the API can modify does not", () => {
    const olds = { logsetId: "l1", topicName: "t", period: 30 };
    expect(plan(topic, olds, { ...olds, period: 60, forceDestroy: true, tags: { a: "b" } })).toMatchObject({ replaces: [], changed: ["period", "tags", "forceDestroy"] });
    // In another logset the name is free, so the new one can come first.
    expect(plan(topic, olds, { ...olds, logsetId: "l2" })).toMatchObject({ replaces: ["logsetId"], deleteBeforeReplace: false });
    expect(plan(topic, olds, { ...olds, bizType: 1 })).toMatchObject({ replaces: ["bizType"], deleteBeforeReplace: true });
  });

  test("a made-up name leaves room for the replacement, an explicit one does not", () => {
    const explicit = { logsetName: "l", logsetId: "a-1250000000" };
    const other = { ...explicit, logsetId: "b-1250000000" };
    expect(plan(logset, explicit, other)).toMatchObject({ replaces: ["logsetId"], deleteBeforeReplace: true });
    expect(plan(logset, { ...explicit, autoNamed: true }, { ...other, autoNamed: true })).toMatchObject({ deleteBeforeReplace: false });
  });

  test("an ENI's address chosen by the cloud is no change when the program names none", () => {
    const olds = { subnetId: "s", privateIpAddresses: [{ privateIpAddress: "10.0.0.2", primary: true }] };
    expect(plan(networkInterface, olds, { subnetId: "s" }).changed).toEqual([]);
    const moved = { subnetId: "s", privateIpAddresses: [{ privateIpAddress: "10.0.0.3", primary: true }] };
    expect(plan(networkInterface, olds, moved)).toMatchObject({ replaces: ["privateIpAddresses"], deleteBeforeReplace: false });
  });
});

describe("unknown values", () => {
  test("are a change, never a reason to replace", () => {
    expect(plan(flowLog, given, { ...given, cloudLogId: unknown })).toEqual({ changed: ["cloudLogId"], replaces: [], deleteBeforeReplace: false });
    expect(plan(networkInterface, { subnetId: "s" }, { subnetId: "s", securityGroupIds: [unknown] }).changed).toEqual(["securityGroupIds"]);
  });

  test("pass every check", () => {
    const allUnknown = Object.fromEntries(Object.keys(given).map((key) => [key, unknown]));
    expect(check(flowLog, {}, { ...allUnknown, owner: "p/s/n" }, () => "x").failures).toEqual([]);
  });
});

test("equal inputs are no change, for every resource", () => {
  const value = fc.oneof(fc.string(), fc.nat(), fc.boolean(), fc.constant(undefined), fc.array(fc.string()), fc.dictionary(fc.string(), fc.string()));
  for (const model of Object.values(resources)) {
    const inputs = fc.record(Object.fromEntries(Object.keys(model.properties).map((name) => [name, value])));
    fc.assert(
      fc.property(inputs, (each: Properties) => {
        expect(plan(model, each, structuredClone(each)).changed).toEqual([]);
      }),
      { numRuns: 50 },
    );
  }
});

describe("check", () => {
  const suffix = () => "abc1234";

  test("makes up a name, keeps it, and cuts it to the API's limit", () => {
    const { flowLogName: _, ...unnamed } = given;
    const first = check(flowLog, {}, unnamed, suffix);
    expect(first).toMatchObject({ failures: [], inputs: { flowLogName: "web-abc1234", autoNamed: true } });
    expect(check(flowLog, first.inputs, unnamed, () => "other").inputs["flowLogName"]).toBe("web-abc1234");
    const long = check(vpc, {}, { owner: `p/s/${"字".repeat(60)}`, cidrBlock: "10.0.0.0/16" }, suffix);
    expect(long.failures).toEqual([]);
    expect(Buffer.byteLength(String(long.inputs["vpcName"]))).toBeLessThanOrEqual(60);
  });

  test.each([
    [{ trafficType: "BOTH" }, "trafficType", 'TrafficType: "BOTH" must be one of ACCEPT, REJECT, ALL'],
    [{ resourceType: "NAT" }, "resourceType", "is a NAT gateway"],
    [{ trafficType: undefined }, "trafficType", "TrafficType: this parameter is required and was not given"],
    [{ flowLogName: "x".repeat(61) }, "flowLogName", "has 61 characters, more than 60"],
    [{ vpcId: "nonsense" }, "vpcId", 'VpcId: "nonsense" must be an id such as vpc-1a2b3c4d'],
    [{ trafic: "ALL" }, "trafic", 'trafic: FlowLog has no such property (it was given "ALL")'],
    [{ tags: { "": "x" } }, "tags.0.key", 'Tags.0.Key: "" must not be empty'],
  ])("refuses %j in the server's words", (change, property, reason) => {
    const { failures } = check(flowLog, {}, { ...given, ...change }, suffix);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ property, reason: expect.stringContaining(reason) as string });
  });

  test("nested rules are refused at their place, and otherwise take the cloud's spelling", () => {
    const bad = check(securityGroup, {}, { owner: "p/s/g", ingress: [{ protocol: "TCP", port: "99999", cidrBlock: "10.0.0.0/8", action: "ACCEPT" }] }, suffix);
    expect(bad.failures).toMatchObject([{ property: "ingress.0.port", reason: expect.stringContaining('Port: "99999"') as string }]);
    const good = check(securityGroup, {}, { owner: "p/s/g", ingress: [{ protocol: "tcp", cidrBlock: "10.0.0.7/8", action: "accept" }] }, suffix);
    expect(good).toMatchObject({ failures: [], inputs: { ingress: [{ protocol: "TCP", port: "ALL", cidrBlock: "10.0.0.0/8", action: "ACCEPT" }] } });
  });
});
