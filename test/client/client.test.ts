/** Our client against a server on a bad day: what it repeats, what it never repeats, and what it says in the end. */
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client } from "../../src/client/client.ts";
import { CloudError, Unreachable } from "../../src/client/errors.ts";
import { isRepeatable } from "../../src/client/retry.ts";
import { actions } from "../../src/wire/actions.ts";
import { SeededRandom } from "../../src/backend/ids.ts";
import { type Fault, faults, faultyServer, type FaultyServer } from "../support/faulty-server.ts";

const credentials = { secretId: "AKIDtest", secretKey: "a-secret-key-nobody-may-see", token: "a-token-nobody-may-see" };
let server: FaultyServer;
let client: Client;
let waits: number[];

/**
 * A client that does not really wait, and whose chance is a seed's. An attempt has taken too long when the server has
 * stalled, and never for the machine's sake: one that was given up while it was still on its way would disturb the next.
 */
function newClient(timeoutMs = 150): Client {
  const chance = new SeededRandom(1);
  const wait = (ms: number) => {
    waits.push(ms);
    return Promise.resolve();
  };
  const deadline = () => {
    const tooLong = new AbortController();
    server.stalled = () => tooLong.abort();
    return tooLong.signal;
  };
  return new Client({ endpoint: server.url, credentials, region: "ap-guangzhou", timeoutMs, pace: { random: () => chance.next() / 2 ** 32, wait, deadline } });
}

beforeEach(async () => {
  waits = [];
  server = await faultyServer();
  client = newClient();
});

afterEach(async () => {
  await client.close();
  await server.close();
});

const describeVpcs = () => client.call("DescribeVpcs", {});
const createVpc = () => client.call("CreateVpc", { VpcName: "a", CidrBlock: "10.0.0.0/16" });
const modifyVpc = () => client.call("ModifyVpcAttribute", { VpcId: "vpc-1a2b3c4d", VpcName: "b" });
const deleteVpc = () => client.call("DeleteVpc", { VpcId: "vpc-1a2b3c4d" });
const advance = () => client.call("AdvanceClock", { Seconds: 60 });

async function ending(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "answered";
  } catch (error) {
    if (error instanceof CloudError) return error.code;
    if (error instanceof Unreachable) return error.howFar;
    throw error;
  }
}

describe("one fault, then all is fine", () => {
  const lost: Fault[] = ["drop", "drop after work", "half an answer", "stall", "stall in the answer", "500", "503", "no JSON", "no envelope"];

  test.each(lost)("%s: what comes to the same when done twice is done again, a create and a step of the clock are not", async (fault) => {
    for (const call of [describeVpcs, modifyVpc, deleteVpc]) {
      server.plan = [fault];
      expect(await ending(call())).toBe("answered");
    }
    for (const call of [createVpc, advance]) {
      server.plan = [fault];
      expect(await ending(call())).toBe("may have arrived");
    }
    expect(server.met.map(({ action }) => action)).toEqual([
      ...["DescribeVpcs", "DescribeVpcs", "ModifyVpcAttribute", "ModifyVpcAttribute", "DeleteVpc", "DeleteVpc", "CreateVpc", "AdvanceClock"],
    ]);
  });

  test.each(["throttled", "VPC's own throttling"] as Fault[])("%s: everything is tried again, since nothing was done", async (fault) => {
    for (const call of [describeVpcs, createVpc, advance]) {
      server.plan = [fault, fault];
      expect(await ending(call())).toBe("answered");
    }
    expect(server.met).toHaveLength(9);
  });

  test.each([
    ["refused", "InvalidParameterValue.Range"],
    ["403", "turned away"],
  ] as [Fault, string][])("%s: asked once, told at once", async (fault, told) => {
    for (const call of [describeVpcs, createVpc]) {
      server.plan = [fault];
      expect(await ending(call())).toBe(told);
    }
    expect(server.met).toHaveLength(2);
    expect(waits).toEqual([]);
  });
});

