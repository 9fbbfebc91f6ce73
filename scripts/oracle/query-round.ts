/** A store filled from a seed and asked many queries, as a round of the long run. */
import { mkdtempSync, existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import type { RoundResult } from "../long/seeds.ts";
import { Chance } from "./chance.ts";
import { queryRound } from "./queries.ts";
import type { StoreMaker } from "./stores.ts";

const queriesOfRound = 400;

/** An embedded store on a disk in memory where there is one: disks are not what is asked. */
const quickStore: StoreMaker = async () => {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "flowlogs-queries-"));
  const store = new EmbeddedStore({ folder, threads: 1 });
  return {
    store,
    async end() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Asks a store; in three of four seeds its logs lie in one hour, which takes fewer statements for a query. */
export async function round(seed: number): Promise<RoundResult> {
  const hours = new Chance(seed ^ 0x40_5e).percent(75) ? 1 : 4;
  const { queries, refused, empty, paged, counted, selects, differences } = await queryRound(seed, queriesOfRound, quickStore, { selects: true, hours });
  const counts = {
    stores: 1,
    queries: queries - refused,
    "counted by stretches of time": counted,
    "with a SELECT": selects,
    "page by page, while more was written": paged,
    "found nothing": empty,
    "refused beside them": refused,
  };
  return { counts, failures: differences };
}
