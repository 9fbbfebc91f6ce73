/** A disk that is full: refused by name, read on, gone on with; `npm run long -- disk-full` is the long form. */
import { randomInt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { diskUnavailable, fullDiskRound } from "../../scripts/disk-full/full-disk.ts";

const unavailable = diskUnavailable();

describe.skipIf(unavailable !== undefined)(`a full disk${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  test("filled three times: writes are refused by name, what was acknowledged stays, all goes on when there is space", async () => {
    const seed = randomInt(2 ** 31);
    const round = await fullDiskRound(seed, 3);
    expect({ seed, failures: round.failures, points: round.points }).toEqual({ seed, failures: [], points: 3 });
    expect(round.refusedUploads + round.refusedCalls + round.refusedPublications).toBeGreaterThan(3);
    expect(round.acknowledged).toBeGreaterThan(0);
  }, 300_000);
});