describe("patience ends", () => {
  test("with throttling after ten attempts, the waits doubling from 100 ms to 5 s, each between half and all of it", async () => {
    server.plan = Array<Fault>(20).fill("throttled");
    await expect(createVpc()).rejects.toThrow(
      "CreateVpc: RequestLimitExceeded.UinLimitExceeded: no (request request-1). It was tried again until then: make fewer calls at a time",
    );
    expect(server.met).toHaveLength(10);
    for (const [index, ms] of waits.entries()) {
      const longest = Math.min(5000, 100 * 2 ** index);
      expect([ms >= longest / 2, ms <= longest]).toEqual([true, true]);
    }
    expect(new Set(waits).size).toBe(9);
  });

  test("with lost answers after three", async () => {
    server.plan = Array<Fault>(20).fill("half an answer");
    await expect(describeVpcs()).rejects.toThrow(`DescribeVpcs was sent to ${server.url}, but its answer did not come: other side closed`);
    expect(server.met).toHaveLength(3);
  });

  test("with a stalled server, naming how long it was waited for", async () => {
    server.plan = ["stall"];
    await expect(createVpc()).rejects.toThrow("its answer did not come: it took longer than 0.15 s");
  });

  test("with nobody there after four, creates too, saying what to do", async () => {
    await server.close();
    const patient = newClient();
    const call = patient.call("CreateVpc", { VpcName: "a", CidrBlock: "10.0.0.0/16" });
    await expect(call).rejects.toThrow(/^no backend answers at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*Start one with `flowlogs serve`, or set FLOWLOGS_ENDPOINT$/);
    expect(waits).toHaveLength(3);
    await patient.close();
    server = await faultyServer();
  });
});

test("what may have arrived once stays so, also when a later attempt did not arrive or was throttled", async () => {
  server.plan = ["drop after work", ...Array<Fault>(20).fill("throttled")];
  expect(await ending(modifyVpc())).toBe("may have arrived");
  server.plan = ["drop after work", "403"];
  expect(await ending(modifyVpc())).toBe("may have arrived");
});

test("the same seed waits the same", async () => {
  const once = async () => {
    waits = [];
    const own = newClient();
    server.plan = ["throttled", "throttled", "throttled"];
    await own.call("DescribeVpcs", {});
    await own.close();
    return waits;
  };
  expect(await once()).toEqual(await once());
});

test("whatever happens, a create does its work at most once, and is never reported as failed for certain when it did", async () => {
  const quick = Object.keys(faults).filter((fault) => !fault.startsWith("stall")) as Fault[];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...quick), { maxLength: 12 }), async (plan) => {
      server.plan = [...plan];
      server.met.length = 0;
      const told = await ending(createVpc());
      const done = server.met.filter(({ fault }) => faults[fault].done).length;
      const mayBeDone = told === "answered" || told === "may have arrived";
      return told === "answered" ? done === 1 : done <= 1 && (done === 0 || mayBeDone);
    }),
    { seed: 20261122, numRuns: 60 },
  );
});

describe("connections", () => {
  const patient = async (work: (own: Client) => Promise<unknown>) => {
    const own = newClient();
    await work(own);
    await own.close();
    return new Set(server.met.map(({ connection }) => connection)).size;
  };

  test("are kept: calls one after the other share one, or two where the first is just being freed", async () => {
    const count = await patient(async (own) => {
      for (let index = 0; index < 30; index++) await own.call("DescribeVpcs", {});
    });
    expect(count).toBeLessThanOrEqual(2);
  });

  test("are bounded: of many calls at once none is lost, over at most 64", async () => {
    const count = await patient((own) => Promise.all(Array.from({ length: 300 }, () => own.call("DescribeVpcs", {}))));
    expect(server.met).toHaveLength(300);
    expect(count).toBeLessThanOrEqual(64);
  });
});

