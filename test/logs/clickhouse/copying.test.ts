/** Copies of topics from one store to the other and back: every log as it was, once, however often it is copied. */
import { expect, test } from "vitest";
import { Chance } from "../../../scripts/oracle/chance.ts";
import { randomBatch, randomLogs, randomRule } from "../../../scripts/oracle/random-logs.ts";
import { embeddedStore } from "../../../scripts/oracle/stores.ts";
import { type CopiedStore, copyTopic } from "../../../src/backend/logs/copying.ts";
import type { KeptLog } from "../../../src/backend/logs/log-store.ts";
import { rebuiltBatch } from "../../../src/backend/logs/rebuilt-batch.ts";
import { recordLogs } from "../../support/plain-records.ts";
import { onClickhouse } from "../../support/every-store.ts";

/** Everything of a topic with the rules that govern it, in the order in which it is kept. */
async function contents(store: CopiedStore): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const { rule, logs } of store.portions("t", 40)) all.push(...logs.map(({ sequence: _, ...log }) => ({ rule, log })));
  return all;
}

async function fill(store: CopiedStore): Promise<void> {
  const chance = new Chance(9);
  const rules = [randomRule(chance), randomRule(chance), undefined];
  for (let turn = 0; turn < 6; turn++) {
    await store.writeRecords("t", rules[turn % 3], randomBatch(chance, `batch ${turn}`, 60, true));
    await store.writeLogs("t", rules[turn % 3], randomLogs(chance, 20));
    if (turn === 3) await store.tend(Number.MAX_SAFE_INTEGER, new Map());
  }
}

test("records are rebuilt from the logs that are given back of them", () => {
  const batch = randomBatch(new Chance(3), "b", 300, true);
  const logs = recordLogs(batch).map((log, sequence): KeptLog => ({ ...log, topicId: "t", sequence }));
  expect(recordLogs(rebuiltBatch("b", logs))).toEqual(recordLogs(batch));
});

onClickhouse(1, (kind) => {
  const pair = async () => {
    const [embedded, clickhouse] = [await embeddedStore(), await kind.make()];
    const end = async () => {
      await embedded.end();
      await clickhouse.end();
    };
    return { embedded: embedded.store as CopiedStore, clickhouse: clickhouse.store as CopiedStore, end };
  };

  test("there, again, and back into another folder", async () => {
    const { embedded, clickhouse, end } = await pair();
    await fill(embedded);
    const all = await contents(embedded);
    expect(await copyTopic(embedded, clickhouse, "t", () => {})).toBe(480);
    expect(await contents(clickhouse)).toEqual(all);
    expect(await copyTopic(embedded, clickhouse, "t", () => {})).toBe(480);
    expect(await contents(clickhouse)).toEqual(all);
    // A publication that comes again is known in its new place too.
    const again = new Chance(9);
    const rule = randomRule(again);
    randomRule(again);
    await clickhouse.writeRecords("t", rule, randomBatch(again, "batch 0", 60, true));
    expect(await contents(clickhouse)).toEqual(all);
    const other = await embeddedStore();
    await copyTopic(clickhouse, other.store as CopiedStore, "t", () => {});
    expect(await contents(other.store as CopiedStore)).toEqual(all);
    await other.end();
    await end();
  });

  test("a copy that was interrupted goes on", async () => {
    const { embedded, clickhouse, end } = await pair();
    await fill(embedded);
    const interrupted = copyTopic(embedded, clickhouse, "t", (logs) => {
      if (logs > 200) throw new Error("interrupted");
    });
    await expect(interrupted).rejects.toThrow("interrupted");
    expect((await clickhouse.usage("t")).logs).toBeGreaterThan(100);
    expect(await copyTopic(embedded, clickhouse, "t", () => {})).toBe(480);
    expect(await contents(clickhouse)).toEqual(await contents(embedded));
    await end();
  });

  test("what was not copied there is not mixed with what is, and a difference is told", async () => {
    const { embedded, clickhouse, end } = await pair();
    await fill(embedded);
    await clickhouse.writeLogs("t", undefined, randomLogs(new Chance(1), 5));
    await expect(copyTopic(embedded, clickhouse, "t", () => {})).rejects.toThrow(/already holds 5 logs of the topic t, which were not copied there/);
    await clickhouse.deleteTopic("t");
    await copyTopic(embedded, clickhouse, "t", () => {});
    await clickhouse.writeLogs("t", undefined, randomLogs(new Chance(1), 5));
    await expect(copyTopic(embedded, clickhouse, "t", () => {})).rejects.toThrow(/has 480 logs in .*, of which 480 could be read, and 485 in clickhouse:/);
    await end();
  });
});
