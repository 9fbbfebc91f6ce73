/** Several chunks of a replay under way over a line that breaks: each is counted once, and answered in its order. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeChunk } from "../../src/backend/traffic/packet-chunk.ts";
import { ChunksInFlight } from "../../src/cli/chunks-in-flight.ts";
import { Client } from "../../src/client/client.ts";
import { batchOf } from "../support/packets.ts";
import { credentials, testServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let replays = 0;

beforeAll(async () => {
  server = await testServer();
});

afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server.close();
});

/** A line to the server; each of its connections but the last breaks after so many bytes of requests or answers. */
async function brokenLine(breaks: readonly { readonly requests: number; readonly answers: number }[]): Promise<Server> {
  let connections = 0;
  const line = createServer((client) => {
    const upstream = connect(Number(new URL(server.url).port), "127.0.0.1");
    const limits = breaks[connections++] ?? { requests: Infinity, answers: Infinity };
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to, limit] of [[client, upstream, limits.requests], [upstream, client, limits.answers]] as const) {
      passOn(from, to, limit, end);
    }
  });
  await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
  return line;
}

function passOn(from: Socket, to: Socket, limit: number, end: () => void): void {
  let passed = 0;
  from.on("data", (piece: Buffer) => {
    const rest = limit - passed;
    passed += piece.length;
    if (passed <= limit) to.write(piece);
    else to.write(piece.subarray(0, Math.max(0, rest)), end);
  });
  from.on("error", end).on("close", end);
  to.on("error", end);
}

function clientOf(line: Server): Client {
  const pace = { random: () => 0, wait: () => Promise.resolve(), deadline: () => AbortSignal.timeout(60_000) };
  return new Client({ endpoint: `http://127.0.0.1:${(line.address() as AddressInfo).port}`, credentials, region: "ap-guangzhou", pace });
}

/** Chunk number `number` holds as many packets and one more. */
function chunksOf(count: number): Buffer[] {
  const replayId = (++replays).toString(16).padStart(32, "0");
  return Array.from({ length: count }, (_, number) => {
    const packets = Array.from({ length: number + 1 }, () => ({ src: "203.0.113.1", dst: "203.0.113.2" }));
    return encodeChunk({ replayId, number, notIp: 0, undecodable: 0, batch: batchOf(...packets) });
  });
}

describe("chunks in flight", () => {
  test("each is counted once and answered in its order, wherever the line breaks", async () => {
    // A broken connection costs the first chunk under way an attempt; it has three, and as many again.
    const breaks = fc.array(fc.record({ requests: fc.integer({ min: 0, max: 9000 }), answers: fc.integer({ min: 0, max: 2500 }) }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(breaks, async (broken) => {
        const line = await brokenLine(broken);
        const client = clientOf(line);
        const before = server.cloud.rooms.packets.total.read;
        const answered: number[][] = [];
        const chunks = new ChunksInFlight(client, ({ Chunk, Read }) => answered.push([Chunk, Read]));
        for (const chunk of chunksOf(12)) await chunks.send(chunk);
        await chunks.settle();
        expect(answered).toEqual(Array.from({ length: 12 }, (_, number) => [number, number + 1]));
        expect(server.cloud.rooms.packets.total.read - before).toBe((12 * 13) / 2);
        await client.close();
        await new Promise((resolve) => line.close(resolve));
      }),
      { numRuns: 60 },
    );
  });

  test("what is really wrong with a chunk comes back, and nothing behind it is counted", async () => {
    const line = await brokenLine([]);
    const client = clientOf(line);
    const before = server.cloud.rooms.packets.total.read;
    const chunks = new ChunksInFlight(client, () => {});
    const [first, second, third] = chunksOf(3) as [Buffer, Buffer, Buffer];
    await chunks.send(first);
    await chunks.send(second.subarray(0, second.length - 1));
    await chunks.send(third);
    await expect(chunks.settle()).rejects.toThrow(/Body: \d+ bytes, but its header tells of \d+/);
    expect(server.cloud.rooms.packets.total.read - before).toBe(1);
    await client.close();
    await new Promise((resolve) => line.close(resolve));
  });
});