describe("what is repeatable", () => {
  test("is said of every action; nothing that makes, adds or moves on is", () => {
    const not = (Object.keys(actions) as (keyof typeof actions)[]).filter((action) => !isRepeatable(action, {}));
    const expected = /^(Create|Associate|Disassociate|Attach|Detach|Advance|Allocate|Release|Assign|Unassign|Replace|Upload|Reset|Load|Save|Open|Close|Restore|Retry|Migrate)/;
    expect(not.filter((action) => !expected.test(action))).toEqual([]);
    expect(not).toContain("CreateFlowLog");
  });

  test("is not what adds to entries, takes away by place, or names the version it changes", () => {
    expect(isRepeatable("ModifyNetworkAclEntries", { NetworkAclEntrySet: {} })).toBe(true);
    expect(isRepeatable("ModifyNetworkAclEntries", { EnableUpdateAclEntries: true })).toBe(false);
    expect(isRepeatable("ModifySecurityGroupPolicies", { SecurityGroupPolicySet: { Ingress: [] } })).toBe(true);
    expect(isRepeatable("ModifySecurityGroupPolicies", { SecurityGroupPolicySet: { Version: "3" } })).toBe(false);
    expect(isRepeatable("DeleteSecurityGroupPolicies", { SecurityGroupPolicySet: { Egress: [{ PolicyIndex: 0 }] } })).toBe(false);
  });
});

describe("listings", () => {
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => ({ VpcId: `vpc-${from + index}` }));

  /** Answers pages of that many VPCs or topics. */
  function hold(count: number, list: string, total: string): void {
    server.answer = ({ body }) => {
      const from = Math.min(count, Number(body["Offset"]));
      return { [total]: count, [list]: names(from, Math.min(count, from + Number(body["Limit"]))) };
    };
  }

  test.each([0, 1, 99, 100, 101, 250])("of %d items give each once, in order", async (count) => {
    hold(count, "FlowLog", "TotalNum");
    const got = await Array.fromAsync(client.items("DescribeFlowLogs", { VpcId: "vpc-1a2b3c4d" }));
    expect(got).toEqual(names(0, count));
    expect(server.met).toHaveLength(Math.max(1, Math.ceil(count / 100)));
    expect(server.met[0]!.body).toEqual({ VpcId: "vpc-1a2b3c4d", Offset: 0, Limit: 100 });
  });

  test("spell positions as each API does", async () => {
    hold(150, "VpcSet", "TotalCount");
    await Array.fromAsync(client.items("DescribeVpcs", {}));
    hold(30, "Topics", "TotalCount");
    await Array.fromAsync(client.items("DescribeTopics", { Limit: 20 }));
    expect(server.met.map(({ body }) => body)).toEqual([
      { Offset: "0", Limit: "100" },
      { Offset: "100", Limit: "100" },
      { Offset: 0, Limit: 20 },
      { Offset: 20, Limit: 20 },
    ]);
  });

  test("ask for no more pages than are taken, and end where items vanish on the way", async () => {
    hold(1000, "VpcSet", "TotalCount");
    for await (const _ of client.items("DescribeVpcs", {})) break;
    expect(server.met).toHaveLength(1);
    server.answer = () => ({ TotalCount: 5, VpcSet: [] });
    expect(await Array.fromAsync(client.items("DescribeVpcs", {}))).toEqual([]);
  });
});

describe("errors", () => {
  test("of the API have action, code, message and request id", async () => {
    server.plan = ["refused"];
    const error = await createVpc().catch((each: unknown) => each);
    expect(error).toMatchObject({ action: "CreateVpc", code: "InvalidParameterValue.Range", requestId: "request-1", name: "CloudError" });
    expect((error as Error).message).toBe("CreateVpc: InvalidParameterValue.Range: no (request request-1)");
  });

  test.each(Object.keys(faults) as Fault[])("after %s: neither the error nor the client, however printed, holds a secret", async (fault) => {
    server.plan = Array<Fault>(12).fill(fault);
    const error = await describeVpcs().catch((each: unknown) => each);
    const text = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), String(error), inspect(client, { depth: 20, showHidden: true })].join();
    expect(text).not.toContain(credentials.secretKey);
    expect(text).not.toContain(credentials.token);
    expect(text).not.toContain("Signature=");
  });
});
