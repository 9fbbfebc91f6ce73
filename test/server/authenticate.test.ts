/** Who is let in: nothing but a request signed with the server's key, for now and for this service. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { credentials, envelope, send, signedHeaders, testServer, type TestServer } from "../support/server.ts";
import { sendV1, type SentV1 } from "../support/v1.ts";
import { authenticationVectors, refusedVectors } from "./vectors.ts";

let server: TestServer;

beforeAll(async () => {
  server = await testServer();
});

afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server.close();
});

describe("refused", () => {
  test.each(refusedVectors)("$what: $code", async ({ code, send: ask }) => {
    const answer = envelope(await ask(server));
    expect(answer.Error?.Code, answer.Error?.Message).toBe(code);
    expect(JSON.stringify(answer)).not.toContain(credentials.secretKey);
  });

  test("no two are the same, and there are enough of them", () => {
    expect(new Set(refusedVectors.map(({ what }) => what)).size).toBe(refusedVectors.length);
    expect(authenticationVectors.length).toBeGreaterThan(80);
  });
});

describe("signature version 1 is taken", () => {
  const accepted: [what: string, sent: SentV1][] = [
    ["GET", {}],
    ["a form", { method: "POST" }],
    ["HmacSHA1", { parameters: { SignatureMethod: "HmacSHA1" } }],
    ["no method named: HmacSHA1", { parameters: { SignatureMethod: undefined } }],
    ["parameters of the action, with spaces and signs", { parameters: { "Filters.0.Name": "vpc-name", "Filters.0.Values.0": "a b&c=d+e 流", Limit: "5" } }],
    ["the cloud's own host, through a proxy", { host: "vpc.tencentcloudapi.com" }],
    ["host without its port", { signed: { host: "127.0.0.1" } }],
    ["a charset behind the form's type", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" } }],
    ["a language and a Nonce of zero", { parameters: { Language: "zh-CN", Nonce: "0" } }],
  ];

  test.each(accepted)("%s", async (_what, sent) => {
    const answer = await sendV1(server, sent);
    expect(envelope(answer)).toMatchObject({ TotalCount: 0, VpcSet: [] });
    expect(answer.headers["content-type"]).toBe("application/json");
  });
});

describe("the same request again", () => {
  test("is answered again within its five minutes, and not after them", async () => {
    const own = await testServer();
    const headers = signedHeaders(own, {});
    for (let time = 0; time < 3; time++) expect(envelope(await send(own, { headers }))).toMatchObject({ TotalCount: 0 });
    const parameters = { Timestamp: String(Math.floor(Date.now() / 1000)), Nonce: "7" };
    for (let time = 0; time < 3; time++) expect(envelope(await sendV1(own, { parameters }))).toMatchObject({ TotalCount: 0 });
    own.offsetMs = 6 * 60_000;
    expect(envelope(await send(own, { headers })).Error?.Code).toBe("AuthFailure.SignatureExpire");
    expect(envelope(await sendV1(own, { parameters })).Error?.Code).toBe("AuthFailure.SignatureExpire");
    await own.close();
  });

  test("with a client token makes nothing twice", async () => {
    const body = '{"ClientToken":"again"}';
    const headers = signedHeaders(server, { action: "AllocateAddresses", body });
    const answers = [];
    for (let time = 0; time < 2; time++) answers.push(envelope(await send(server, { action: "AllocateAddresses", body, headers })));
    expect(answers[1]!["AddressSet"]).toEqual(answers[0]!["AddressSet"]);
    expect(server.cloud.rooms.network.eips.size).toBe(1);
  });
});

test("signatures expire by the machine's time, also when the cloud's clock is virtual", async () => {
  const late = await testServer(10 * 60_000);
  expect(envelope(await send(late, {})).Error?.Code).toBe("AuthFailure.SignatureExpire");
  await late.close();
});
