/** What the store on ClickHouse promises beside what it finds: each batch once whatever fails, nothing lost, retention, deletion, one writer. */
import { createServer, type Server, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Chance } from "../../../scripts/oracle/chance.ts";
import { beginSeconds, randomBatch, randomLogs } from "../../../scripts/oracle/random-logs.ts";
import { statement, storeUrl } from "../../../scripts/oracle/stores.ts";
import { readStoreAddress } from "../../../src/backend/logs/clickhouse/address.ts";
import { ClickhouseStore } from "../../../src/backend/logs/clickhouse/clickhouse-store.ts";
import type { Condition, IndexRule, LogStore } from "../../../src/backend/logs/log-store.ts";
import { formatIpv6 } from "../../../src/net/address.ts";
import type { ClickhouseServer } from "../../support/clickhouse.ts";
import { onClickhouse } from "../../support/every-store.ts";

const rule: IndexRule = { fullText: { caseSensitive: false, tokenizer: " " }, keyValue: undefined, tag: undefined };
const beginMs = beginSeconds * 1000;
const laterMs = beginMs + 2 * 86_400_000;

const batch = (seed: number, hasIpv6 = true) => randomBatch(new Chance(seed), `batch ${seed}`, 100, hasIpv6);
const everything = (keptFromMs = 0): Condition => ({
  query: { kind: "all" },
  syntax: "cql",
  topics: [{ id: "t", index: rule, keptFromMs }],
  fromMs: 0,
  toMs: Number.MAX_SAFE_INTEGER,
});
const lines = async (store: LogStore, keptFromMs = 0) => (await store.search({ ...everything(keptFromMs), newestFirst: false, limit: 1000 })).logs.map(({ text }) => text);

