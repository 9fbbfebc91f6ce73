/**
 * The same load for both servers: prepared requests over connections that are kept where the server keeps them, a fixed
 * number at a time. It works on bytes, so that what is measured is the server and not an HTTP client.
 */
import { connect, type Socket } from "node:net";
import { scopeDate, sha256Hex, tc3Authorization } from "../../../src/wire/sign.ts";
import { secret } from "./processes.ts";

/** A request as it is sent. */
export interface Prepared {
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** Calls at a time. */
const concurrency = 16;

/** Sends all of them and gives calls per second; a call that fails ends the run. */
export async function callsPerSecond(port: number, requests: readonly Prepared[], isGood: (text: string) => boolean): Promise<number> {
  const prepared = requests.map((each) => bytesOf(port, each));
  const startedMs = performance.now();
  await sendBytes(port, prepared, isGood);
  return requests.length / ((performance.now() - startedMs) / 1000);
}

/** Sends all of them and gives the answers' bodies. */
export function sendAll(port: number, requests: readonly Prepared[], isGood: (text: string) => boolean): Promise<string[]> {
  return sendBytes(port, requests.map((each) => bytesOf(port, each)), isGood);
}

function bytesOf(port: number, { body, headers }: Prepared): Buffer {
  const all = { host: `127.0.0.1:${port}`, ...headers, "content-length": Buffer.byteLength(body) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST / HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

async function sendBytes(port: number, requests: readonly Buffer[], isGood: (text: string) => boolean): Promise<string[]> {
  const answers: string[] = [];
  let next = 0;
  const worker = async () => {
    const line = new Line(port);
    while (next < requests.length) {
      const index = next++;
      const text = await line.exchange(requests[index]!);
      if (!isGood(text)) throw new Error(`${requests[index]!.toString()} was answered ${text.slice(0, 300)}`);
      answers[index] = text;
    }
    line.close();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return answers;
}

/** One connection at a time, opened again where the server hangs up after an answer. */
class Line {
  private readonly port: number;
  private socket: Socket | undefined;

  constructor(port: number) {
    this.port = port;
  }

  /** Sends a request and gives the body of its answer, whose length the server must tell. */
  exchange(request: Buffer): Promise<string> {
    const socket = (this.socket ??= connect({ port: this.port, host: "127.0.0.1", noDelay: true }));
    let heard = "";
    return new Promise((resolve, reject) => {
      const done = (end: () => void) => {
        socket.removeAllListeners();
        // Who hangs up after the answer does so in his own time.
        socket.on("error", () => {}).on("close", () => this.forget(socket));
        end();
      };
      socket.on("error", (error) => done(() => reject(error)));
      socket.on("close", () => done(() => reject(new Error(`the server hung up after ${JSON.stringify(heard.slice(0, 200))}`))));
      socket.on("data", (part) => {
        heard += part.toString("latin1");
        const head = heard.indexOf("\r\n\r\n");
        if (head === -1) return;
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(heard.slice(0, head))?.[1]);
        if (heard.length < head + 4 + length) return;
        if (/^HTTP\/1\.0|\r\nconnection: *close/i.test(heard.slice(0, head))) this.forget(socket);
        done(() => resolve(heard.slice(head + 4)));
      });
      socket.write(request);
    });
  }

  private forget(socket: Socket): void {
    if (this.socket === socket) this.socket = undefined;
  }

  close(): void {
    this.socket?.destroy();
  }
}

/** A call of our backend, signed: a signature is good for five minutes. */
export function flowlogsCall(port: number, action: string, fields: object, service: "vpc" | "cls" = "vpc"): Prepared {
  const body = JSON.stringify(fields);
  const host = `127.0.0.1:${port}`;
  const contentType = "application/json";
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = [["content-type", contentType], ["host", host]] as const;
  const parts = { method: "POST", path: "/", query: "", headers, payloadHash: sha256Hex(body) };
  const scope = { secretKey: secret.TENCENTCLOUD_SECRET_KEY, date: scopeDate(timestamp), service, timestamp };
  return {
    body,
    headers: {
      authorization: tc3Authorization(parts, scope, secret.TENCENTCLOUD_SECRET_ID),
      "content-type": contentType,
      "x-tc-action": action,
      "x-tc-version": service === "vpc" ? "2017-03-12" : "2020-10-16",
      "x-tc-timestamp": String(timestamp),
      "x-tc-region": "ap-guangzhou",
    },
  };
}

/** A call of moto's EC2; moto does not check the signature, but reads region and service from it. */
export function motoCall(action: string, fields: Readonly<Record<string, string>>): Prepared {
  const body = new URLSearchParams({ Action: action, Version: "2016-11-15", ...fields }).toString();
  const scope = "Credential=AKIDbench/20261122/us-east-1/ec2/aws4_request";
  const authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`;
  return { body, headers: { authorization, "content-type": "application/x-www-form-urlencoded; charset=utf-8", "x-amz-date": "20261122T100000Z" } };
}

export const isEnvelope = (text: string) => text.startsWith('{"Response":{') && !text.includes('"Error":{');
export const isXml = (text: string) => text.includes("Response xmlns=") && !text.includes("<Error>") && !text.includes("<unsuccessful><item>");
