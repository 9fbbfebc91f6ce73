/** The official Python SDK as a client: uploads in every compression, searches, a flow log, and how it is refused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeTopic, makeVpc } from "../support/network.ts";
import { pythonWithSdk, type Step, withPythonSdk } from "../support/python.ts";
import { credentials, testServer, type TestServer } from "../support/server.ts";
import { logGroup, uploadedLog } from "../support/uploads.ts";

const python = pythonWithSdk();
const isMissing = "unavailable" in python;

let server: TestServer;

beforeAll(async () => {
  server = await testServer();
});

afterAll(async () => {
  await server.close();
  expect(server.bugs).toEqual([]);
});

const run = (...steps: Step[]) => withPythonSdk((python as { path: string }).path, { host: server.host, ...credentials, steps });

describe.skipIf(isMissing)(`the official Python SDK${isMissing ? ` (skipped: ${python.unavailable})` : ""}`, () => {
  test("uploads in every compression, and finds what it has uploaded", async () => {
    const topic = await makeTopic(server.cloud);
    const compressions = ["none", "lz4 block", "lz4 frame", "zstd"];
    const body = (word: string) => logGroup([uploadedLog(1_795_341_600, [["message", `${word} `.repeat(300)], ["code", "7"]])], [["zone", "a"]]).toString("base64");
    const uploads = compressions.map((compression): Step => ({ upload: [topic, compression, body(compression.replace(" ", ""))] }));
    const request = { TopicId: topic, QueryString: "lz4block OR zstd", QuerySyntax: 1, From: 0, To: 2_000_000_000_000, Sort: "asc" };
    const answers = await run(...uploads, { call: ["cls", "SearchLog", request] });
    for (const each of answers.slice(0, 4)) expect(each).toEqual({ requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
    const found = (answers[4] as { Results: { LogJson: string; Source: string }[] }).Results;
    expect(found.map(({ LogJson }) => JSON.parse(LogJson) as object)).toEqual(
      ["lz4block", "zstd"].map((word) => ({ message: `${word} `.repeat(300), code: "7", __TAG__: { zone: "a" } })),
    );
    const all = await server.cloud.call("SearchLog", { TopicId: topic, From: 0, To: Number.MAX_SAFE_INTEGER });
    expect(all.Results).toHaveLength(4);
  }, 60_000);

  test("makes a flow log and lists it", async () => {
    const [vpc, topic] = [await makeVpc(server.cloud), await makeTopic(server.cloud, "flows")];
    const flowLog = { VpcId: vpc, ResourceType: "VPC", ResourceId: vpc, TrafficType: "ALL", CloudLogId: topic };
    const [made, listed] = await run(
      { call: ["vpc", "CreateFlowLog", { FlowLogName: "from python", ...flowLog }] },
      { call: ["vpc", "DescribeFlowLogs", { VpcId: vpc, Filters: { Name: "tag-key", Values: ["none"] } }] },
    );
    expect(made).toMatchObject({ FlowLog: [{ ...flowLog, FlowLogName: "from python", Enable: true }] });
    expect(listed).toMatchObject({ FlowLog: [], TotalNum: 0 });
  }, 60_000);

  test("sees errors as errors: with code, message and request id", async () => {
    const nowhere = "00000000-0000-4000-8000-000000000000";
    const answers = await run(
      { call: ["vpc", "DeleteFlowLog", { VpcId: "vpc-aaaaaaaa", FlowLogId: "fl-aaaaaaaa" }] },
      { call: ["cls", "SearchLog", { TopicId: nowhere, From: 0, To: 1 }] },
      { upload: [nowhere, "none", logGroup([uploadedLog(1, [["a", "b"]])]).toString("base64")] },
    );
    const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
    expect(answers).toEqual([
      { code: "ResourceNotFound", message: expect.stringContaining("fl-aaaaaaaa") as string, requestId },
      { code: "ResourceNotFound.TopicNotExist", message: expect.stringContaining(nowhere) as string, requestId },
      { code: "ResourceNotFound.TopicNotExist", message: expect.stringContaining(nowhere) as string, requestId },
    ]);
  }, 60_000);
});
