/** Requests as bytes, and what becomes of them when chance changes them: for a server that must survive anything. */
import type { SeededRandom } from "../../src/backend/ids.ts";
import { type Sent, signedHeaders, type TestServer } from "./server.ts";

/** A whole, signed request as it goes over the wire. */
export function requestBytes(server: Pick<TestServer, "host">, sent: Sent): Buffer {
  const body = Buffer.from(sent.body ?? "{}");
  const headers = { ...signedHeaders(server, sent), "content-length": String(body.length) };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${sent.method ?? "POST"} ${sent.target ?? "/"} HTTP/1.1\r\n${head.join("")}\r\n`), body]);
}

type Mutation = (bytes: Buffer, random: SeededRandom) => Buffer;

const below = (random: SeededRandom, limit: number) => random.next() % Math.max(1, limit);
const noise = (random: SeededRandom, length: number) => Buffer.from(Array.from({ length }, () => random.next() & 0xff));
const spliced = (bytes: Buffer, at: number, remove: number, add: Buffer) =>
  Buffer.concat([bytes.subarray(0, at), add, bytes.subarray(at + remove)]);

/** A line of the head (the request line included) made into another. */
function changeLine(change: (line: string, random: SeededRandom) => string): Mutation {
  return (bytes, random) => {
    const end = bytes.indexOf("\r\n\r\n");
    if (end === -1) return bytes;
    const lines = bytes.subarray(0, end).toString("latin1").split("\r\n");
    const index = below(random, lines.length);
    lines[index] = change(lines[index]!, random);
    return Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), bytes.subarray(end)]);
  };
}

const oddValues = [
  "", " ", "\t", "-1", "0", "999999999999999999999", "1e9", "NaN", "null", "../../etc/passwd", "%00", "%zz", "a".repeat(5000), "é", "\u0000",
  "http://[::1", "[", "::", "chunked", "gzip, chunked", "identity", "100-continue", "TC3-HMAC-SHA256", "SKIP", "__proto__", "constructor",
];

const mutations: readonly Mutation[] = [
  // Bytes.
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let flips = 1 + below(random, 8); flips > 0; flips--) copy[below(random, copy.length)] = random.next() & 0xff;
    return copy;
  },
  (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  (bytes, random) => spliced(bytes, below(random, bytes.length), below(random, 40), noise(random, below(random, 40))),
  (_bytes, random) => noise(random, 1 + below(random, 400)),
  (bytes) => Buffer.concat([bytes, bytes.subarray(0, bytes.length - 3)]),
  // Lines of the head.
  changeLine(() => ""),
  changeLine((line, random) => `${line.split(":")[0]}: ${oddValues[below(random, oddValues.length)]}`),
  changeLine((line) => `${line}\r\n${line}`),
  changeLine((line) => line.replace(":", "")),
  changeLine((line) => line.replace("\r", "").toUpperCase()),
  changeLine((line, random) => `${line}\r\nTransfer-Encoding: ${oddValues[below(random, oddValues.length)]}`),
  changeLine((line, random) => `${line}\r\nContent-Length: ${oddValues[below(random, oddValues.length)]}`),
  changeLine((line, random) => `${line}\r\nX-${"a".repeat(below(random, 60_000))}: 1`),
  changeLine((line, random) => line.replace("/ HTTP/1.1", `${oddValues[below(random, oddValues.length)]} HTTP/${below(random, 3)}.${below(random, 12)}`)),
  changeLine((line) => `${line}\r\nUpgrade: h2c\r\nConnection: Upgrade`),
  changeLine((line) => `${line}\r\nExpect: 100-continue`),
];

/** A request, changed once to three times. */
export function mutated(bytes: Buffer, random: SeededRandom): Buffer {
  let changed = bytes;
  for (let times = 1 + below(random, 3); times > 0; times--) changed = mutations[below(random, mutations.length)]!(changed, random);
  return changed;
}
