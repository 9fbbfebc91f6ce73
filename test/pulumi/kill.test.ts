/** A `pulumi up` that is killed leaves nothing that the next one does not take up; `npm run long -- killed-up` does more. */
import { expect, test } from "vitest";
import { killedUps } from "../support/kills.ts";

test("pulumi up, killed again and again, ends as the program says and leaves nothing behind", async () => {
  const passages = await killedUps({ seed: 1, enough: 4, killsPerPassage: 2 });
  expect(passages.flatMap(({ faults }) => faults)).toEqual([]);
  expect(passages.flatMap(({ kills }) => kills).length).toBeGreaterThanOrEqual(4);
}, 240_000);
