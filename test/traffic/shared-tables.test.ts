/** Real captures against flow tables that two independent readers agree on. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { canonicalAddress } from "../../src/net/address.ts";
import { aggregateFiles } from "../support/aggregated.ts";
import { hasSharedData, sharedPath } from "../support/shared-data.ts";

interface Expected {
  readonly name: string;
  readonly folder: string;
  /** The table of the whole file, and that by windows of 60 seconds. */
  readonly whole: string;
  readonly byMinute: string | undefined;
  readonly hasFragments: boolean;
}

function expectedTables(): Expected[] {
  return ["pcaps", "bad"].flatMap((folder) =>
    readdirSync(sharedPath(folder)).flatMap((name) => {
      const table = (ending: string) => sharedPath("expected", `${name}${ending}`);
      const hasFragments = existsSync(table(".frag.csv"));
      const whole = hasFragments ? table(".frag.csv") : table(".csv");
      if (!existsSync(whole)) return [];
      return [{ name, folder, whole, byMinute: existsSync(table(".w60.csv")) ? table(".w60.csv") : undefined, hasFragments }];
    }),
  );
}

/** A table's rows with canonical addresses and whole seconds; the window's start, where there is one, is left out. */
function rowsOf(path: string): string[] {
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const skipped = header!.startsWith("window_start") ? 1 : 0;
  return lines.map((line) => {
    const [src, dst, ...rest] = line.split(",").slice(skipped);
    const times = rest.splice(5).map((time) => time.replace(/\..*$/, ""));
    return [canonicalAddress(src!), canonicalAddress(dst!), ...rest, ...times].join(",");
  });
}

function recordsOf(text: string): string[] {
  return text.trimEnd().split("\n").slice(1);
}

const tables = hasSharedData ? expectedTables() : [];

describe.skipIf(!hasSharedData)("the tables of the shared data (a newcomer's clone has none)", () => {
  test("are all there", () => {
    expect(tables.filter(({ folder }) => folder === "pcaps")).toHaveLength(73);
    expect(tables.filter(({ byMinute }) => byMinute !== undefined)).toHaveLength(31);
  });

  test.each(tables)("$name", async ({ name, folder, whole, byMinute, hasFragments }) => {
    const path = sharedPath(folder, name);
    const isLarge = statSync(path).size > 500_000;
    for (const threads of isLarge ? ([1, 2] as const) : ([1] as const)) {
      const { text } = await aggregateFiles([path], { threads });
      expect(recordsOf(text)).toEqual(rowsOf(whole));
    }
    if (byMinute === undefined) return;
    const { text } = await aggregateFiles([path], { intervalSeconds: 60, reassign: !hasFragments });
    expect(recordsOf(text)).toEqual(rowsOf(byMinute));
  });
});
