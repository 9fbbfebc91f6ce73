/** One thread and two: the same bytes of any capture, in every format, also where text of one window is made by both. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregateCaptures } from "../../src/backend/traffic/aggregate.ts";
import { recordFormats } from "../../src/backend/packet-loop/record-text.ts";
import { aggregateBytes } from "../support/aggregated.ts";

/** A packet: its second, a number that decides its flow, its fragment (0 whole, 1 first, 2 later), and whether IPv6. */
interface Packet {
  readonly seconds: number;
  readonly flow: number;
  readonly fragment: 0 | 1 | 2;
  readonly isIpv6: boolean;
}

function ipv4(view: DataView, at: number, { flow, fragment }: Packet): number {
  view.setUint16(at, 0x4500);
  view.setUint16(at + 2, 28);
  view.setUint16(at + 4, flow & 0xffff);
  view.setUint16(at + 6, [0, 0x2000, 5][fragment]!);
  view.setUint8(at + 9, 17);
  view.setUint32(at + 12, 0x0a000000 + (flow >>> 16));
  view.setUint32(at + 16, 0x0a000001);
  view.setUint16(at + 20, flow & 0xffff);
  return 28;
}

function ipv6(view: DataView, at: number, { flow, fragment }: Packet): number {
  view.setUint16(at, 0x6000);
  view.setUint16(at + 4, 16);
  view.setUint8(at + 6, fragment === 0 ? 17 : 44);
  view.setUint32(at + 20, flow >>> 16);
  view.setUint32(at + 36, 1);
  const transport = fragment === 0 ? at + 40 : at + 48;
  if (fragment > 0) {
    view.setUint8(at + 40, 17);
    view.setUint16(at + 42, fragment === 1 ? 1 : 8);
    view.setUint32(at + 44, flow);
  }
  view.setUint16(transport, flow & 0xffff);
  return 56;
}

function captureOf(packets: readonly Packet[]): Buffer {
  const bytes = Buffer.alloc(24 + packets.length * 72);
  bytes.set(Buffer.from("d4c3b2a1020004000000000000000000ffff000065000000", "hex"));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 24;
  for (const packet of packets) {
    const length = (packet.isIpv6 ? ipv6 : ipv4)(view, at + 16, packet);
    view.setUint32(at, packet.seconds, true);
    view.setUint32(at + 8, length, true);
    view.setUint32(at + 12, length, true);
    at += 16 + length;
  }
  return bytes.subarray(0, at);
}

async function bothWays(capture: Buffer, options: Parameters<typeof aggregateBytes>[1]): Promise<string> {
  const one = await aggregateBytes([capture], { ...options, threads: 1 });
  const two = await aggregateBytes([capture], { ...options, threads: 2 });
  expect(two.totals).toEqual(one.totals);
  expect(two.text === one.text).toBe(true);
  return one.text;
}

/** Packets of so many flows in each of some windows, and now and then one that comes late. */
function crowd(windows: number, flows: number, seed: number): Packet[] {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: windows * flows }, (_, index) => {
    const window = Math.floor(index / flows);
    const lateBy = below(200) === 0 ? [2, 30, 700][below(3)]! : 0;
    const seconds = Math.max(0, window * 60 + Math.floor(((index % flows) / flows) * 60) - lateBy);
    const kind = below(100);
    return { seconds, flow: below(flows * 2), fragment: kind < 4 ? 1 : kind < 8 ? 2 : 0, isIpv6: below(8) === 0 };
  });
}

describe("one thread and two", () => {
  test.each(recordFormats)("%s of windows of many pieces, with late packets, fragments and IPv6", async (format) => {
    const text = await bothWays(captureOf(crowd(5, 30_000, 7)), { format, intervalSeconds: 60 });
    expect(text.length).toBeGreaterThan(4_000_000);
  });

  test("captures of all kinds", async () => {
    const packet = fc.record({
      seconds: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(0, 599, 600, 2 ** 32 - 1)),
      flow: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 1 << 20 })),
      fragment: fc.constantFrom(0 as const, 0 as const, 1 as const, 2 as const),
      isIpv6: fc.boolean(),
    });
    const options = fc.record({
      format: fc.constantFrom(...recordFormats),
      intervalSeconds: fc.constantFrom(0, 60, 300, 600),
      withAll: fc.boolean(),
      reassign: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(packet, { maxLength: 300 }), options, async (packets, chosen) => {
        await bothWays(captureOf(packets), chosen);
      }),
      { numRuns: 20 },
    );
  });

  test.each([1, 2] as const)("a full disk is an error that says so: threads %d", async (threads) => {
    const folder = mkdtempSync(join(tmpdir(), "full-"));
    const output = openSync("/dev/full", "w");
    try {
      const path = join(folder, "crowd.pcap");
      writeFileSync(path, captureOf(crowd(2, 30_000, 3)));
      const options = { intervalSeconds: 60, reassign: true, withAll: true, format: "text", activation: 0, seed: [1, 2], threads, output } as const;
      await expect(aggregateCaptures([path], options)).rejects.toMatchObject({ code: "ENOSPC" });
    } finally {
      closeSync(output);
      rmSync(folder, { recursive: true });
    }
  });
});
