/** The figures that the quickstart prints, held against what tshark made of the capture. */
import { readFileSync } from "node:fs";

/** One record as expected.json has it; times are seconds since the first packet. */
export interface ExpectedRecord {
  readonly eni: "web" | "app" | "db";
  readonly action: "ACCEPT" | "REJECT";
  readonly srcaddr: string;
  readonly dstaddr: string;
  readonly srcport: number;
  readonly dstport: number;
  readonly protocol: number;
  readonly packets: number;
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
  /** Who rejects: the layer, and the resource's name in the program. */
  readonly by?: { readonly layer: string; readonly name: string; readonly direction: string; readonly rule: number };
}

/** What examples/quickstart/make_expected.py wrote. */
export interface Expected {
  readonly replay: Readonly<Record<string, number>>;
  readonly records: readonly ExpectedRecord[];
}

export function readExpected(): Expected {
  const path = new URL("../../examples/quickstart/expected.json", import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Expected;
}

/** Counts comparisons and keeps the ones that failed. */
export class Checks {
  made = 0;
  readonly failed: string[] = [];

  /** Compares two plain values whole. */
  same(what: string, found: unknown, expected: unknown): void {
    this.made++;
    const [left, right] = [stable(found), stable(expected)];
    if (left !== right) this.failed.push(`${what}: found ${left}, expected ${right}`);
  }

  /** Compares two lists whatever their order; each item counts. */
  sameSet(what: string, found: readonly unknown[], expected: readonly unknown[]): void {
    this.made += expected.length;
    const left = found.map(stable);
    const right = new Set(expected.map(stable));
    for (const item of left) if (!right.delete(item)) this.failed.push(`${what}: found ${item}, which is not expected`);
    for (const item of right) this.failed.push(`${what}: ${item} was expected and not found`);
  }
}

/** A value as text, its keys in one order. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    const isMap = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isMap ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
}
