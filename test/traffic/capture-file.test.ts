/** Reading captures: what comes out, and how a broken file is refused. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCapture } from "../../src/backend/traffic/capture-file.ts";
import { mergeByTime } from "../../src/backend/traffic/merge.ts";
import type { Packet } from "../../src/backend/traffic/packet-batch.ts";
import { decodeChunk, encodeChunk } from "../../src/backend/traffic/packet-chunk.ts";

const capturePath = new URL("../../examples/quickstart/captures/merged.pcap", import.meta.url);

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, pieceSize = bytes.length || 1) {
  const reading = readCapture(pieces(bytes, pieceSize), "x.pcap");
  const packets: Packet[] = [];
  let error = "";
  try {
    for await (const batch of reading.batches) {
      for (let place = 0; place < batch.count; place++) packets.push(batch.packet(place));
    }
  } catch (caught) {
    error = (caught as Error).message;
  }
  return { counts: reading.counts, packets, error };
}

/** A pcap header and records, in either byte order. */
function pcap(frames: readonly Buffer[], littleEndian = true, linkType = 1): Buffer {
  const u32 = (value: number) => {
    const word = Buffer.alloc(4);
    if (littleEndian) word.writeUInt32LE(value);
    else word.writeUInt32BE(value);
    return word;
  };
  const version = littleEndian ? Buffer.from([2, 0, 4, 0]) : Buffer.from([0, 2, 0, 4]);
  const header = Buffer.concat([u32(0xa1b2c3d4), version, u32(0), u32(0), u32(65_535), u32(linkType)]);
  const records = frames.map((frame, index) =>
    Buffer.concat([u32(1_700_000_000 + index), u32(250_000), u32(frame.length), u32(frame.length), frame]),
  );
  return Buffer.concat([header, ...records]);
}

const mac = Buffer.from("0200000000010200000000020800", "hex");
/** 10.0.0.1:1000 → 10.0.0.2:22, TCP SYN, 40 bytes. */
const tcpIp = "450000280001400040060000" + "0a0000010a000002" + "03e80016" + "0000000100000000" + "5002ffff" + "00000000";
const tcpFrame = Buffer.concat([mac, Buffer.from(tcpIp, "hex")]);
const withType = (type: string, rest: string) => Buffer.from(`020000000001020000000002${type}${rest}`, "hex");

const expected = { srcAddr: "10.0.0.1", dstAddr: "10.0.0.2", srcPort: 1000, dstPort: 22, protocol: 6, tcpFlags: 2, bytes: 40, timeMs: 1_700_000_000_250 };

describe("frames", () => {
  test.each([
    ["plain Ethernet", tcpFrame],
    ["a VLAN tag", withType("8100", `00050800${tcpIp}`)],
    ["two VLAN tags (QinQ)", withType("88a8", `000581000006` + `0800${tcpIp}`)],
    ["three VLAN tags", withType("9100", `000588a80006810000070800${tcpIp}`)],
    ["Ethernet padding after the packet", Buffer.concat([tcpFrame, Buffer.alloc(6)])],
  ])("%s", async (_what, frame) => {
    for (const littleEndian of [true, false]) {
      const { packets, counts } = await read(pcap([frame], littleEndian));
      expect(packets).toMatchObject([expected]);
      expect(counts).toEqual({ frames: 1, packets: 1, notIp: 0, otherLink: 0, undecodable: 0 });
    }
  });

  test.each([
    ["ARP", withType("0806", "0001"), "notIp"],
    ["a frame shorter than its header", Buffer.alloc(9), "notIp"],
    ["a VLAN tag and nothing after it", withType("8100", "0005"), "notIp"],
    ["half an IPv4 header", withType("0800", tcpIp.slice(0, 30)), "undecodable"],
    ["a header length that is too small", withType("0800", `44${tcpIp.slice(2)}`), "undecodable"],
    ["a total length smaller than the header", withType("0800", `45000013${tcpIp.slice(8)}`), "undecodable"],
    ["IPv6 that says it is version 4", withType("86dd", "4".repeat(80)), "undecodable"],
  ] as const)("%s is counted, not read", async (_what, frame, counted) => {
    const { packets, counts, error } = await read(pcap([frame, tcpFrame]));
    expect(error).toBe("");
    expect(packets).toMatchObject([{ ...expected, timeMs: expected.timeMs + 1000 }]);
    expect(counts).toMatchObject({ frames: 2, packets: 1, [counted]: 1 });
  });

  test("a total length of 0 (segmentation offload) means the frame's own", async () => {
    const { packets } = await read(pcap([withType("0800", `45000000${tcpIp.slice(8)}${"00".repeat(60)}`)]));
    expect(packets[0]!.bytes).toBe(100);
  });

  test("a later fragment follows its first fragment's ports", async () => {
    const fragment = (id: string, offset: string) => withType("0800", `4500003c${id}${offset}40110000` + "0a0000010a000002" + "1234005000000000");
    const { packets } = await read(pcap([fragment("0007", "2000"), fragment("0007", "0010"), fragment("0008", "0010")]));
    expect(packets.map(({ srcPort, dstPort, isLaterFragment }) => [srcPort, dstPort, isLaterFragment])).toEqual([
      [0x1234, 80, false],
      [0x1234, 80, true],
      [0, 0, true],
    ]);
  });
});