onClickhouse(1, (_, servers) => {
  let server: ClickhouseServer;
  let database: string;
  let store: ClickhouseStore;
  let count = 0;

  const open = (owner = "me", writer = "first", port = server.httpPort) =>
    new ClickhouseStore({ address: readStoreAddress(storeUrl([{ ...server, httpPort: port }], database)), owner, writer });

  beforeEach(() => {
    server = servers()[0]!;
    database = `s${++count}`;
    store = open();
  });

  afterEach(async () => {
    await store.close();
    await statement(server, `DROP DATABASE IF EXISTS ${database} SYNC`);
  });

  const parts = async (kind = "record") => Number(await statement(server, `SELECT count() FROM system.parts WHERE active AND rows > 0 AND database = '${database}' AND table = '${kind}_local'`));

  test("a batch that comes again is kept once: at once, and after a restart", async () => {
    await store.writeRecords("t", rule, batch(1));
    await store.writeRecords("t", rule, batch(1));
    expect(await lines(store)).toHaveLength(100);
    await store.close();
    store = open();
    await store.writeRecords("t", rule, batch(1));
    await store.writeRecords("t", rule, batch(2));
    expect(await lines(store)).toHaveLength(200);
    expect(await store.usage("t")).toMatchObject({ logs: 200 });
  });

  describe("a connection that breaks", () => {
    let proxy: BreakingProxy;

    beforeEach(async () => {
      proxy = new BreakingProxy(server.httpPort);
      await store.close();
      store = open("me", "first", await proxy.listen());
      await store.open();
    });

    afterEach(() => proxy.close());

    test("behind an insert: what was sent again is kept once", async () => {
      proxy.breakNext("INSERT", 2);
      await store.writeRecords("t", rule, batch(1));
      proxy.breakNext("INSERT", 1);
      await store.writeLogs("t", rule, randomLogs(new Chance(1), 50));
      expect(proxy.broken).toBe(3);
      expect(await lines(store)).toHaveLength(150);
      expect(await store.usage("t")).toMatchObject({ logs: 150 });
    });

    test("again and again: the batch fails, and is kept once when it comes again, to this process or the next", async () => {
      proxy.breakNext("INSERT", 20);
      await expect(store.writeRecords("t", rule, batch(1))).rejects.toThrow(/the log store's server 127\.0\.0\.1:\d+ cannot be reached/);
      proxy.breakNext("INSERT", 0);
      await store.close();
      store = open();
      await store.writeRecords("t", rule, batch(1));
      expect(await lines(store)).toHaveLength(100);
    });
  });

  test("kill -9 of the server: nothing acknowledged is lost, nothing is doubled, sequences go on", async () => {
    let acknowledged = 0;
    const writing = (async () => {
      for (let seed = 1; ; seed++) {
        await store.writeRecords("t", rule, batch(seed));
        acknowledged = seed;
      }
    })().catch(() => {});
    while (acknowledged < 5) await new Promise((resolve) => setTimeout(resolve, 10));
    await server.kill();
    await writing;
    const failing = store.writeRecords("t", rule, batch(1000));
    await expect(failing).rejects.toThrow(/cannot be reached: connect ECONNREFUSED/);
    await server.restart();
    // The publication that was under way comes again, and so do some before it.
    for (let seed = acknowledged; seed <= acknowledged + 1; seed++) await store.writeRecords("t", rule, batch(seed));
    const { logs } = await store.search({ ...everything(), newestFirst: false, limit: 10_000 });
    expect(logs).toHaveLength((acknowledged + 1) * 100);
    expect(new Set(logs.map(({ sequence }) => sequence)).size).toBe(logs.length);
  });

  test("what has outlived its retention is not found, and then removed, whole days as partitions; what was taken in stays counted", async () => {
    await store.writeRecords("t", rule, batch(1));
    await store.writeLogs("t", rule, randomLogs(new Chance(1), 50));
    const { ingestedBytes } = await store.usage("t");
    const all = await lines(store);
    const kept = await lines(store, beginMs + 5_400_000);
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(all.length - 10);
    expect(await store.tend(laterMs, new Map([["t", beginMs + 2 * 3_600_000]]))).toBe(beginMs + 3 * 3_600_000 + (laterMs - beginMs - 2 * 3_600_000));
    const left = await lines(store);
    expect(left).toEqual((await lines(store, beginMs + 2 * 3_600_000)));
    expect(await store.usage("t")).toMatchObject({ logs: left.length, ingestedBytes });
    await store.close();
    store = open();
    expect(await store.usage("t")).toMatchObject({ logs: left.length, ingestedBytes });
    // Another topic keeps its logs for ever: the day stays, and this topic's rows go.
    await store.writeRecords("u", rule, batch(2));
    await store.tend(laterMs, new Map([["t", laterMs]]));
    expect([await lines(store), await store.usage("t")]).toMatchObject([[], { logs: 0, storedBytes: 0, ingestedBytes }]);
    expect(await store.usage("u")).toMatchObject({ logs: 100 });
    expect(await store.tend(laterMs, new Map([["t", laterMs], ["u", laterMs]]))).toBeUndefined();
    expect(await parts()).toBe(0);
  });

  test("a deleted topic's logs go, and a new one of its name is empty", async () => {
    await store.writeRecords("t", rule, batch(1));
    await store.writeRecords("u", rule, batch(1));
    await store.deleteTopic("t");
    expect(await lines(store)).toEqual([]);
    await store.writeRecords("t", rule, batch(1));
    expect(await lines(store)).toHaveLength(100);
    await store.keepOnly(new Set(["t"]));
    expect([await store.usage("u"), await store.countStreams("u")]).toEqual([{ logs: 0, storedBytes: 0, ingestedBytes: 0, segmentBytes: 0 }, 0]);
    expect(await store.countStreams("t")).toBe(4);
  });

  test("a database belongs to one control plane, and one process writes to it at a time: the newest", async () => {
    await store.writeRecords("t", rule, batch(1));
    const stranger = open("somebody else", "other");
    await expect(stranger.open()).rejects.toThrow(/holds the logs of another backend's topics: name another database/);
    await stranger.close();
    const second = open("me", "second");
    await second.writeRecords("t", rule, batch(2));
    await expect(store.writeRecords("t", rule, batch(3))).rejects.toThrow(/another backend writes to the log store clickhouse:\/\/flowlogs:\*\*\*@127\.0\.0\.1:\d+\/s\d+ now/);
    expect(await lines(second)).toHaveLength(200);
    await second.close();
  });

  test("pages of one search are complete, whatever is written meanwhile", async () => {
    for (let seed = 1; seed <= 3; seed++) await store.writeRecords("t", rule, batch(seed));
    const whole = (await store.search({ ...everything(), newestFirst: true, limit: 1000 })).logs.map(({ sequence }) => sequence);
    const found: number[] = [];
    let page = await store.search({ ...everything(), newestFirst: true, limit: 17 });
    for (let seed = 4; ; seed++) {
      found.push(...page.logs.map(({ sequence }) => sequence));
      if (page.isAll) break;
      if (seed < 12) await store.writeRecords("t", rule, batch(seed));
      const after = page.logs.at(-1)!;
      page = await store.search({ ...everything(), newestFirst: true, limit: 17, after, upToSequence: page.upToSequence });
    }
    expect(found).toEqual(whole);
  });

  test("IPv6 addresses are written as they are in a record's line, whatever ClickHouse would write", async () => {
    const addresses = ["::", "::1", "::2:3", "::1:0", "::ffff:1.2.3.4", "::1.2.3.4", "1::", "1:2:3:4:5:6:7:8", "2001:db8::1:0:0:1", "2001:0:0:1::1", "fe80::a:b", "::a:b:c", "0:0:0:0:0:1:2:3", "::100:20"];
    const given = batch(1);
    const ipv6 = Buffer.concat(addresses.map((text) => bytesOf(text)));
    const place = given.src.map((_, row) => row % addresses.length);
    await store.writeRecords("t", rule, { ...given, ipv6, src: place, dst: place, family: given.family.map((family) => (family === 0 ? 0 : 6)) });
    const { logs } = await store.search({ ...everything(), newestFirst: false, limit: 1000 });
    const shown = new Set(logs.filter(({ values }) => values[3]![1] !== "-").map(({ values }) => values[3]![1]));
    const written = new Set(addresses.map((text) => formatIpv6(BigInt(`0x${bytesOf(text).toString("hex")}`))));
    expect(shown).toEqual(written);
    for (const text of written) {
      const expected = logs.filter(({ values }) => values[3]![1] === text).length;
      for (const pieces of [[text], [text.slice(0, -1), { wildcard: "one" } as const]]) {
        const found = await store.search({ ...everything(), query: { kind: "word", key: undefined, pieces, at: 0 }, newestFirst: false, limit: 1000 });
        expect([text, found.logs.filter(({ values }) => values[3]![1] === text).length]).toEqual([text, expected]);
      }
    }
  });
});

/** Sixteen bytes of an address, by Node's own reading of it. */
function bytesOf(text: string): Buffer {
  const groups = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(8 - groups.flat().length).fill("0");
  const all = groups.length === 1 ? groups[0]! : [...groups[0]!, ...zeros, ...groups[1]!];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** Passes requests on to a server; some it lets the server carry out and then hangs up instead of passing the answer back. */
class BreakingProxy {
  broken = 0;
  private readonly target: number;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private mark = "";
  private left = 0;

  constructor(target: number) {
    this.target = target;
    this.server = createServer((client) => this.serve(client));
  }

  /** The next so many requests that hold a word are answered with silence. */
  breakNext(mark: string, count: number): void {
    this.mark = mark;
    this.left = count;
  }

  private serve(client: Socket): void {
    const upstream = new Socket().connect(this.target, "127.0.0.1");
    let isMarked = false;
    for (const each of [client, upstream]) this.sockets.add(each.on("error", () => {}));
    client.on("data", (bytes) => {
      if (this.left > 0 && bytes.includes(this.mark)) isMarked = true;
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (!isMarked) return void client.write(bytes);
      isMarked = false;
      this.left--;
      this.broken++;
      client.destroy();
      upstream.destroy();
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
