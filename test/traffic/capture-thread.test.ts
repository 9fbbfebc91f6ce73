/** A large capture read by a second thread: the same batches as this thread reads. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type CaptureReading, openCapture } from "../../src/backend/traffic/capture-file.ts";
import { openCaptureAside } from "../../src/backend/traffic/capture-thread.ts";
import { type PacketBatch, packetBytes } from "../../src/backend/traffic/packet-batch.ts";

const folder = mkdtempSync(join(tmpdir(), "flowlogs-capture-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The example's frames (IPv6, fragments and ICMP errors among them) again and again, the last one cut off. */
function largeCapture(bytes: number): string {
  const once = readFileSync(new URL("../../examples/quickstart/captures/merged.pcap", import.meta.url));
  const [header, frames] = [once.subarray(0, 24), once.subarray(24)];
  const path = join(folder, `${bytes}.pcap`);
  const copies = Array<Buffer>(Math.ceil(bytes / frames.length)).fill(frames);
  writeFileSync(path, Buffer.concat([header, ...copies, frames.subarray(0, 10)]));
  return path;
}

/** Everything that is read, as text, and what is wrong at the end. */
async function read({ batches, counts, source }: CaptureReading) {
  const told: string[] = [];
  let failure = "";
  try {
    for await (const { bytes, count, ipv6, quoted } of batches) {
      const text = (packets: Uint8Array) => Buffer.from(packets).toString("latin1");
      const inner = quoted!.bytes.subarray(0, quoted!.count * packetBytes);
      told.push([text(bytes.subarray(0, count * packetBytes)), ...ipv6.addresses.map(text), text(inner)].join("|"));
    }
  } catch (error) {
    failure = String(error);
  }
  return { told, failure, counts: { ...counts }, position: source.position };
}

test("a second thread reads the same, up to what is wrong at the end", async () => {
  const path = largeCapture(17 * 1024 * 1024);
  const aside = openCaptureAside(path);
  const [one, other] = [await read(openCapture(path)), await read(aside)];
  expect(one.failure).toContain("the file is cut off");
  expect(one.counts.packets).toBeGreaterThan(100_000);
  expect(other.told.length).toBe(one.told.length);
  expect(other.told.every((text, index) => text === one.told[index])).toBe(true);
  expect({ ...other, told: [] }).toEqual({ ...one, told: [] });
});

test("whoever stops early stops the thread", async () => {
  for await (const batch of openCaptureAside(largeCapture(16 * 1024 * 1024)).batches) {
    expect(batch.count).toBeGreaterThan(0);
    break;
  }
});

/** A capture of TCP packets whose ports count them. */
function countedCapture(packets: number): string {
  const record = 16 + 54;
  const bytes = Buffer.alloc(24 + packets * record);
  bytes.writeUInt32LE(0xa1b2c3d4, 0);
  bytes.writeUInt32LE(65_535, 16);
  bytes.writeUInt32LE(1, 20);
  for (let packet = 0; packet < packets; packet++) {
    const at = 24 + packet * record;
    for (const offset of [8, 12]) bytes.writeUInt32LE(54, at + offset);
    const ip = at + 16 + 14;
    bytes.writeUInt16BE(0x0800, ip - 2);
    bytes.writeUInt8(0x45, ip);
    bytes.writeUInt16BE(40, ip + 2);
    bytes.writeUInt8(6, ip + 9);
    bytes.writeUInt32BE(packet, ip + 20);
  }
  const path = join(folder, "counted.pcap");
  writeFileSync(path, bytes);
  return path;
}

test("a batch stays as it is until it is released, and its memory is used again then", async () => {
  const packets = 1_200_000;
  const places = new Set<number>();
  const held: PacketBatch[] = [];
  let next = 0;
  let batches = 0;
  const release = () => {
    const { view, count, place } = held.shift()!;
    for (let packet = 0; packet < count; packet++) if (view.getUint32(packet * packetBytes + 8) !== next++) return expect(packet).toBe(next);
    place!.release();
  };
  for await (const batch of openCaptureAside(countedCapture(packets)).batches) {
    places.add(batch.place!.memory.byteOffset);
    held.push(batch);
    batches++;
    if (held.length > 2) release();
  }
  while (held.length > 0) release();
  expect(next).toBe(packets);
  expect(batches).toBeGreaterThan(places.size);
  expect(places.size).toBeLessThan(8);
});
