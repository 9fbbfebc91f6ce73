/** Captures into records: windows, formats, several files, compressed files, one thread and two. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parseRecord } from "../../src/backend/flow/record.ts";
import { aggregateBytes, aggregateFiles } from "../support/aggregated.ts";
import { flowlogs } from "../support/command.ts";
import { readNaively } from "../support/naive-reader.ts";

const folder = new URL("../../examples/quickstart/captures/", import.meta.url);
const pathOf = (name: string) => fileURLToPath(new URL(`${name}.pcap`, folder));
const merged = pathOf("merged");

/** 10.0.0.1:1000 → 10.0.0.2 at a port, UDP, 28 bytes, at a second; a pcap of such packets. */
function pcapOf(packets: readonly (readonly [seconds: number, port: number])[]): Buffer {
  const header = Buffer.from("d4c3b2a1020004000000000000000000ffff000065000000", "hex");
  const records = packets.map(([seconds, port]) => {
    const record = Buffer.alloc(16 + 28);
    record.writeUInt32LE(seconds, 0);
    record.writeUInt32LE(28, 8);
    record.writeUInt32LE(28, 12);
    record.set(Buffer.from("4500001c00000000401100000a0000010a00000203e80000", "hex"), 16);
    record.writeUInt16BE(port, 16 + 22);
    return record;
  });
  return Buffer.concat([header, ...records]);
}

const rows = (text: string) => text.trimEnd().split("\n").slice(1);

describe("windows", () => {
  test("packets count where their time lies, in whatever order they come", async () => {
    const capture = pcapOf([[660, 53], [599, 53], [600, 53], [1201, 53], [659, 54], [1200, 53], [0, 53]]);
    const { text } = await aggregateBytes([capture], { intervalSeconds: 600 });
    expect(rows(text)).toEqual([
      "10.0.0.1,10.0.0.2,1000,53,17,2,56,0,599",
      "10.0.0.1,10.0.0.2,1000,53,17,2,56,600,660",
      "10.0.0.1,10.0.0.2,1000,54,17,1,28,659,659",
      "10.0.0.1,10.0.0.2,1000,53,17,2,56,1200,1201",
    ]);
  });

  test("a window of everything has one row a flow", async () => {
    const { text, totals } = await aggregateBytes([pcapOf([[5, 53], [70, 53], [1e9, 53]])], { intervalSeconds: 0 });
    expect(rows(text)).toEqual(["10.0.0.1,10.0.0.2,1000,53,17,3,84,5,1000000000"]);
    expect(totals).toMatchObject({ frames: 3, packets: 3, records: 1, reopened: 0, failures: [] });
  });

  test("several files are one, in the order of their packets' times", async () => {
    const early = pcapOf(Array.from({ length: 50 }, (_, index) => [index * 100, 53] as const));
    const late = pcapOf(Array.from({ length: 50 }, (_, index) => [index * 100 + 50, 53] as const));
    const both = Array.from({ length: 100 }, (_, index) => [index * 50, 53] as const);
    const apart = await aggregateBytes([late, early], { intervalSeconds: 300 });
    const together = await aggregateBytes([pcapOf(both)], { intervalSeconds: 300 });
    expect(apart.text).toBe(together.text);
    expect(apart.totals.packets).toBe(100);
  });

  test("a window that was written is opened again by a late packet: nothing is lost, and it is said", async () => {
    // So many flows that complete windows do not stay in memory.
    const crowd = Array.from({ length: 300_000 }, (_, index) => [600 + Math.floor(index / 65_536), index % 65_536] as const);
    const many = crowd.map(([seconds, port]) => [seconds * 600, port] as const);
    const { text, totals } = await aggregateBytes([pcapOf([...many, [360_000, 7], [364_000, 7]])], { intervalSeconds: 600, format: "text" });
    expect(totals).toMatchObject({ packets: 300_002, reopened: 1 });
    const packets = text.trimEnd().split("\n").reduce((sum, line) => sum + parseRecord(line.replace("2 - -", "2 1 eni-1")).packets!, 0);
    expect(packets).toBe(300_002);
  });
});

