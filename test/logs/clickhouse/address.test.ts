/** The address of a ClickHouse store: what is read of it, how it is refused, and that no password is shown. */
import { describe, expect, test } from "vitest";
import { readStoreAddress, redacted, StoreAddressError } from "../../../src/backend/logs/clickhouse/address.ts";

const read: [text: string, is: object][] = [
  ["clickhouse://db/logs", { hosts: [{ host: "db", port: 8123 }], user: "default", password: "given", database: "logs", cluster: undefined, shown: "clickhouse://db/logs" }],
  ["clickhouse://me@db:8124/logs", { hosts: [{ host: "db", port: 8124 }], user: "me", password: "given", shown: "clickhouse://me@db:8124/logs" }],
  ["clickhouse://me:s%40:x@[::1]:9/l_1", { hosts: [{ host: "[::1]", port: 9 }], user: "me", password: "s@:x", database: "l_1", shown: "clickhouse://me:***@[::1]:9/l_1" }],
  ["clickhouse://me:@db/logs", { password: "", shown: "clickhouse://me:***@db/logs" }],
  ["clickhouse://a,b:1,10.0.0.1/x?cluster=pair", { hosts: [{ host: "a", port: 8123 }, { host: "b", port: 1 }, { host: "10.0.0.1", port: 8123 }], cluster: "pair" }],
];

const refused: [text: string, words: string][] = [
  ["", "is no address of a store: it is written clickhouse://"],
  ["http://db/logs", "is no address of a store"],
  ["clickhouse://db", "is no address of a store"],
  ["clickhouse://me:secret@db", "clickhouse://me:***@db"],
  ["clickhouse:///logs", "is no address of a store"],
  ["clickhouse://db/logs/more", "is no address of a store"],
  ["clickhouse://me:secret@d b/logs", '"d b" is no server: host or host:port'],
  ["clickhouse://db:65536/logs", '"db:65536" is no server'],
  ["clickhouse://db:0/logs", '"db:0" is no server'],
  ["clickhouse://db/my-logs", 'the database "my-logs" must be letters, digits and _'],
  ["clickhouse://db/logs;drop", "must be letters, digits and _"],
  ["clickhouse://db/logs?cluster=a'b", 'the cluster "a\'b" must be letters'],
  ["clickhouse://db/logs?secure=1", '"secure" is no setting of a store: cluster is'],
  ["clickhouse://a,b/logs", "several servers need ?cluster=NAME"],
  ["clickhouse://me:100%@db/logs", "user and password are percent-encoded"],
];

describe("an address", () => {
  test.each(read)("%s", (text, is) => {
    expect(readStoreAddress(text, "given")).toMatchObject(is);
  });

  test.each(refused)("refused: %s", (text, words) => {
    let error: unknown;
    try {
      readStoreAddress(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(StoreAddressError);
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).not.toContain("secret");
  });

  test("a password is left out wherever it may stand", () => {
    for (const text of ["clickhouse://me:sec:ret@db/x", "clickhouse://me:sec@ret@db/x", "clickhouse://:sec/ret@db/x", "http://me:secret@db"]) {
      expect(redacted(text)).toMatch(/^\w+:\/\/(me)?:\*\*\*@db/);
    }
  });
});
