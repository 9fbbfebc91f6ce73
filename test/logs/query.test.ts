/** The query language, row by row: what a condition finds in one record, in both syntaxes, and how it is refused. */
import { describe, expect, test } from "vitest";
import { readIndexRule } from "../../src/backend/actions/cls/index-rules.ts";
import { parseRecord, recordFieldNames, recordValues } from "../../src/backend/flow/record.ts";
import { QuerySyntaxError, type Syntax } from "../../src/backend/logs/query/ast.ts";
import { checkQuery } from "../../src/backend/logs/query/fields.ts";
import { parseQuery } from "../../src/backend/logs/query/parser.ts";
import type { Index } from "../../src/backend/logs/topic.ts";
import { matcher, type Searchable } from "../support/naive-matcher.ts";
import { wholeIndex } from "../support/network.ts";

const line = "2 1251762227 eni-lq6mkcis 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK";
const values = recordValues(parseRecord(line));
const record: Searchable = {
  text: line,
  values: new Map(recordFieldNames.map((name, index) => [name, values[index]!])),
  tags: new Map([["direction", "ingress"]]),
};

const index: Index = {
  topicId: "t",
  enabled: true,
  ...readIndexRule({ ...wholeIndex, Tag: { CaseSensitive: true, KeyValues: [{ Key: "direction", Value: { Type: "text" } }] } }),
  includeInternalFields: false,
  metadataFlag: 0,
  coverageField: "",
  modifiedMs: 0,
};

function finds(query: string, syntax: Syntax, by: Index = index): boolean {
  const parsed = parseQuery(query, syntax);
  checkQuery(parsed, by);
  return matcher(parsed, by, syntax)(record);
}

const cql: [query: string, found: boolean][] = [
  ["", true],
  ["*", true],
  ["REJECT", true],
  ["reject", true],
  ["ACCEPT", false],
  ["172.31.9.69", true],
  ["172.31.9.6", false],
  ["172.31.9.*", true],
  ["172.31.8.*", false],
  ["eni-lq6mkcis", true],
  ["REJECT 3389", true],
  ["REJECT 22", false],
  ["REJECT AND 3389", true],
  ["REJECT and 22", false],
  ["ACCEPT OR 3389", true],
  ["ACCEPT or 22", false],
  ["NOT ACCEPT", true],
  ["REJECT NOT 3389", false],
  ["not not REJECT", true],
  ["ACCEPT OR REJECT AND 22", false],
  ["(ACCEPT OR REJECT) AND 3389", true],
  ["action:REJECT", true],
  ["action:reject", true],
  ["action:ACCEPT", false],
  ["action:(ACCEPT OR REJECT)", true],
  ["action:REJ*", true],
  ["dstport:3389", true],
  ["dstport:338", false],
  ["srcport:3389", false],
  ["dstport>3000", true],
  ["dstport:>3388", true],
  ["dstport >= 3389", true],
  ["dstport<3389", false],
  ["dstport<=3389", true],
  ["bytes=4249", true],
  ["packets>20", false],
  ["dstport>3000 AND dstport<4000", true],
  ["dstport:*", true],
  ['dstport:""', false],
  ['action:""', false],
  ["log-status:OK", true],
  ['"3389 6"', true],
  ['"6 3389"', false],
  ["'REJECT OK'", true],
  ['"OK REJECT"', false],
  ['"REJ* OK"', true],
  ["__TAG__.direction:ingress", true],
  ["__TAG__.direction:egress", false],
  [String.raw`"172.31.9.69"`, true],
];

const lucene: [query: string, found: boolean][] = [
  ["REJECT", true],
  ["ACCEPT REJECT", true],
  ["ACCEPT 22", false],
  ["REJECT AND 22", false],
  ["REJECT and 3389", true],
  ["ACCEPT and 22", false],
  ["NOT ACCEPT", true],
  ["-ACCEPT", true],
  ["!REJECT", false],
  ["+REJECT", true],
  ["REJECT && 3389", true],
  ["ACCEPT || 3389", true],
  ["dstport:[3000 TO 4000]", true],
  ["dstport:{3389 TO 4000]", false],
  ["dstport:[3389 TO 4000}", true],
  ["dstport:[* TO 3389}", false],
  ["dstport:[3389 TO *]", true],
  ["dstport:>3388", true],
  ["_exists_:dstport", true],
  ["dstport:*", true],
  ["172.31.9.?9", true],
  ["172.31.9.6?", true],
  ["172.31.?.69", true],
  ["17?.31", false],
  [String.raw`eni\-lq6mkcis`, true],
];

describe("CQL", () => {
  test.each(cql)("%s → %s", (query, found) => {
    expect(finds(query, "cql")).toBe(found);
  });
});

describe("Lucene", () => {
  test.each(lucene)("%s → %s", (query, found) => {
    expect(finds(query, "lucene")).toBe(found);
  });
});

const refused: [query: string, syntax: Syntax, at: number, words: string][] = [
  ["(REJECT", "cql", 0, "the ( opened here is never closed"],
  ["REJECT)", "cql", 6, ") does not belong here"],
  ["REJECT AND", "cql", 10, "a word was expected, not the end of the query"],
  ["AND REJECT", "cql", 0, "a word was expected, not AND"],
  ['"REJECT', "cql", 0, 'the " opened here is never closed'],
  ["*JECT", "cql", 0, "a wildcard cannot stand at the start of a word"],
  ["colour:red", "cql", 0, "there is no key-value index on colour"],
  ["dstport:ssh", "cql", 0, "dstport is indexed as long: its value must be a number"],
  ["dstport>ssh", "cql", 8, 'dstport is compared with "ssh", which is not a number'],
  ["action>5", "cql", 0, "action is indexed as text: only long and double compare"],
  [">5", "cql", 0, "> needs a key before it"],
  ["dstport:", "cql", 8, "a value for dstport was expected"],
  ["REJECT | select count(*)", "cql", 7, "an SQL part cannot stand here"],
  ["dstport:[1 TO 2", "lucene", 8, "the range opened here is never closed"],
  ["dstport:[1 2]", "lucene", 11, "TO was expected"],
  ["(".repeat(70), "cql", 64, "nested deeper than 64"],
  ['""', "cql", 0, "an empty phrase finds nothing"],
];

describe("what cannot be read is refused at its place", () => {
  test.each(refused)("%s (%s)", (query, syntax, at, words) => {
    let error: unknown;
    try {
      finds(query, syntax);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(QuerySyntaxError);
    expect((error as QuerySyntaxError).message).toContain(words);
    expect((error as QuerySyntaxError).at).toBe(at);
  });

  test("words need a full-text index", () => {
    expect(() => finds("REJECT", "cql", { ...index, fullText: undefined })).toThrow("the topic has no full-text index");
    expect(finds("action:REJECT", "cql", { ...index, fullText: undefined })).toBe(true);
  });

  test("case matters where the index says so", () => {
    const sensitive = { ...index, fullText: { ...index.fullText!, caseSensitive: true } };
    expect(finds("REJECT", "cql", sensitive)).toBe(true);
    expect(finds("reject", "cql", sensitive)).toBe(false);
  });
});
