/** The six records that the product document prints: read, written back, and (where they speak of packets) produced. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatRecord, parseRecord } from "../../src/backend/flow/record.ts";

const printed = readFileSync(new URL("product-document-records.txt", import.meta.url), "utf8").trimEnd().split("\n");

describe("the product document's records", () => {
  test("there are six", () => {
    expect(printed).toHaveLength(6);
  });

  test.each(printed)("%s", (line) => {
    expect(formatRecord(parseRecord(line))).toBe(line);
  });

  test("the fields of the accepted one", () => {
    expect(parseRecord(printed[0]!)).toEqual({
      version: "2",
      accountId: "1251762227",
      interfaceId: "eni-lq6mkcis",
      srcAddr: "172.31.16.139",
      dstAddr: "172.31.16.21",
      srcPort: 20_641,
      dstPort: 22,
      protocol: 6,
      packets: 20,
      bytes: 4249,
      start: 1_418_530_010,
      end: 1_418_530_070,
      action: "ACCEPT",
      logStatus: "OK",
    });
  });
});

const good = printed[0]!;
const refused: [why: string, line: string, words: string][] = [
  ["a field too few", good.replace(" OK", ""), "a record has 14 fields, this line has 13"],
  ["a field too many", `${good} 7`, "a record has 14 fields, this line has 15"],
  ["two spaces", good.replace(" 22 ", "  22 "), "this line has 15"],
  ["a port that is none", good.replace(" 22 ", " 65536 "), 'dstport: "65536" must be a whole number up to 65535'],
  ["a protocol that is none", good.replace(" 6 20 ", " 256 20 "), 'protocol: "256"'],
  ["a negative count", good.replace(" 4249 ", " -1 "), 'bytes: "-1"'],
  ["an address that is none", good.replace("172.31.16.21", "home"), 'dstaddr: "home" must be an IP address or -'],
  ["an action that is none", good.replace("ACCEPT", "DROP"), 'action: "DROP" must be one of ACCEPT, REJECT, -'],
  ["a status that is none", good.replace(" OK", " FINE"), 'log-status: "FINE"'],
  ["a version that is none", good.replace(/^2/, "V2"), 'version: "V2"'],
];

describe("lines that are no records are refused by field and value", () => {
  test.each(refused)("%s", (_why, line, words) => {
    expect(() => parseRecord(line)).toThrow(words);
  });
});
