/** Who is let in: nothing but a request signed with the server's key, for now and for this service. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { credentials, envelope, send, type Sent, testServer, type TestServer } from "../support/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await testServer();
});

afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server.close();
});

const now = () => Math.floor(Date.now() / 1000);
const authorization = (value: string) => ({ headers: { authorization: value } });

const refused: [what: string, sent: () => Sent, code: string][] = [
  ["another key", () => ({ signed: { secretKey: "wrong" } }), "AuthFailure.SignatureFailure"],
  ["another SecretId", () => ({ signed: { secretId: "AKIDother" } }), "AuthFailure.SecretIdNotFound"],
  ["another body", () => ({ body: '{"Limit":1}', signed: { body: '{"Limit":2}' } }), "AuthFailure.SignatureFailure"],
  ["another query", () => ({ method: "GET", query: "Limit=1", signed: { query: "Limit=2" } }), "AuthFailure.SignatureFailure"],
  ["another host", () => ({ signed: { host: "vpc.tencentcloudapi.com" } }), "AuthFailure.SignatureFailure"],
  ["another content type", () => ({ signed: { contentType: "text/plain" } }), "AuthFailure.SignatureFailure"],
  ["another method", () => ({ signed: { method: "GET" } }), "AuthFailure.SignatureFailure"],
  ["another service", () => ({ signed: { service: "cls" } }), "AuthFailure.SignatureFailure"],
  ["six minutes ago", () => ({ signed: { timestamp: now() - 360 } }), "AuthFailure.SignatureExpire"],
  ["six minutes ahead", () => ({ signed: { timestamp: now() + 360 } }), "AuthFailure.SignatureExpire"],
  ["another time in the header", () => ({ headers: { "x-tc-timestamp": String(now() - 10) } }), "AuthFailure.SignatureFailure"],
  ["another day in the scope", () => ({ signed: { date: "2020-01-01" } }), "AuthFailure.InvalidAuthorization"],
  ["no time", () => ({ headers: { "x-tc-timestamp": undefined } }), "MissingParameter"],
  ["a time that is none", () => ({ headers: { "x-tc-timestamp": "now" } }), "MissingParameter"],
  ["no Authorization", () => ({ headers: { authorization: undefined } }), "AuthFailure.InvalidAuthorization"],
  ["SKIP", () => authorization("SKIP"), "AuthFailure.InvalidAuthorization"],
  ["another algorithm", () => authorization("TC3-HMAC-SHA1 Credential=a/2020-01-01/vpc/tc3_request"), "AuthFailure.InvalidAuthorization"],
  ["a credential in parts", () => authorization("TC3-HMAC-SHA256 Credential=AKIDtest, SignedHeaders=content-type;host, Signature=0"), "AuthFailure.InvalidAuthorization"],
  ["an unsigned body that was signed", () => ({ headers: { "x-tc-content-sha256": "UNSIGNED-PAYLOAD" } }), "AuthFailure.SignatureFailure"],
  ["a token nobody gave out", () => ({ headers: { "x-tc-token": "t" } }), "AuthFailure.TokenFailure"],
  ["no action", () => ({ headers: { "x-tc-action": undefined } }), "MissingParameter"],
  ["an unknown action", () => ({ action: "CreateFlowLogs" }), "InvalidAction"],
  ["an unknown version", () => ({ version: "2001-01-01" }), "NoSuchVersion"],
  ["an action of another version", () => ({ version: "2020-10-16" }), "InvalidAction"],
  ["no region where one is needed", () => ({ headers: { "x-tc-region": undefined } }), "MissingParameter"],
  ["an unknown region", () => ({ headers: { "x-tc-region": "ap-atlantis" } }), "UnsupportedRegion"],
];

describe("refused", () => {
  test.each(refused)("%s", async (_what, sent, code) => {
    const answer = envelope(await send(server, sent()));
    expect(answer.Error?.Code).toBe(code);
    expect(JSON.stringify(answer)).not.toContain(credentials.secretKey);
  });

  test("only content-type signed, host left out", async () => {
    const { signedHeaders } = await import("../support/server.ts");
    const good = signedHeaders(server, {})["authorization"]!;
    const answer = envelope(await send(server, authorization(good.replace("content-type;host", "content-type"))));
    expect(answer.Error?.Code).toBe("AuthFailure.InvalidAuthorization");
  });
});

test("signatures expire by the machine's time, also when the cloud's clock is virtual", async () => {
  const late = await testServer(10 * 60_000);
  expect(envelope(await send(late, {})).Error?.Code).toBe("AuthFailure.SignatureExpire");
  await late.close();
});
