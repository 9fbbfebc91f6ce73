/** A server on a free port of loopback in this process, and requests to it as raw as a test needs them. */
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { VirtualClock } from "../../src/backend/clock.ts";
import { type Cloud, type CloudOptions, createCloud } from "../../src/backend/cloud.ts";
import { SeededRandom } from "../../src/backend/ids.ts";
import { type Limits, listen } from "../../src/backend/server/server.ts";
import { scopeDate, sha256Hex, tc3Authorization } from "../../src/wire/sign.ts";
import { startMs } from "./cloud.ts";

export const credentials = { secretId: "AKIDtest", secretKey: "test-secret-key-that-no-answer-may-show" };

/** A running server. */
export interface TestServer {
  readonly url: string;
  readonly host: string;
  readonly cloud: Cloud;
  readonly clock: VirtualClock;
  /** How far the time by which signatures expire is from the machine's. */
  offsetMs: number;
  /** Errors that were bugs; a test of refusals wants none. */
  readonly bugs: unknown[];
  /** What stands between the wire and the cloud: sees each action, and may refuse it, hold it back, or more. */
  answering: Answering;
  close(): Promise<void>;
}

/** Answers an action that came over the wire, usually by having the cloud do it. */
export type Answering = (action: string, answer: () => Promise<object>) => Promise<object>;

/** Starts a server whose signatures expire by the machine's time plus an offset, with limits of its own if wanted. */
export async function testServer(clockOffsetMs = 0, limits: Partial<Limits> = {}, options: Pick<CloudOptions, "store" | "threads"> = {}): Promise<TestServer> {
  const clock = new VirtualClock(startMs);
  const cloud = createCloud({ clock, random: new SeededRandom(7), ...options });
  const bugs: unknown[] = [];
  const answer: Cloud["answer"] = (name, input, context) => server.answering(name, () => cloud.answer(name, input, context));
  const counter = {
    cloud: Object.create(cloud, { answer: { value: answer } }) as Cloud,
    credentials,
    wallClockMs: () => Date.now() + server.offsetMs,
    reportBug: (error: unknown) => bugs.push(error),
  };
  const listening = await listen(counter, { host: "127.0.0.1", port: 0, allowHosts: [], limits });
  const server: TestServer = {
    offsetMs: clockOffsetMs,
    url: listening.url,
    host: listening.url.replace("http://", ""),
    cloud,
    clock,
    bugs,
    answering: (_action, answer) => answer(),
    async close() {
      await listening.close();
      await cloud.close();
    },
  };
  return server;
}

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What to send; everything left out is as an official client would do it. */
export interface Sent {
  readonly action?: string;
  readonly version?: string;
  readonly body?: string | Buffer;
  readonly method?: string;
  /** The request target as it goes over the wire. */
  readonly target?: string;
  readonly query?: string;
  readonly contentType?: string;
  /** The Host header as it goes over the wire. */
  readonly host?: string;
  /** What is signed, where it is not what is sent. */
  readonly signed?: Partial<{
    host: string;
    path: string;
    service: string;
    body: string;
    timestamp: number;
    date: string;
    secretKey: string;
    secretId: string;
    contentType: string;
    method: string;
    query: string;
    payloadHash: string;
  }>;
  /** Headers added or (undefined) taken away at the end. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The headers of a signed request. */
export function signedHeaders(server: Pick<TestServer, "host">, sent: Sent): Record<string, string> {
  const method = sent.method ?? "POST";
  const contentType = sent.contentType ?? (method === "GET" ? "application/x-www-form-urlencoded" : "application/json");
  const body = sent.body ?? (method === "GET" ? "" : "{}");
  const host = sent.host ?? server.host;
  const signed = sent.signed ?? {};
  const timestamp = signed.timestamp ?? Math.floor(Date.now() / 1000);
  const parts = {
    method: signed.method ?? method,
    path: signed.path ?? "/",
    query: signed.query ?? sent.query ?? "",
    headers: [
      ["content-type", signed.contentType ?? contentType],
      ["host", signed.host ?? host],
    ] as const,
    payloadHash: signed.payloadHash ?? sha256Hex(signed.body ?? body),
  };
  const scope = {
    secretKey: signed.secretKey ?? credentials.secretKey,
    date: signed.date ?? scopeDate(timestamp),
    service: signed.service ?? "vpc",
    timestamp,
  };
  const headers: Record<string, string | undefined> = {
    authorization: tc3Authorization(parts, scope, signed.secretId ?? credentials.secretId),
    "content-type": contentType,
    host,
    "x-tc-action": sent.action ?? "DescribeVpcs",
    "x-tc-version": sent.version ?? "2017-03-12",
    "x-tc-timestamp": String(timestamp),
    "x-tc-region": "ap-guangzhou",
    ...sent.headers,
  };
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Sends a request and reads the whole answer. */
export function send(server: TestServer, sent: Sent): Promise<Answer> {
  const method = sent.method ?? "POST";
  const query = sent.query === undefined ? "" : `?${sent.query}`;
  const options = {
    host: "127.0.0.1",
    port: new URL(server.url).port,
    method,
    path: sent.target ?? `/${query}`,
    headers: signedHeaders(server, sent),
    setHost: false,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(sent.body ?? (method === "GET" ? "" : "{}"));
  });
}

/** The envelope of an answer. */
export function envelope(answer: Answer): { RequestId: string; Error?: { Code: string; Message: string }; [key: string]: unknown } {
  return (JSON.parse(answer.text) as { Response: ReturnType<typeof envelope> }).Response;
}

/** Writes bytes to the server's port and gives back whatever it answers before it (or we) hang up. */
export function sendRaw(server: TestServer, bytes: string | Buffer, waitMs = 300): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => socket.write(bytes));
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, waitMs);
    socket.on("data", (part) => (text += part.toString("latin1")));
    socket.on("close", done).on("error", done);
  });
}
