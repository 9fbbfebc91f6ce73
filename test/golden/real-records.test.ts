/** Real flow log lines of others: 14 fields come back byte for byte, anything else is refused. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatRecord, parseRecord } from "../../src/backend/flow/record.ts";
import { hasSharedData, sharedPath } from "../support/shared-data.ts";

// Skipped, saying so, where the folder of real input is not beside the checkout.
describe.skipIf(!hasSharedData)("lines of real flow logs", () => {
  const folder = sharedPath("flowlog-text");
  const files = hasSharedData ? readdirSync(folder).filter((name) => name.endsWith(".log")) : [];
  const isOther = (line: string) => line.split(" ").length !== 14 || !/^(2|V1) /.test(line);

  test.each(files)("%s", (name) => {
    const found = readFileSync(`${folder}/${name}`, "utf8").split("\n").filter((line) => line !== "");
    expect(found.length).toBeGreaterThan(0);
    for (const line of found) {
      if (isOther(line)) expect(() => parseRecord(line)).toThrow(/fields|must be/);
      else expect(formatRecord(parseRecord(line))).toBe(line);
    }
  });
});
