/**
 * Runs everything that `npm test` promises: types, lint, and all tests, with the real engine. Ends with the line
 * `N passed, N failed`; the exit code is 1 when something failed. What was skipped is said, with the reason.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineUnavailable, findEngine } from "../src/testing/engine.ts";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

let passed = 0;
let failed = 0;

function step(what: string, command: string, ...args: string[]): boolean {
  console.log(`\n— ${what}`);
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status === 0) passed++;
  else failed++;
  return status === 0;
}

try {
  // Built before the tests, so that none of them waits for it.
  const engine = await findEngine((line) => console.log(line));
  console.log(`Pulumi engine: ${engine.origin}`);
} catch (error) {
  if (!(error instanceof EngineUnavailable)) throw error;
  console.error(error.message);
  failed++;
}

step("types", "tsc", "--noEmit");
step("lint", "eslint", "--max-warnings", "0");

const folder = mkdtempSync(join(tmpdir(), "flowlogs-test-"));
const reportPath = join(folder, "report.json");
console.log("\n— tests");
const run = spawnSync("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile=${reportPath}`, ...process.argv.slice(2)], {
  stdio: "inherit",
});
try {
  const report = JSON.parse(readFileSync(reportPath, "utf8")) as Report;
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that could not even be loaded has no failed test of its own.
  if (!report.success && report.numFailedTests === 0) failed += Math.max(1, report.numFailedTestSuites);
  const skipped = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "skipped" || status === "pending");
  if (skipped.length > 0) {
    console.log(`\n${skipped.length} skipped, because what they need is not on this machine:`);
    for (const { fullName } of skipped.slice(0, 20)) console.log(`  ${fullName}`);
  }
} catch {
  failed++;
}
if (run.status !== 0 && failed === 0) failed++;
rmSync(folder, { recursive: true, force: true });

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
