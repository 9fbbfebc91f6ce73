/** A part of `npm run fuzz`: mutated captures through both readers. */
import { expect, test } from "vitest";
import { disagreement, FastReader, fuzzFile } from "../../scripts/fuzz/captures.ts";
import { readNaively } from "../support/naive-reader.ts";

const cases = 4000;

test("cases that once differed", () => {
  // Fragments whose times before 1970 were compared as the codes that stand for them.
    // Two fragment headers in one packet.
  for (const seed of [18_672, 18_675, 3_929_984, 3_929_987]) expect(disagreement(new FastReader(), fuzzFile(seed)), `case ${seed}`).toBeUndefined();
});

test(`${cases} mutated captures, some of them never seen before`, () => {
  const fast = new FastReader();
  const fresh = 16 * Math.floor(Date.now() / 1000);
  let packets = 0;
  for (let number = 0; number < cases; number++) {
    const seed = number < cases / 2 ? number : fresh + number;
    const file = fuzzFile(seed);
    expect(disagreement(fast, file), `case ${seed}`).toBeUndefined();
    packets += readNaively(file).packets;
  }
  // The cases are worth something only when most files can be read for a while.
  expect(packets).toBeGreaterThan(cases);
});
