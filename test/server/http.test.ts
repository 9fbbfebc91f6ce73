/** The HTTP door: what official clients send and expect, and what is turned away before it is an API call. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unsignedPayload } from "../../src/wire/sign.ts";
import { envelope, send, sendRaw, type Sent, signedHeaders, testServer, type TestServer } from "../support/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await testServer();
});

afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server.close();
});

describe("what official clients send", () => {
  const accepted: [what: string, sent: () => Sent][] = [
    ["Go and Python: POST with the service's name", () => ({})],
    ["GET with flattened parameters", () => ({ method: "GET", query: "Filters.0.Name=vpc-name&Filters.0.Values.0=a+b&Limit=5" })],
    ["the Node SDK: host without its port, its first label for a service", () => ({ signed: { service: "127", host: "127.0.0.1" } })],
    ["the Node SDK on localhost", () => ({ host: server.host.replace("127.0.0.1", "localhost"), signed: { service: "localhost:1", host: "localhost" } })],
    ["tccli: a URL in the Host header", () => ({ host: `http://${server.host}`, signed: { service: "http://127" } })],
    ["a proxy: the absolute form and the cloud's own host", () => ({ target: "http://vpc.tencentcloudapi.com/", host: "vpc.tencentcloudapi.com" })],
    ["the absolute form without a path", () => ({ target: "http://vpc.tencentcloudapi.com", host: "vpc.tencentcloudapi.com" })],
    ["a real path that is signed", () => ({ target: "/some/path", signed: { path: "/some/path" } })],
    ["a real path, signed as /", () => ({ target: "/some/path" })],
    ["a body that is not signed", () => ({ headers: { "x-tc-content-sha256": unsignedPayload }, signed: { body: unsignedPayload } })],
    ["a content type with a charset, signed so", () => ({ contentType: "application/json; charset=utf-8" })],
    ["a content type signed in lower case", () => ({ contentType: "application/json; charset=UTF-8", signed: { contentType: "application/json; charset=utf-8" } })],
    ["an unknown language and client", () => ({ headers: { "x-tc-language": "xx", "x-tc-requestclient": "anything" } })],
    ["no body at all", () => ({ body: "" })],
  ];

  test.each(accepted)("%s", async (_what, sent) => {
    const answer = await send(server, sent());
    expect(envelope(answer)).toMatchObject({ TotalCount: 0, VpcSet: [] });
    expect(answer.status).toBe(200);
  });
});

describe("every answer", () => {
  test.each([
    ["a success", {}],
    ["an error", { body: '{"Nonsense": 1}' }],
    ["a refused signature", { signed: { secretKey: "other" } }],
  ] as [string, Sent][])("%s is 200, application/json and nothing after it, with a RequestId", async (_what, sent) => {
    const answer = await send(server, sent);
    expect(answer.status).toBe(200);
    // With a charset behind it the Python SDK and tccli take errors for successes.
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(envelope(answer).RequestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe("what is no API call is turned away", () => {
  test.each([
    ["a foreign Host", { host: "evil.example" }, "evil.example"],
    ["a name that only looks like the cloud's", { host: "tencentcloudapi.com.evil.example" }, "evil.example"],
    ["a foreign Origin", { headers: { origin: "https://evil.example" } }, "https://evil.example"],
    ["no Origin at all, spelled out", { headers: { origin: "null" } }, "null"],
  ] as [string, Sent, string][])("%s: 403", async (_what, sent, named) => {
    const answer = await send(server, sent);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain(named);
  });

  test("a body over the limit: 413, told by its length or by counting", async () => {
    const body = Buffer.alloc(10 * 1024 * 1024 + 1, " ");
    expect((await send(server, { body })).status).toBe(413);
    const chunked = await send(server, { body, headers: { "transfer-encoding": "chunked" } });
    expect(chunked.status).toBe(413);
  });

  test("health is answered without a signature, by allowed hosts only", async () => {
    const health = { method: "GET", target: "/health", headers: { authorization: undefined } };
    expect(await send(server, health)).toMatchObject({ status: 200, text: "ok\n" });
    expect(await send(server, { ...health, host: "evil.example" })).toMatchObject({ status: 403 });
  });
});

describe("a malformed request never ends the process", () => {
  const started = () => signedHeaders(server, {});
  const raw: [what: string, bytes: () => string][] = [
    ["no HTTP at all", () => "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n"],
    ["an unknown method", () => "BREW / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
    ["a method that HTTP has and the API has not", () => `DELETE / HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`],
    ["no Host", () => "POST / HTTP/1.1\r\n\r\n"],
    ["a Host that no URL can hold", () => "POST http://vpc.127.0.0.1:8080/ HTTP/1.1\r\nHost: vpc.127.0.0.1:8080\r\n\r\n"],
    ["a target that is no URL", () => `POST http://[::1/ HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`],
    ["an unclosed bracket in Host", () => "POST / HTTP/1.1\r\nHost: [::1\r\n\r\n"],
    ["headers without end", () => `POST / HTTP/1.1\r\nHost: ${server.host}\r\nX: ${"a".repeat(70_000)}`],
    ["a length that is a lie", () => `POST / HTTP/1.1\r\nHost: ${server.host}\r\nContent-Length: 50\r\n\r\n{}`],
    ["a negative length", () => `POST / HTTP/1.1\r\nHost: ${server.host}\r\nContent-Length: -1\r\n\r\n`],
    ["a broken chunk", () => `POST / HTTP/1.1\r\nHost: ${server.host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ["a percent sign that encodes nothing", () => `GET /?%zz=%1 HTTP/1.1\r\nHost: ${server.host}\r\nAuthorization: ${started()["authorization"]}\r\n\r\n`],
  ];

  test.each(raw)("%s", async (_what, bytes) => {
    await sendRaw(server, bytes());
    expect((await send(server, {})).status).toBe(200);
  });

  test.each([
    ["no JSON", "{"],
    ["JSON that is no object", "[1]"],
    ["a bare word", '"x"'],
    ["deep nesting", `${"[".repeat(5000)}${"]".repeat(5000)}`],
    ["a prototype in disguise", '{"__proto__": {"x": 1}, "constructor": 1}'],
    ["bytes that are no UTF-8", "\ud800"],
  ])("a body with %s", async (_what, body) => {
    const answer = envelope(await send(server, { body }));
    expect(answer.Error?.Code).toMatch(/^(InvalidParameter|UnknownParameter)/);
  });
});

test("stopping lets the request that is running finish", async () => {
  const own = await testServer();
  const answer = send(own, { action: "AdvanceClock", version: "2026-11-22", body: '{"Seconds": 3000000}', signed: { service: "flowlogs" } });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await own.close();
  expect(envelope(await answer)).toMatchObject({ Kind: "virtual" });
});
