/** A large capture read by a second thread: the same batches as this thread reads. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type CaptureReading, openCapture } from "../../src/backend/traffic/capture-file.ts";
import { openCaptureAside } from "../../src/backend/traffic/capture-thread.ts";
import { packetBytes } from "../../src/backend/traffic/packet-batch.ts";

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
