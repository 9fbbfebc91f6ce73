/** What clients may do to a server without keeping the others out: be slow, be many, be wrong. */
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/backend/ids.ts";
import { mutated, requestBytes } from "../support/raw-requests.ts";
import { envelope, send, sendRaw, testServer, type TestServer } from "../support/server.ts";

let server: TestServer;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  expect(server.bugs).toEqual([]);
  await server.close();
});

/** A connection, what came over it so far, and its end. */
interface Talk {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly ended: Promise<string>;
}

function talk(): Promise<Talk> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  sockets.push(socket);
  let text = "";
  socket.on("data", (part) => (text += part.toString("latin1"))).on("error", () => {});
  const ended = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
  return new Promise((resolve) => socket.on("connect", () => resolve({ socket, heard: () => text, ended })));
}

/** Sends text byte by byte until the connection ends. */
function drip({ socket }: Talk, text: string): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else socket.write(text[at++ % text.length]!);
  }, 20);
}

const isServed = async () => expect(envelope(await send(server, {}))).toMatchObject({ TotalCount: 0 });

describe("slow requests are cut, and nobody waits for them", () => {
  test("headers that never end", async () => {
    server = await testServer(0, { headersMs: 300 });
    const slow = await Promise.all(Array.from({ length: 50 }, talk));
    for (const each of slow) drip(each, `POST / HTTP/1.1\r\nHost: ${server.host}\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`);
    await isServed();
    for (const answer of await Promise.all(slow.map(({ ended }) => ended))) expect(answer).toMatch(/^HTTP\/1\.1 408 |^$/);
    await isServed();
  });

  test("a body that never ends", async () => {
    server = await testServer(0, { headersMs: 200, requestMs: 400 });
    const slow = await Promise.all(Array.from({ length: 50 }, talk));
    for (const each of slow) {
      each.socket.write(`POST / HTTP/1.1\r\nHost: ${server.host}\r\nContent-Length: 100000\r\n\r\n`);
      drip(each, "{");
    }
    await isServed();
    for (const answer of await Promise.all(slow.map(({ ended }) => ended))) expect(answer).toMatch(/^HTTP\/1\.1 408 |^$/);
    await isServed();
  });

  test("a connection on which nothing is said", async () => {
    server = await testServer(0, { headersMs: 300 });
    const silent = await Promise.all(Array.from({ length: 50 }, talk));
    await Promise.all(silent.map(({ ended }) => ended));
    await isServed();
  });
});

describe("many connections", () => {
  test("of which most say nothing: the oldest silent ones make way, whoever asks is answered at once", async () => {
    server = await testServer(0, { maxConnections: 40 });
    const silent: Talk[] = [];
    for (let count = 0; count < 400; count++) {
      silent.push(await talk());
      if (count % 50 === 0) await isServed();
    }
    await isServed();
    const open = silent.filter(({ socket }) => !socket.destroyed).length;
    expect(open).toBeLessThanOrEqual(40);
    expect(silent.slice(0, 300).every(({ socket }) => socket.destroyed)).toBe(true);
  });

  test("with requests in work are not cut for new ones", async () => {
    server = await testServer(0, { maxConnections: 4 });
    const half = await Promise.all(Array.from({ length: 4 }, talk));
    const bytes = requestBytes(server, { headers: { expect: "100-continue" } });
    for (const { socket } of half) socket.write(bytes.subarray(0, bytes.length - 1));
    // The server says so when it has a request in work.
    for (const { heard } of half) await expect.poll(heard).toContain("100 Continue");
    expect(await sendRaw(server, bytes)).toBe("");
    for (const { socket } of half) socket.write(bytes.subarray(bytes.length - 1));
    for (const { heard } of half) await expect.poll(heard).toContain('"TotalCount":0');
  });
});

test("bodies that are being read have a limit together: over it 503, and the others are read to their ends", async () => {
  server = await testServer(0, { maxAllBodiesBytes: 1_000_000 });
  const body = `{"VpcIds":["${"a".repeat(450_000)}"]}`;
  const bytes = requestBytes(server, { body });
  const [first, second, third] = (await Promise.all(Array.from({ length: 3 }, talk))) as [Talk, Talk, Talk];
  for (const { socket } of [first, second]) {
    await new Promise((resolve) => socket.write(bytes.subarray(0, bytes.length - 1), resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  third.socket.write(bytes);
  expect(await third.ended).toMatch(/^HTTP\/1\.1 503 /);
  for (const { socket, heard } of [first, second]) {
    socket.write(bytes.subarray(bytes.length - 1));
    await expect.poll(heard).toContain('"Code":"InvalidParameterValue.Malformed"');
  }
});

test("a query as long as the API takes", async () => {
  server = await testServer();
  const query = `Filters.0.Name=vpc-name&Filters.0.Values.0=${"a".repeat(32 * 1024 - 60)}`;
  expect(envelope(await send(server, { method: "GET", query }))).toMatchObject({ TotalCount: 0 });
  expect((await send(server, { method: "GET", query: `${query}${"a".repeat(32 * 1024)}` })).status).toBe(431);
});

/** The seeds of past failures are kept here, and run for ever. */
test.each([20261122, 1, 2])("3,000 malformed requests (seed %d) are survived, and others served meanwhile", async (seed) => {
  server = await testServer();
  const random = new SeededRandom(seed);
  const bodies = ["{}", '{"Limit":5}', '{"VpcName":"a","CidrBlock":"10.0.0.0/16"}', '{"Filters":[{"Name":"vpc-name","Values":["a"]}]}'];
  const actions = ["DescribeVpcs", "CreateVpc", "DescribeFlowLogs", "CreateFlowLog"];
  for (let round = 0; round < 30; round++) {
    const requests = Array.from({ length: 100 }, () => {
      const sent = { action: actions[random.next() % actions.length]!, body: bodies[random.next() % bodies.length]! };
      return mutated(requestBytes(server, sent), random);
    });
    await Promise.all(requests.map((bytes) => sendRaw(server, bytes, 40)));
    expect((await send(server, {})).status).toBe(200);
    expect(server.bugs).toEqual([]);
  }
}, 60_000);
