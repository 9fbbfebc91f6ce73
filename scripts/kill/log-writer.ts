/**
 * Writes to a log store until it is killed: `log-writer.ts FOLDER FIRST`. Prints the number of each write that was
 * acknowledged, and seals and joins segments all the while.
 */
import { writeSync } from "node:fs";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import { laterMs, operation, perform } from "./operations.ts";

const [folder, first] = [process.argv[2]!, Number(process.argv[3])];
const store = new EmbeddedStore({ folder, maxHotLogs: 400, threads: 1 });
writeSync(1, "ready\n");
for (let number = first; ; number++) {
  await perform(store, operation(number));
  writeSync(1, `${number}\n`);
  // All hours are over, so everything is sealed; joins follow.
  if (number % 6 === 0) void store.tend(laterMs, new Map());
}
