/** UploadLog: logs of any kind from clients, and the codecs their bodies come in. */
import { zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decompressLz4 } from "../../src/backend/logs/upload/lz4.ts";
import { credentials, testServer, type TestServer } from "../support/server.ts";
import { outcome } from "../support/ways.ts";
import { makeTopic } from "../support/network.ts";
import { onEveryStore } from "../support/every-store.ts";
import { logGroup as group, uploadedLog as log, uploadTo } from "../support/uploads.ts";

onEveryStore((kind) => {
  let server: TestServer;
  let TopicId: string;

  beforeAll(async () => {
    server = await testServer(0, {}, await kind.cloudOptions());
    TopicId = await makeTopic(server.cloud);
    const Rule = {
      FullText: { CaseSensitive: false, Tokenizer: " " },
      KeyValue: { CaseSensitive: false, KeyValues: [{ Key: "code", Value: { Type: "long" as const } }] },
      Tag: { CaseSensitive: false, KeyValues: [{ Key: "zone", Value: { Type: "text" as const } }] },
    };
    await server.cloud.call("ModifyIndex", { TopicId, Rule });
  });

  afterAll(async () => {
    await server.close();
    expect(server.bugs).toEqual([]);
  });

  const upload = (body: Buffer, compression = "", topicId = TopicId) => uploadTo(server.host, credentials, body, topicId, compression);

  async function found(QueryString: string) {
    const { Results } = await server.cloud.call("SearchLog", { TopicId, QueryString, From: 0, To: Number.MAX_SAFE_INTEGER });
    return Results!;
  }

  const seconds = 1_795_341_600;

  /** A block with one copy that overlaps what it writes: `ab` and then eight bytes from two back. */
  const lz4Block = Buffer.from([0x24, 0x61, 0x62, 0x02, 0x00, 0x50, 0x76, 0x77, 0x78, 0x79, 0x7a]);

  const literalBlock = (body: Buffer) => Buffer.concat([Buffer.from([0xf0]), lengthBytes(body.length - 15), body]);
  const lengthBytes = (rest: number) => Buffer.from([...Array<number>(Math.floor(rest / 255)).fill(255), rest % 255]);

  describe("UploadLog with the official SDK", () => {
    test("logs are kept with their values, tags, source and file, and found again", async () => {
      const body = group([log(seconds * 1000 + 7, [["message", "GET /a 200"], ["code", "200"]]), log(seconds, [["message", "timeout"]])], [["zone", "a"]]);
      await upload(body);
      const [hit] = await found("timeout");
      expect(hit).toMatchObject({ Time: seconds * 1000, Source: "10.0.0.1", FileName: "/var/log/app", LogJson: '{"message":"timeout","__TAG__":{"zone":"a"}}' });
      expect((await found("code>=200 AND __TAG__.zone:a")).map(({ Time, RawLog }) => [Time, RawLog])).toEqual([[seconds * 1000 + 7, "GET /a 200 200"]]);
      expect(await found("code:201")).toEqual([]);
    });

    test("compressed with lz4 and zstd", async () => {
      const body = group([log(seconds * 1_000_000, [["message", "compressed ".repeat(9) + "needle1"]])]);
      await upload(literalBlock(body), "lz4");
      await upload(zstdCompressSync(body), "zstd");
      expect((await found("needle1")).map(({ Time }) => Time)).toEqual([seconds * 1000, seconds * 1000]);
    });

    test("refusals", async () => {
      const one = group([log(seconds, [["message", "x"]])]);
      const many = Buffer.concat(Array.from({ length: 6 }, () => one));
      expect(await outcome(upload(one, "gzip"))).toContain('X-CLS-CompressType: "gzip" must be lz4, zstd or empty');
      expect(await outcome(upload(one, "", "00000000-0000-4000-8000-000000000000"))).toContain("ResourceNotFound.TopicNotExist");
      expect(await outcome(upload(Buffer.from("{}")))).toContain("InvalidParameter.Content");
      expect(await outcome(upload(one.subarray(0, -3)))).toContain("InvalidParameter.Content: the message is cut off");
      expect(await outcome(upload(one, "zstd"))).toContain("InvalidParameter.Content: the body is no zstd");
      expect(await outcome(upload(one, "lz4"))).toContain("InvalidParameter.Content: the body is no LZ4");
      expect(await outcome(upload(many))).toContain("LimitExceeded.LogSize: LogGroupList: 6 groups are more than 5");
      expect(await outcome(upload(group([])))).toContain("FailedOperation.MissingContent");
      expect(await outcome(upload(group([log(seconds, [["_key", "x"]])])))).toContain('the key "_key" must not be empty nor start with _');
      expect(await outcome(upload(group([log(seconds, [["key", "x".repeat(1024 * 1024 + 1)]])])))).toContain("LimitExceeded.LogSize: Log.contents.value");
      await server.cloud.call("ModifyTopic", { TopicId, Status: false });
      expect(await outcome(upload(one))).toContain("FailedOperation.TopicClosed");
      await server.cloud.call("ModifyTopic", { TopicId, Status: true });
    });
  });

  describe("LZ4", () => {
    test("a block whose copy overlaps itself, alone and in a frame", () => {
      expect(Buffer.from(decompressLz4(lz4Block, 100)).toString()).toBe("ab" + "abababab" + "vwxyz");
      const size = Buffer.alloc(4);
      size.writeUInt32LE(lz4Block.length);
      const frame = Buffer.concat([Buffer.from("04224d18604082", "hex"), size, lz4Block, Buffer.alloc(4)]);
      expect(Buffer.from(decompressLz4(frame, 100)).toString()).toBe("ababababab" + "vwxyz");
    });

    test("what is cut off, points before its beginning or grows too large is refused", () => {
      expect(() => decompressLz4(lz4Block.subarray(0, 4), 100)).toThrow("an offset is cut off");
      expect(() => decompressLz4(Buffer.from([0x14, 0x61, 0x09, 0x00]), 100)).toThrow("an offset of 9 lies before the beginning");
      expect(() => decompressLz4(lz4Block, 9)).toThrow("it holds more than 9 bytes");
    });
  });
});
