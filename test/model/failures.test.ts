/** What goes wrong in a resource's life is told with what exists by then, and how to go on. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Cloud } from "../../src/backend/cloud.ts";
import { check } from "../../src/model/check.ts";
import { HalfDone } from "../../src/model/failures.ts";
import { create, read, update } from "../../src/model/lifecycle.ts";
import type { Api, Properties } from "../../src/model/resource-model.ts";
import { resources } from "../../src/model/resources.ts";
import { readStretchMs, timeoutViolations, within } from "../../src/model/timeouts.ts";
import { ApiError } from "../../src/wire/errors.ts";
import { testCloud } from "../support/cloud.ts";
import { makeSubnet, makeVpc } from "../support/network.ts";

let cloud: Cloud;
let api: Api;
let vpcId: string;
let subnetId: string;

beforeEach(async () => {
  ({ cloud } = testCloud());
  api = { call: cloud.call, region: "ap-guangzhou", isLocal: true };
  vpcId = await makeVpc(cloud);
  subnetId = await makeSubnet(cloud, vpcId, "172.31.1.0/24");
});

afterEach(() => cloud.close());

/** The API, but one action fails in its own way. */
function failing(action: string, fail: () => Promise<never>): Api {
  const call = ((name, request) => (name === action ? fail() : cloud.call(name, request))) as Api["call"];
  return { ...api, call };
}

const refused = () => Promise.reject(new ApiError("InternalError", "a bad day"));
const rules = [{ protocol: "TCP", port: "22", cidrBlock: "0.0.0.0/0", action: "ACCEPT" }];

function checked(kind: "NetworkAcl" | "Vpc" | "Logset", inputs: Properties): Properties {
  const { inputs: complete, failures } = check(resources[kind], {}, { ...inputs, owner: "p/s/it" }, () => "abc1234");
  expect(failures).toEqual([]);
  return complete;
}

async function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => expect.fail("it did not fail"), (error: unknown) => error);
}

describe("half done", () => {
  test("a network ACL whose subnets cannot be joined: it is there with its rules, and the next update goes on", async () => {
    const inputs = checked("NetworkAcl", { vpcId, ingress: rules, subnetIds: [subnetId] });
    const error = await caught(create(resources.NetworkAcl, inputs, failing("AssociateNetworkAclSubnets", refused)));
    expect(error).toBeInstanceOf(HalfDone);
    const { id, properties, reasons } = error as HalfDone;
    expect(reasons).toEqual([
      `NetworkAcl ${id} was made, but subnetIds could not be set: a bad day. The state holds it as it is: mend the cause and run \`pulumi up\` again, which goes on from there`,
    ]);
    expect(properties).toMatchObject({ ingress: rules });
    expect(properties["subnetIds"] ?? []).toEqual([]);
    const state = await update(resources.NetworkAcl, id, properties, inputs, api);
    expect(state["subnetIds"]).toEqual([subnetId]);
    expect((await read(resources.NetworkAcl, id, state, api))?.inputs).toEqual(inputs);
  });

  test("when it cannot even be read back, nothing counts as done that the create call itself does not do", async () => {
    const inputs = checked("NetworkAcl", { vpcId, ingress: rules, subnetIds: [subnetId] });
    let isMade = false;
    const call = (async (action, request) => {
      if (action === "DescribeNetworkAcls" && isMade) return refused();
      const answer = await cloud.call(action, request);
      isMade ||= action === "CreateNetworkAcl";
      return answer;
    }) as Api["call"];
    const { properties } = (await caught(create(resources.NetworkAcl, inputs, { ...api, call }))) as HalfDone;
    expect(properties).toEqual({ vpcId, networkAclName: inputs["networkAclName"], owner: "p/s/it", autoNamed: true });
  });

  test("an update of two parts of which one fails", async () => {
    const inputs = checked("Vpc", { cidrBlock: "10.0.0.0/16" });
    const { id, state } = await create(resources.Vpc, inputs, api);
    const news = { ...inputs, domainName: "example.test", tags: { a: "1" } };
    const error = (await caught(update(resources.Vpc, id, state, news, failing("ModifyResourceTags", refused)))) as HalfDone;
    expect(error.message).toContain(`Vpc ${id}: domainName changed, but tags could not be set: a bad day`);
    expect(error.properties).toMatchObject({ domainName: "example.test" });
  });

  test("an update of which nothing was done is the API's own error", async () => {
    const inputs = checked("Vpc", { cidrBlock: "10.0.0.0/16" });
    const { id, state } = await create(resources.Vpc, inputs, api);
    const error = await caught(update(resources.Vpc, id, state, { ...inputs, domainName: "d" }, failing("ModifyVpcAttribute", refused)));
    expect(error).toBeInstanceOf(ApiError);
  });
});