describe("formats and sources", () => {
  test("text lines are flow log records; CSV and JSON say the same", async () => {
    const [text, csv, json] = await Promise.all(
      (["text", "csv", "json"] as const).map((format) => aggregateFiles([merged], { format }).then((each) => each.text)),
    );
    const fields = text!.trimEnd().split("\n").map((line) => {
      const words = line.split(" ");
      expect([...words.slice(0, 3), ...words.slice(12)]).toEqual(["2", "-", "-", "ACCEPT", "OK"]);
      return words.slice(3, 12).join(",");
    });
    expect(fields.toSorted()).toEqual(rows(csv!).toSorted());
    const objects = json!.trimEnd().split("\n").map((line) => Object.values(JSON.parse(line) as object).join(","));
    expect(objects).toEqual(rows(csv!));
    expect(rows(csv!)).toHaveLength(readNaively(readFileSync(merged)).flows.size);
  });

  test("what flow logs leave out is left out, unless everything is wanted", async () => {
    const all = rows((await aggregateFiles([merged])).text);
    const kept = rows((await aggregateFiles([merged], { withAll: false })).text);
    const dhcp = all.filter((row) => /,(67,68|68,67|546,547|547,546),17,/.test(row));
    expect(dhcp.length).toBeGreaterThan(0);
    expect(all.filter((row) => !dhcp.includes(row))).toEqual(kept);
  });

  test("gzip and zstd files, and one thread or two, give the same bytes", async () => {
    const bytes = readFileSync(merged);
    const { text } = await aggregateBytes([bytes], { intervalSeconds: 60, format: "text" });
    for (const packed of [gzipSync(bytes), zstdCompressSync(bytes), Buffer.concat([gzipSync(bytes.subarray(0, 999)), gzipSync(bytes.subarray(999))])]) {
      expect((await aggregateBytes([packed], { intervalSeconds: 60, format: "text" })).text).toBe(text);
    }
    expect((await aggregateBytes([bytes], { intervalSeconds: 60, format: "text", threads: 2 })).text).toBe(text);
  });

  test("a broken file gives what could be read of it, and says what is wrong", async () => {
    const bytes = pcapOf([[5, 53], [6, 53]]);
    for (const threads of [1, 2] as const) {
      const { text, totals } = await aggregateBytes([bytes.subarray(0, -3)], { threads });
      expect(rows(text)).toEqual(["10.0.0.1,10.0.0.2,1000,53,17,1,28,5,5"]);
      expect(totals.failures).toEqual([expect.stringContaining("the record at byte 68 has 25 of the 28 bytes it claims: the file is cut off")]);
    }
    const damaged = gzipSync(bytes).subarray(0, -12);
    expect((await aggregateBytes([damaged])).totals.failures).toEqual([expect.stringMatching(/cannot be read on: .*end/)]);
    await expect(aggregateFiles(["/nowhere.pcap"])).rejects.toThrow("/nowhere.pcap: cannot be opened: there is no such file");
    await expect(aggregateFiles(["/tmp"])).rejects.toThrow("/tmp: is a folder, not a capture file");
  });
});

describe("flowlogs aggregate", () => {
  test("reads standard input, writes a file, and ends with 1 for a broken capture", async () => {
    const bytes = readFileSync(merged);
    const whole = await flowlogs(["aggregate", "-", "--interval", "0", "--all", "--format", "csv"], {}, bytes);
    expect(whole).toMatchObject({ code: 0, stdout: (await aggregateFiles([merged])).text });
    expect(whole.stderr).toContain("frames = ");
    const cut = await flowlogs(["aggregate", "-"], {}, bytes.subarray(0, -5));
    expect(cut).toMatchObject({ code: 1, stderr: expect.stringContaining("the file is cut off") as string });
    expect(cut.stdout).not.toBe("");
  });

  test.each([
    [["--interval", "61"], '--interval: "61" must be one of 600, 300, 60, 0'],
    [["--kms-address", "x"], '--kms-address: "x" must be an IPv4 address'],
    [["--format", "xml"], '--format: "xml" must be one of text, csv, json'],
  ])("%j is refused", async (options, words) => {
    expect(await flowlogs(["aggregate", merged, ...options])).toMatchObject({ code: 2, stderr: expect.stringContaining(words) as string });
  });
});
