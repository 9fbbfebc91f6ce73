/** Requests that nobody with the right key would send, each with the refusal it must get: none of them may be answered. */
import type { ErrorCode } from "../../src/wire/errors.ts";
import { type Answer, credentials, send, type Sent, signedHeaders, type TestServer } from "../support/server.ts";
import { sendV1, type SentV1, signedParameters } from "../support/v1.ts";

/** A request and its refusal. */
export interface Vector {
  readonly what: string;
  readonly code: ErrorCode;
  readonly send: (server: TestServer) => Promise<Answer>;
}

const now = () => Math.floor(Date.now() / 1000);
const day = 86_400;
const dateOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);

type Made<S> = S | ((server: TestServer) => S);

function made<S extends object>(sent: Made<S>, server: TestServer): S {
  return typeof sent === "function" ? sent(server) : sent;
}

const tc3 = (what: string, code: ErrorCode, sent: Made<Sent>): Vector => ({
  what: `TC3: ${what}`,
  code,
  send: (server) => send(server, made(sent, server)),
});

const v1 = (what: string, code: ErrorCode, sent: Made<SentV1>): Vector => ({
  what: `v1: ${what}`,
  code,
  send: (server) => sendV1(server, made(sent, server)),
});

/** A right Authorization header with a part of it changed. */
const edited = (change: (authorization: string) => string) => (server: TestServer): Sent => ({
  headers: { authorization: change(signedHeaders(server, {})["authorization"]!) },
});

const authorization = (value: string | undefined): Sent => ({ headers: { authorization: value } });
const invalid = "AuthFailure.InvalidAuthorization";
const failure = "AuthFailure.SignatureFailure";

