/** Chunks of packets as bodies: they come into memory that is used again and again, and none is mistaken for another. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { placeBytes } from "../../src/backend/traffic/capture-file.ts";
import { PacketBatch, packetBytes } from "../../src/backend/traffic/packet-batch.ts";
import { encodeChunk } from "../../src/backend/traffic/packet-chunk.ts";
import { Client } from "../../src/client/client.ts";
import { maxChunkBytes } from "../../src/wire/flowlogs.ts";
import { unsignedPayload } from "../../src/wire/sign.ts";
import { makeEni, makeGroup, makeSubnet, makeVpc } from "../support/network.ts";
import { batchOf } from "../support/packets.ts";
import { credentials, testServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let clients: Client[];

beforeAll(async () => {
  server = await testServer(0, {}, { threads: { died: (error) => expect(error).toBeUndefined() } });
  const vpc = await makeVpc(server.cloud);
  await makeEni(server.cloud, vpc, await makeSubnet(server.cloud, vpc, "172.31.16.0/24"), "172.31.16.10", [await makeGroup(server.cloud, [], [])]);
  clients = Array.from({ length: 3 }, () => new Client({ endpoint: server.url, credentials, region: "ap-guangzhou" }));
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  expect(server.bugs).toEqual([]);
  await server.close();
});

/** A batch of so many packets, of which the first ones go to the ENI. */
function batchWith(packets: number, matched: number): PacketBatch {
  const [inside, outside] = ["172.31.16.10", "203.0.113.2"].map((dst) => batchOf({ src: "203.0.113.1", dst }).bytes.slice(0, packetBytes)) as [Uint8Array, Uint8Array];
  const batch = new PacketBatch();
  for (let place = 0; place < packets; place++) batch.append(place < matched ? inside : outside);
  return batch;
}

test("chunks of several replays at a time are each what was sent", async () => {
  const replays = clients.map(async (client, which) => {
    const replayId = (which + 1).toString(16).padStart(32, "0");
    const sizes = Array.from({ length: 8 }, (_, number) => ({ packets: 20_000 - which * 4000 - number * 500, matched: 100 + which * 1000 + number }));
    const answers = sizes.map(({ packets, matched }, number) =>
      client.pushPackets(encodeChunk({ replayId, number, notIp: 0, undecodable: 0, batch: batchWith(packets, matched) })),
    );
    const told = (await Promise.all(answers)).map(({ Chunk, Read, Matched }) => ({ Chunk, Read, Matched }));
    expect(told).toEqual(sizes.map(({ packets, matched }, number) => ({ Chunk: number, Read: packets, Matched: matched })));
  });
  await Promise.all(replays);
});

test("whoever hangs up, at whatever moment, leaves the others' chunks and the own one as they were sent", async () => {
  const counts = (which: number, number: number) => ({ packets: 20_000 + which * 1000, matched: 50 + which * 500 + number });
  const chunkOf = (which: number, number: number) => {
    const { packets, matched } = counts(which, number);
    return encodeChunk({ replayId: (which + 100).toString(16).padStart(32, "0"), number, notIp: 0, undecodable: 0, batch: batchWith(packets, matched) });
  };
  const attempt = async (which: number, number: number) => {
    if (which === 2) {
      // It waits for a few milliseconds only, then the connection is gone: the body may have come whole, or in part, or not at all.
      const pace = { random: () => 0, wait: () => Promise.resolve(), deadline: () => AbortSignal.timeout(number) };
      const hasty = new Client({ endpoint: server.url, credentials, region: "ap-guangzhou", pace });
      await hasty.pushPackets(chunkOf(which, number)).catch(() => {});
      await hasty.close();
    }
    return clients[which]!.pushPackets(chunkOf(which, number));
  };
  const replays = clients.map(async (_, which) => {
    for (let number = 0; number < 12; number++) {
      const { packets, matched } = counts(which, number);
      expect(await attempt(which, number)).toMatchObject({ Chunk: number, Read: packets, Matched: matched });
    }
  });
  await Promise.all(replays);
});

test("a chunk comes only from who has the key, though its bytes are not signed", async () => {
  const stranger = new Client({ endpoint: server.url, credentials: { ...credentials, secretKey: "other" }, region: "ap-guangzhou" });
  const before = server.cloud.rooms.packets.total.read;
  const chunk = encodeChunk({ replayId: "e".repeat(32), number: 0, notIp: 0, undecodable: 0, batch: batchWith(3000, 0) });
  await expect(stranger.pushPackets(chunk)).rejects.toMatchObject({ code: "AuthFailure.SignatureFailure" });
  await stranger.close();
  expect(server.cloud.rooms.packets.total.read).toBe(before);
});

test.each([
  ["127.0.0.1", unsignedPayload],
  ["localhost", unsignedPayload],
  ["0.0.0.0", undefined],
])("packets for %s: what is said of their bytes' signature is %s", async (name, said) => {
  const told: unknown[] = [];
  const listener = createServer((request, response) => {
    told.push(request.headers["x-tc-content-sha256"]);
    response.end('{"Response": {"RequestId": "x"}}');
  }).listen(0);
  await once(listener, "listening");
  const client = new Client({ endpoint: `http://${name}:${(listener.address() as AddressInfo).port}`, credentials, region: "ap-guangzhou" });
  await client.pushPackets(Buffer.alloc(100));
  await client.call("DescribeClock", {});
  await client.close();
  listener.close();
  expect(told).toEqual([said, undefined]);
});

test("a chunk may have four megabytes, as a batch that is read from a capture, and no more", async () => {
  expect(placeBytes).toBe(maxChunkBytes);
  const batch = (packets: number) => ({ replayId: "f".repeat(32), number: 0, notIp: 0, undecodable: 0, batch: batchWith(packets, 0) });
  const most = encodeChunk(batch(maxChunkBytes / packetBytes - 2));
  expect(most.length).toBe(maxChunkBytes);
  const over = encodeChunk(batch(maxChunkBytes / packetBytes - 1));
  await expect(clients[0]!.pushPackets(over)).rejects.toMatchObject({
    code: "InvalidParameterValue",
    message: expect.stringContaining("Body: 4194336 bytes are more than a chunk's 4194304") as string,
  });
  expect(await clients[0]!.pushPackets(most)).toMatchObject({ Chunk: 0, Read: maxChunkBytes / packetBytes - 2 });
});
