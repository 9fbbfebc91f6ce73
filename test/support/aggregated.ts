/** Aggregating captures in a test: the records as text, and the totals. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AggregateOptions, type AggregateTotals, aggregateCaptures } from "../../src/backend/traffic/aggregate.ts";

/** Options as the command's defaults are, for one window and everything in it. */
const usual: Omit<AggregateOptions, "output"> = {
  intervalSeconds: 0,
  reassign: true,
  withAll: true,
  format: "csv",
  activation: 0,
  seed: [1, 2],
  threads: 1,
};

/** Aggregates files by their paths. */
export async function aggregateFiles(
  paths: readonly string[],
  options: Partial<AggregateOptions> = {},
): Promise<{ text: string; totals: AggregateTotals }> {
  const folder = mkdtempSync(join(tmpdir(), "records-"));
  const path = join(folder, "records");
  const output = openSync(path, "w");
  try {
    const totals = await aggregateCaptures(paths, { ...usual, ...options, output });
    return { text: readFileSync(path, "latin1"), totals };
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true });
  }
}

/** Aggregates captures that are in memory, each as a file of its own. */
export async function aggregateBytes(
  files: readonly Uint8Array[],
  options: Partial<AggregateOptions> = {},
): Promise<{ text: string; totals: AggregateTotals }> {
  const folder = mkdtempSync(join(tmpdir(), "captures-"));
  try {
    const paths = files.map((bytes, place) => {
      const path = join(folder, `${place}.pcap`);
      writeFileSync(path, bytes);
      return path;
    });
    return await aggregateFiles(paths, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
