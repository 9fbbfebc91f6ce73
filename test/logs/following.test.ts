/** Logs followed as they arrive, and exported page by page: each once, whatever is written meanwhile. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Chance } from "../../scripts/oracle/chance.ts";
import { beginSeconds, randomBatch, randomLogs } from "../../scripts/oracle/random-logs.ts";
import type { VirtualClock } from "../../src/backend/clock.ts";
import type { Cloud } from "../../src/backend/cloud.ts";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import type { IndexRule, LogStore } from "../../src/backend/logs/log-store.ts";
import type { ActionName } from "../../src/wire/actions.ts";
import { offer, startMs, testCloud } from "../support/cloud.ts";
import { onEveryStore } from "../support/every-store.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc } from "../support/network.ts";
import { batchOf } from "../support/packets.ts";
import { outcome, ways } from "../support/ways.ts";

const rule: IndexRule = { fullText: { caseSensitive: false, tokenizer: " " }, keyValue: undefined, tag: undefined };
const wanted = { query: { kind: "all" }, syntax: "cql", topics: ["a", "b"].map((id) => ({ id, index: rule, keptFromMs: 0 })) } as const;

onEveryStore((kind) => {
  let store: LogStore;
  let end: () => Promise<void>;

  beforeEach(async () => {
    ({ store, end } = await kind.make());
  });

  afterEach(() => end());

  async function follow(until: () => boolean): Promise<number[]> {
    const seen: number[] = [];
    for (let afterSequence = 0; ; ) {
      const isLast = until();
      const { logs, isAll, upToSequence } = await store.arrivals({ ...wanted, afterSequence, limit: 7 });
      seen.push(...logs.map(({ sequence }) => sequence));
      afterSequence = upToSequence;
      if (isAll && isLast) return seen;
      // Nothing new is known at once: others get their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  test("many writers and small pages: each log once, in order", async () => {
    const turns = kind.name === "embedded" ? 12 : 4;
    let isWritten = false;
    const writer = async (writer: number) => {
      for (let turn = 0; turn < turns; turn++) {
        const chance = new Chance(writer * 100 + turn);
        const topic = chance.of(["a", "b", "other"]);
        if (chance.percent(70)) await store.writeRecords(topic, rule, randomBatch(chance, `${writer} ${turn}`, 1 + chance.below(20), true));
        else await store.writeLogs(topic, rule, randomLogs(chance, 1 + chance.below(5)));
      }
    };
    const following = [follow(() => isWritten), follow(() => isWritten), follow(() => isWritten)];
    await Promise.all(Array.from({ length: 8 }, (_, index) => writer(index)));
    isWritten = true;
    const all = await store.search({ ...wanted, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, newestFirst: false, limit: 100_000 });
    const expected = all.logs.map(({ sequence }) => sequence).toSorted((a, b) => a - b);
    for (const seen of await Promise.all(following)) expect(seen).toEqual(expected);
    expect(expected.length).toBeGreaterThan(turns * 30);
  }, 60_000);

  test("keys: a record's fields, then those of other logs by name; of what is wanted only", async () => {
    const condition = { ...wanted, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    await store.writeLogs("a", rule, [{ timeMs: beginSeconds * 1000, stream: "", source: "", values: [["z", "1"], ["b", "2"]], tags: [] }]);
    expect(await store.keys(condition, 100)).toEqual(["b", "z"]);
    await store.writeRecords("a", rule, randomBatch(new Chance(3), "3", 5, false));
    expect((await store.keys(condition, 100)).slice(0, 3)).toEqual(["version", "account-id", "interface-id"]);
    expect(await store.keys(condition, 1)).toEqual(["b", "z"]);
    expect(await store.keys({ ...condition, fromMs: 0, toMs: 1 }, 100)).toEqual([]);
  });
});

test("a restart goes on where it stood; another condition finds its own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-following-"));
  let store = new EmbeddedStore({ folder, maxHotLogs: 400 });
  await store.writeRecords("a", rule, randomBatch(new Chance(1), "1", 50, true));
  const { upToSequence } = await store.arrivals({ ...wanted, afterSequence: 0, limit: 100 });
  expect(upToSequence).toBe(50);
  await store.close();
  store = new EmbeddedStore({ folder });
  await store.writeRecords("b", rule, randomBatch(new Chance(2), "2", 50, true));
  const next = await store.arrivals({ ...wanted, afterSequence: upToSequence, limit: 100 });
  expect(next.logs.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, place) => 51 + place));
  const nothing = await store.arrivals({ ...wanted, topics: [{ id: "a", index: rule, keptFromMs: 0 }], afterSequence: 50, limit: 100 });
  expect(nothing).toEqual({ logs: [], isAll: true, upToSequence: 100, damage: [] });
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(["in the process", "over HTTP with our client"] as const)("ExportLogs and TailLogs %s", (name) => {
  let way: Awaited<ReturnType<(typeof ways)[typeof name]>>;
  let TopicIds: string[];
  // A window without traffic has one record: NODATA.
  const write = () => way.advance(600_000);

  beforeAll(async () => {
    way = await ways[name]();
    const cloud = { call: way.call } as unknown as Cloud;
    const vpc = await makeVpc(cloud);
    await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.16.0/24"), "172.31.16.10");
    TopicIds = [await makeTopic(cloud)];
    await makeFlowLog(cloud, vpc, TopicIds[0]!);
  });

  afterAll(() => way.close());

  test("an export is what was there, page by page; following goes on behind it", async () => {
    for (let window = 0; window < 12; window++) await write();
    const whole = await way.call("ExportLogs", { TopicIds, Limit: 10_000 });
    expect(whole).toMatchObject({ ListOver: true, Context: "", Keys: [], Unread: [] });
    const seen: string[] = [];
    let page = await way.call("ExportLogs", { TopicIds, Limit: 5, TextOnly: true });
    const { Cursor } = page;
    for (; ; page = await way.call("ExportLogs", { TopicIds, Limit: 5, TextOnly: true, Context: page.Context })) {
      seen.push(...page.Results.map(({ RawLog }) => RawLog));
      expect(page.Results.every(({ LogJson }) => LogJson === "")).toBe(true);
      if (page.ListOver) break;
      await write();
    }
    expect(seen).toEqual(whole.Results.map(({ RawLog }) => RawLog));
    const arrived = await way.call("TailLogs", { TopicIds, Cursor, Limit: 1 });
    expect(arrived).toMatchObject({ ListOver: false, Anew: false, Results: [{ FileName: expect.stringMatching(/^eni-/) as string }] });
    const rest = await way.call("TailLogs", { TopicIds, Cursor: arrived.Cursor });
    expect(rest).toMatchObject({ ListOver: true });
    const after = await way.call("ExportLogs", { TopicIds, Sort: "desc" });
    expect([...rest.Results.toReversed(), ...arrived.Results, ...whole.Results.toReversed()]).toEqual(after.Results);
  });

  test("following begins with the first answer's cursor", async () => {
    const { Cursor, ...first } = await way.call("TailLogs", { TopicIds, QueryString: "NODATA" });
    expect(first).toMatchObject({ Results: [], ListOver: true, Anew: false });
    expect(await way.call("TailLogs", { TopicIds, Cursor })).toMatchObject({ Results: [], Cursor });
    await write();
    expect((await way.call("TailLogs", { TopicIds, Cursor, QueryString: "NODATA" })).Results).toHaveLength(1);
    expect((await way.call("TailLogs", { TopicIds, Cursor, QueryString: "REJECT" })).Results).toHaveLength(0);
    const elsewhere = `${"0".repeat(8)}-0000-4000-8000-${"0".repeat(12)}.5`;
    expect(await way.call("TailLogs", { TopicIds, Cursor: elsewhere, Limit: 1 })).toMatchObject({ Anew: true, Results: [{}] });
  });

  const refused: readonly (readonly [action: ActionName, request: object, words: string])[] = [
    ["TailLogs", { TopicIds: ["nowhere"] }, 'TopicId: "nowhere" does not exist'],
    ["TailLogs", { Cursor: "5" }, 'Cursor: "5" is no cursor that TailLogs or ExportLogs has given out'],
    ["TailLogs", { QueryString: "a AND (" }, "Query, character 8: a word was expected"],
    ["TailLogs", { QueryString: "a | select 1" }, 'QueryString: "a | select 1" has an SQL part'],
    ["TailLogs", { Limit: 0 }, "Limit: 0 must be"],
    ["TailLogs", { TopicIds: undefined }, "TopicIds: this parameter is required"],
    ["ExportLogs", { Context: "x" }, 'Context: "x" is no context'],
    ["ExportLogs", { From: 5, To: 5 }, "From: 5 must be before To (5)"],
    ["ExportLogs", { QueryString: "colour:red" }, "there is no key-value index on colour"],
  ];
  test.each(refused)("%s %j: %s", async (action, request, words) => {
    const said = await outcome(way.call(action, { TopicIds, ...request }));
    expect(said).toContain(words);
  });
});

describe("a virtual clock", () => {
  let cloud: Cloud;
  let clock: VirtualClock;
  beforeAll(() => {
    ({ cloud, clock } = testCloud());
  });
  afterAll(() => cloud.close());

  test("hours pass between two pages of an export: it goes on", async () => {
    const vpc = await makeVpc(cloud);
    await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.16.0/24"), "172.31.16.10");
    const TopicIds = [await makeTopic(cloud)];
    await makeFlowLog(cloud, vpc, TopicIds[0]!);
    await offer(cloud, batchOf(...[1, 2, 3].map((sport) => ({ src: "203.0.113.12", dst: "172.31.16.10", sport, dport: 22, flags: "S", at: sport }))));
    await clock.moveTo(startMs + 900_000);
    const first = await cloud.call("ExportLogs", { TopicIds, Limit: 2 });
    await clock.advance(24 * 3_600_000);
    const second = await cloud.call("ExportLogs", { TopicIds, Limit: 2, Context: first.Context });
    expect([...first.Results, ...second.Results].map(({ Time }) => Time)).toEqual([1, 2, 3].map((second) => startMs + second * 1000));
  });
});