test("a capture read in any pieces is the same", async () => {
  const bytes = readFileSync(capturePath);
  const whole = await read(bytes);
  expect(whole.counts.frames).toBe(whole.counts.packets + whole.counts.notIp + whole.counts.undecodable);
  for (const size of [1, 7, 1000]) expect(await read(bytes, size)).toEqual(whole);
});

test("a chunk brings back the packets it was made of", async () => {
  for await (const batch of readCapture(pieces(readFileSync(capturePath), 4096), "x").batches) {
    const sent = { replayId: "0123456789abcdef".repeat(2), number: 7, notIp: 3, undecodable: 1, batch };
    const received = decodeChunk(encodeChunk(sent));
    expect(received).toMatchObject({ replayId: sent.replayId, number: 7, notIp: 3, undecodable: 1 });
    for (let place = 0; place < batch.count; place++) expect(received.batch.packet(place)).toEqual(batch.packet(place));
  }
});

describe("a broken capture is refused by file, place and value", () => {
  const good = pcap([tcpFrame, tcpFrame]);
  test.each([
    ["an empty file", Buffer.alloc(0), "x.pcap: the file is empty", 0],
    ["half a header", good.subarray(0, 10), "x.pcap: the file has 10 bytes, a pcap header has 24", 0],
    ["text", Buffer.from("this is no capture, it is text"), "x.pcap: magic number 0x74686973 is not that of a pcap or pcapng file", 0],
    ["a link type nobody reads", pcap([], true, 147), "x.pcap: link type 147 cannot be read; these can: 0 (null/loopback), 1 (Ethernet), 12 (raw IP), 14 (raw IP), 101 (raw IP), 108 (OpenBSD loopback), 113 (Linux cooked), 228 (IPv4), 229 (IPv6), 276 (Linux cooked v2)", 0],
    ["a record without its data", good.subarray(0, good.length - 5), "x.pcap: the record at byte 94 has 49 of the 54 bytes it claims: the file is cut off", 1],
    ["half a record header", good.subarray(0, good.length - 60), "x.pcap: the record at byte 94 has 10 of the 16 bytes of its header: the file is cut off", 1],
    ["a length that cannot be", Buffer.concat([good, Buffer.from("00000000000000007fffffff7fffffff", "hex")]), "x.pcap: the record at byte 164 claims a captured length of 4294967167, which cannot be", 2],
  ])("%s", async (_what, bytes, words, packetsBefore) => {
    const { error, packets } = await read(bytes);
    expect(error).toBe(words);
    expect(packets).toHaveLength(packetsBefore);
  });
});

test("several captures are merged by time", async () => {
  const folder = new URL("../../examples/quickstart/captures/", import.meta.url);
  const captures = ["web", "app", "db"].map((name) => readCapture(pieces(readFileSync(new URL(`${name}.pcap`, folder)), 512), name).batches);
  let before = 0;
  let total = 0;
  for await (const batch of mergeByTime(captures)) {
    for (let place = 0; place < batch.count; place++) {
      const { timeMs } = batch.packet(place);
      expect(timeMs).toBeGreaterThanOrEqual(before);
      before = timeMs;
      total++;
    }
  }
  expect(total).toBeGreaterThan(200);
});

describe("a chunk that nobody would have made is refused", () => {
  test.each([
    ["too short", (bytes: Buffer) => bytes.subarray(0, 20), "Body: 20 bytes"],
    ["other magic", (bytes: Buffer) => Buffer.concat([Buffer.from("XXXX"), bytes.subarray(4)]), 'Magic: "XXXX" must be "FLPC"'],
    ["another version", (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 4), Buffer.from([9]), bytes.subarray(5)]), "FormatVersion: 9"],
    ["a byte too many", (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)]), "but its header tells of"],
  ])("%s", async (_what, change, words) => {
    for await (const batch of readCapture(pieces(readFileSync(capturePath), 4096), "x").batches) {
      const bytes = encodeChunk({ replayId: "00".repeat(16), number: 0, notIp: 0, undecodable: 0, batch });
      expect(() => decodeChunk(change(bytes))).toThrow(words);
      break;
    }
  });
});