const tc3Header: Vector[] = [
  tc3("no Authorization", invalid, authorization(undefined)),
  tc3("an empty Authorization", invalid, authorization("")),
  tc3("SKIP", invalid, authorization("SKIP")),
  tc3("Basic", invalid, authorization("Basic QUtJRHRlc3Q6eA==")),
  tc3("another algorithm", invalid, edited((text) => text.replace("TC3-HMAC-SHA256", "TC3-HMAC-SHA1"))),
  tc3("an algorithm named none", invalid, edited((text) => text.replace("TC3-HMAC-SHA256", "none"))),
  tc3("the algorithm in lower case", invalid, edited((text) => text.toLowerCase())),
  tc3("no Credential", invalid, edited((text) => text.replace(/Credential=[^,]*, /, ""))),
  tc3("a Credential in one part", invalid, edited((text) => text.replace(/Credential=[^,]*/, "Credential=AKIDtest"))),
  tc3("a Credential without the last part", invalid, edited((text) => text.replace("/tc3_request", ""))),
  tc3("a Credential with another last part", invalid, edited((text) => text.replace("tc3_request", "aws4_request"))),
  tc3("a Credential without a date", invalid, edited((text) => text.replace(/\/\d{4}-\d\d-\d\d\//, "/"))),
  tc3("a date that is none", invalid, edited((text) => text.replace(/\d{4}-\d\d-\d\d/, "today"))),
  tc3("a Credential without a service", invalid, edited((text) => text.replace("/vpc/", "/"))),
  tc3("no SignedHeaders", invalid, edited((text) => text.replace(/SignedHeaders=[^,]*, /, ""))),
  tc3("host not signed", invalid, edited((text) => text.replace("content-type;host", "content-type"))),
  tc3("content-type not signed", invalid, edited((text) => text.replace("content-type;host", "host"))),
  tc3("no Signature", invalid, edited((text) => text.replace(/, Signature=.*/, ""))),
  tc3("an empty Signature", invalid, edited((text) => text.replace(/Signature=.*/, "Signature="))),
  tc3("a Signature cut short", invalid, edited((text) => text.slice(0, -1))),
  tc3("a Signature with more behind it", invalid, edited((text) => `${text}00`)),
  tc3("a Signature in upper case", invalid, edited((text) => text.replace(/Signature=(.*)/, (_, hex: string) => `Signature=${hex.toUpperCase()}F`))),
  tc3("a Signature of another request", failure, edited((text) => text.replace(/Signature=.*/, `Signature=${"0".repeat(64)}`))),
  tc3("a Signature with one bit changed", failure, edited((text) => text.replace(/.$/, (last) => (last === "0" ? "1" : "0")))),
  tc3("another SecretId in a right signature", "AuthFailure.SecretIdNotFound", edited((text) => text.replace("AKIDtest", "AKIDtesu"))),
  tc3("an empty SecretId", invalid, edited((text) => text.replace("AKIDtest", ""))),
  tc3("the SecretId in another case", "AuthFailure.SecretIdNotFound", edited((text) => text.replace("AKIDtest", "akidtest"))),
];

const tc3Content: Vector[] = [
  tc3("another key", failure, { signed: { secretKey: "wrong" } }),
  tc3("an empty key", failure, { signed: { secretKey: "" } }),
  tc3("another SecretId", "AuthFailure.SecretIdNotFound", { signed: { secretId: "AKIDother" } }),
  tc3("another body", failure, { body: '{"Limit":1}', signed: { body: '{"Limit":2}' } }),
  tc3("a body where none was signed", failure, { body: '{"Limit":1}', signed: { body: "" } }),
  tc3("no body where one was signed", failure, { body: "", signed: { body: "{}" } }),
  tc3("another query", failure, { method: "GET", query: "Limit=1", signed: { query: "Limit=2" } }),
  tc3("a query where none was signed", failure, { method: "GET", query: "Limit=1", signed: { query: "" } }),
  tc3("a query in another order", failure, { method: "GET", query: "Limit=1&Offset=0", signed: { query: "Offset=0&Limit=1" } }),
  tc3("a query encoded otherwise", failure, { method: "GET", query: "Limit=%31", signed: { query: "Limit=1" } }),
  tc3("another host", failure, { signed: { host: "vpc.tencentcloudapi.com" } }),
  tc3("another port", failure, { signed: { host: "127.0.0.1:1" } }),
  tc3("another content type", failure, { signed: { contentType: "text/plain" } }),
  tc3("another method", failure, { signed: { method: "GET" } }),
  tc3("another path", failure, { signed: { path: "/admin" } }),
  tc3("another service", failure, { signed: { service: "cls" } }),
  tc3("this project's own service", failure, { signed: { service: "flowlogs" } }),
  tc3("a signed body that is said not to be signed", failure, { headers: { "x-tc-content-sha256": "UNSIGNED-PAYLOAD" } }),
  tc3("an unsigned body that is not said to be so", failure, { signed: { body: "UNSIGNED-PAYLOAD" } }),
  tc3("a token nobody gave out", "AuthFailure.TokenFailure", { headers: { "x-tc-token": "t" } }),
  tc3("an empty token", "AuthFailure.TokenFailure", { headers: { "x-tc-token": "" } }),
];

const tc3Time: Vector[] = [
  tc3("six minutes ago", "AuthFailure.SignatureExpire", () => ({ signed: { timestamp: now() - 360 } })),
  tc3("six minutes ahead", "AuthFailure.SignatureExpire", () => ({ signed: { timestamp: now() + 360 } })),
  tc3("in milliseconds", "MissingParameter", () => ({ signed: { timestamp: now() * 1000, date: dateOf(now()) } })),
  tc3("1970", "AuthFailure.SignatureExpire", { signed: { timestamp: 0 } }),
  tc3("another time in the header", failure, () => ({ signed: { timestamp: now() - 20 }, headers: { "x-tc-timestamp": String(now()) } })),
  tc3("yesterday in the scope", invalid, () => ({ signed: { date: dateOf(now() - day) } })),
  tc3("tomorrow in the scope", invalid, () => ({ signed: { date: dateOf(now() + day) } })),
  tc3("no time", "MissingParameter", { headers: { "x-tc-timestamp": undefined } }),
  tc3("a time that is none", "MissingParameter", { headers: { "x-tc-timestamp": "now" } }),
  tc3("a negative time", "MissingParameter", { headers: { "x-tc-timestamp": "-1" } }),
  tc3("a time with a fraction", "MissingParameter", () => ({ headers: { "x-tc-timestamp": `${now()}.5` } })),
];

const v1Vectors: Vector[] = [
  v1("another key", failure, { signed: { secretKey: "wrong" } }),
  v1("another key, in a form", failure, { method: "POST", signed: { secretKey: "wrong" } }),
  v1("another SecretId", "AuthFailure.SecretIdNotFound", { parameters: { SecretId: "AKIDother" } }),
  v1("no SecretId", "MissingParameter", { parameters: { SecretId: undefined } }),
  v1("another action than was signed", failure, { changed: { Action: "DescribeSubnets" } }),
  v1("another parameter than was signed", failure, { parameters: { Limit: "1" }, changed: { Limit: "2" } }),
  v1("a parameter that was not signed", failure, { changed: { Limit: "2" } }),
  v1("a signed parameter left out", failure, { parameters: { Limit: "2" }, changed: { Limit: undefined } }),
  v1("another region than was signed", failure, { changed: { Region: "ap-beijing" } }),
  v1("another host", failure, { signed: { host: "vpc.tencentcloudapi.com" } }),
  v1("another method", failure, { signed: { method: "POST" } }),
  v1("another path", failure, { signed: { path: "/admin" } }),
  v1("the weaker hash than was signed", failure, { changed: { SignatureMethod: "HmacSHA1" } }),
  v1("no hash named where the stronger was signed", failure, { changed: { SignatureMethod: undefined } }),
  v1("a hash that does not exist", invalid, { parameters: { SignatureMethod: "HmacMD5" } }),
  v1("a hash named after something of the language's own", invalid, { parameters: { SignatureMethod: "constructor" } }),
  v1("six minutes ago", "AuthFailure.SignatureExpire", () => ({ parameters: { Timestamp: String(now() - 360) } })),
  v1("six minutes ahead", "AuthFailure.SignatureExpire", () => ({ parameters: { Timestamp: String(now() + 360) } })),
  v1("another time than was signed", failure, () => ({ parameters: { Timestamp: String(now() - 20) }, changed: { Timestamp: String(now()) } })),
  v1("no time", "MissingParameter", { parameters: { Timestamp: undefined } }),
  v1("no Nonce", "MissingParameter", { parameters: { Nonce: undefined } }),
  v1("a Nonce that is none", "MissingParameter", { parameters: { Nonce: "once" } }),
  v1("another Nonce than was signed", failure, { changed: { Nonce: "54321" } }),
  v1("an empty Signature", failure, { changed: { Signature: "" } }),
  v1("a Signature cut short", failure, (server) => {
    const [, Signature] = signedParameters(server, {}).find(([name]) => name === "Signature")!;
    return { changed: { Signature: Signature.slice(0, 8) } };
  }),
  v1("no Signature", invalid, { changed: { Signature: undefined } }),
  v1("a parameter twice", "InvalidParameter", { tail: "&Action=DeleteVpc" }),
  v1("a Signature twice", "InvalidParameter", { tail: "&Signature=x" }),
  v1("a token nobody gave out", "AuthFailure.TokenFailure", { parameters: { Token: "t" } }),
  v1("a right signature beside a wrong Authorization", invalid, { headers: { authorization: "TC3-HMAC-SHA256 Credential=x" } }),
  v1("a right signature beside an empty Authorization", invalid, { headers: { authorization: "" } }),
  v1("a right signature in a form that is said to be JSON", invalid, { method: "POST", headers: { "content-type": "application/json" } }),
  v1("a query longer than the API allows", "RequestSizeLimitExceeded", { parameters: { Long: "x".repeat(32 * 1024) } }),
  v1("a form longer than the API allows", "RequestSizeLimitExceeded", { method: "POST", parameters: { Long: "x".repeat(1024 * 1024) } }),
  {
    what: "a v1 signature where TC3's belongs",
    code: invalid,
    send: (server) => {
      const [, signature] = signedParameters(server, {}).find(([name]) => name === "Signature")!;
      const scope = `${credentials.secretId}/${dateOf(now())}/vpc/tc3_request`;
      return send(server, authorization(`TC3-HMAC-SHA256 Credential=${scope}, SignedHeaders=content-type;host, Signature=${signature}`));
    },
  },
];

/** What a right signature does not help: there is no such thing to ask for. */
const asked: Vector[] = [
  tc3("no action", "MissingParameter", { headers: { "x-tc-action": undefined } }),
  tc3("an empty action", "MissingParameter", { headers: { "x-tc-action": "" } }),
  tc3("an unknown action", "InvalidAction", { action: "CreateFlowLogs" }),
  tc3("an action named after something of the language's own", "InvalidAction", { action: "constructor" }),
  tc3("no version", "MissingParameter", { headers: { "x-tc-version": undefined } }),
  tc3("an unknown version", "NoSuchVersion", { version: "2001-01-01" }),
  tc3("an action of another version", "InvalidAction", { version: "2020-10-16" }),
  tc3("no region where one is needed", "MissingParameter", { headers: { "x-tc-region": undefined } }),
  tc3("an unknown region", "UnsupportedRegion", { headers: { "x-tc-region": "ap-atlantis" } }),
  tc3("a method the API does not have", "UnsupportedProtocol", { method: "PUT", body: "{}" }),
  tc3("a form with signature version 3", "UnsupportedProtocol", { contentType: "application/x-www-form-urlencoded", body: "Limit=1" }),
  v1("no action", "MissingParameter", { parameters: { Action: undefined } }),
  v1("an unknown version", "NoSuchVersion", { parameters: { Version: "2001-01-01" } }),
  v1("no region where one is needed", "MissingParameter", { parameters: { Region: undefined } }),
  v1("an action that takes bytes", "UnsupportedProtocol", { parameters: { Action: "PushPackets", Version: "2026-11-22" } }),
  v1("names that contradict each other", "InvalidParameter", { parameters: { Filters: "x", "Filters.0.Name": "vpc-id" } }),
];

/** Every request that must be refused. */
export const refusedVectors: readonly Vector[] = [...tc3Header, ...tc3Content, ...tc3Time, ...v1Vectors, ...asked];

/** How many of them are about whose request it is. */
export const authenticationVectors: readonly Vector[] = [...tc3Header, ...tc3Content, ...tc3Time, ...v1Vectors];