test("a create without an answer, and nobody to ask, is not known to have failed, and is taken up the next time", async () => {
  const inputs = checked("Vpc", { cidrBlock: "10.0.0.0/16" });
  let isBroken = false;
  const unanswered = {
    ...api,
    call: (async (action, request) => {
      const answer = await cloud.call(action, request);
      isBroken ||= action === "CreateVpc";
      if (isBroken) throw new Error("the connection broke");
      return answer;
    }) as Api["call"],
  };
  expect(String(await caught(create(resources.Vpc, inputs, unanswered)))).toContain("whether it was made is not known, because the connection broke");
  const { id } = await create(resources.Vpc, inputs, api);
  const { VpcSet } = await cloud.call("DescribeVpcs", { Filters: [{ Name: "tag-key", Values: ["flowlogs:owner"] }] });
  expect(VpcSet.map(({ VpcId }) => VpcId)).toEqual([id]);
});

test("a name that somebody else holds: what to do about it", async () => {
  await cloud.call("CreateLogset", { LogsetName: "taken" });
  const words = String(await caught(create(resources.Logset, checked("Logset", { logsetName: "taken" }), api)));
  expect(words).toContain("take it over with the resource option import: its id");
});

describe("import", () => {
  test("takes over what is there and brings the rest about", async () => {
    const { Vpc } = await cloud.call("CreateVpc", { VpcName: "by-hand", CidrBlock: "10.9.0.0/16" });
    const { id, state } = await create(resources.Vpc, checked("Vpc", { cidrBlock: "10.9.0.0/16", domainName: "d", importId: Vpc.VpcId }), api);
    expect([id, state["domainName"]]).toEqual([Vpc.VpcId, "d"]);
  });

  test("is refused where only a replacement could make it as the program says", async () => {
    const { Vpc } = await cloud.call("CreateVpc", { VpcName: "by-hand", CidrBlock: "10.9.0.0/16" });
    const words = String(await caught(create(resources.Vpc, checked("Vpc", { cidrBlock: "10.8.0.0/16", importId: Vpc.VpcId }), api)));
    expect(words).toContain(`Vpc ${Vpc.VpcId} cannot be imported: cidrBlock is "10.9.0.0/16" there and "10.8.0.0/16" in the program`);
  });
});

describe("timeouts", () => {
  test.each([
    ["30s", 30_000],
    ["1.5s", 1500],
    ["1h30m", 5_400_000],
    ["250ms", 250],
    ["", undefined],
    ["soon", undefined],
    ["30", undefined],
    ["30s later", undefined],
    [30, undefined],
  ])("%j is %j ms", (text, ms) => {
    expect(readStretchMs(text)).toBe(ms);
  });

  test("what is no stretch, or no operation, is named", () => {
    expect(timeoutViolations({ create: "30s", update: "5m", delete: "1h" })).toEqual([]);
    expect(timeoutViolations({ create: "soon", read: "1s" }).map(({ property, reason }) => [property, reason.split(" must")[0]])).toEqual([
      ["customTimeouts.create", 'customTimeouts.create: "soon"'],
      ["customTimeouts.read", 'customTimeouts.read: "1s"'],
    ]);
  });

  test("an operation ends when its time is over, all of its calls together", async () => {
    const never = failing("DescribeVpcs", () => new Promise<never>(() => {}));
    const work = within(never, 20, (limited) => limited.call("DescribeVpcs", {}));
    expect(String(await caught(work))).toContain("DescribeVpcs was not answered within the 0.02 s that the whole operation may take");
    expect(await within(api, 60_000, async () => "done")).toBe("done");
  });
});
