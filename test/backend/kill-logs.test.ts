/** The log store killed with `kill -9` while it writes, seals and joins; `npm run long -- kill-logs` is the long form. */
import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { killRound } from "../../scripts/kill/kill-logs.ts";

test("25 kills at random points lose, halve and double nothing", async () => {
  const seed = randomInt(2 ** 31);
  const round = await killRound(seed, 25);
  expect({ seed, failures: round.failures, kills: round.kills }).toEqual({ seed, failures: [], kills: 25 });
  expect(round.acknowledged).toBeGreaterThan(25);
}, 300_000);
