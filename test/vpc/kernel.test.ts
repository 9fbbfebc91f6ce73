/** The judge against the Linux kernel (nftables with connection tracking), packet by packet; `npm run oracle -- nftables` is the long form. */
import { randomInt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { kernelUnavailable, runCase } from "../../scripts/oracle/against-kernel.ts";

/** Seeds that found a difference once: each is a bug that must not come back. */
const kept = [6, 101, 110, 203, 206, 1036];
const fresh = [randomInt(2 ** 31), randomInt(2 ** 31), randomInt(2 ** 31)];

const unavailable = kernelUnavailable();
// In continuous integration only a kernel without user namespaces excuses: tools can be installed.
const isExcused = unavailable !== undefined && (process.env["FLOWLOGS_CI"] === undefined || !unavailable.isOurs);

describe.skipIf(isExcused)(`the Linux kernel gives the same verdicts${isExcused ? ` (skipped: ${unavailable.words})` : ""}`, () => {
  // At once, because a case mostly waits for timeouts to pass.
  test.concurrent.each([...kept, ...fresh])("seed %i", async (seed) => {
    expect(unavailable).toBeUndefined();
    const { differences, verdicts, tracked, rejected } = await runCase(seed, 500);
    expect(differences).toEqual([]);
    expect(verdicts).toBeGreaterThanOrEqual(500);
    expect(tracked + rejected).toBeGreaterThan(0);
  }, 120_000);
});
