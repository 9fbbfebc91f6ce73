/** The stores against a naive scan, query by query; `npm run oracle -- queries` is the long form. */
import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { queryRound } from "../../scripts/oracle/queries.ts";
import { onEveryStore } from "../support/every-store.ts";

const seeds = [1, 2, 3, randomInt(2 ** 31)];

onEveryStore((kind) => {
  test.each(kind.name === "embedded" ? seeds : seeds.slice(2))("seed %i", async (seed) => {
    const { queries, refused, empty, differences } = await queryRound(seed, 60, kind.make, { selects: kind.name === "embedded" });
    expect(differences).toEqual([]);
    expect(queries - refused - empty).toBeGreaterThan(3);
  }, 180_000);
});
