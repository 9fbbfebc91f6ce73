/** Pages of one search, hits marked, and the logs around one log. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { VirtualClock } from "../../src/backend/clock.ts";
import type { Cloud } from "../../src/backend/cloud.ts";
import { offer, startMs, testCloud } from "../support/cloud.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc } from "../support/network.ts";
import { batchOf } from "../support/packets.ts";
import { outcome } from "../support/ways.ts";
import { onEveryStore } from "../support/every-store.ts";

onEveryStore((kind) => {
  let cloud: Cloud;
  let clock: VirtualClock;
  let TopicId: string;

  beforeAll(async () => {
    ({ cloud, clock } = testCloud(await kind.cloudOptions()));
    const vpc = await makeVpc(cloud);
    const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
    await makeEni(cloud, vpc, subnet, "172.31.16.10");
    await makeEni(cloud, vpc, subnet, "172.31.16.11");
    TopicId = await makeTopic(cloud);
    await makeFlowLog(cloud, vpc, TopicId);
    await offerPackets(40, 1000);
    await clock.advance(15 * 60_000);
  });

  afterAll(() => cloud.close());

  /** Offers packets now, two in every second, to both ENIs in turn. */
  async function offerPackets(count: number, firstPort: number): Promise<void> {
    const at = (clock.nowMs() - startMs) / 1000;
    const packets = Array.from({ length: count }, (_, index) => {
      return { src: "203.0.113.12", dst: `172.31.16.${10 + (index % 2)}`, sport: firstPort + index, dport: 22, flags: "S", at: at + Math.floor(index / 2) };
    });
    await offer(cloud, batchOf(...packets));
  }

  const search = (request: object) => cloud.call("SearchLog", { TopicId, From: 0, To: Number.MAX_SAFE_INTEGER, ...request });

  async function pages(request: object, between: () => Promise<void> = async () => {}): Promise<string[]> {
    const found: string[] = [];
    for (let Context = ""; ; ) {
      const page = await search({ ...request, Limit: 7, ...(Context === "" ? {} : { Context }) });
      found.push(...page.Results!.map(({ RawLog }) => RawLog));
      if (page.ListOver) return found;
      expect(page.Context).not.toBe("");
      Context = page.Context;
      await between();
    }
  }

  describe("paging contexts", () => {
    test.each(["desc", "asc"])("%s: the pages together are what one large page gives", async (Sort) => {
      const whole = (await search({ Sort, Limit: 1000 })).Results!.map(({ RawLog }) => RawLog);
      expect(whole.length).toBe(40);
      expect(await pages({ Sort })).toEqual(whole);
    });

    test.each(["desc", "asc"])("%s: what is written meanwhile changes nothing", async (Sort) => {
      const whole = (await search({ Sort, Limit: 1000 })).Results!.map(({ RawLog }) => RawLog);
      let port = 20_000;
      const write = async () => {
        await offerPackets(3, (port += 10));
        await clock.advance(15 * 60_000);
      };
      expect(await pages({ Sort }, write)).toEqual(whole);
      expect((await search({ Sort, Limit: 1000 })).Results!.length).toBeGreaterThan(whole.length);
    });

    test("a context serves its own search for an hour", async () => {
      const { Context } = await search({ Limit: 3, QueryString: "22" });
      expect(await outcome(search({ Limit: 3, QueryString: "22", Context }))).toBe("fine");
      expect(await outcome(search({ Limit: 3, QueryString: "22", Context, Sort: "asc" }))).toContain("FailedOperation.InvalidContext: Context:");
      expect(await outcome(search({ Limit: 3, QueryString: "22", Context, Offset: 3 }))).toContain("Offset: 3 cannot be given together with Context");
      expect(await outcome(search({ Limit: 3, Context: "bm9uZQ" }))).toContain("is no context that a search has given out");
      await clock.advance(3_600_001);
      expect(await outcome(search({ Limit: 3, QueryString: "22", Context }))).toContain("is older than an hour");
    });
  });

  test("hits are marked in the values whose keys were asked for", async () => {
    const marked = async (QueryString: string) => (await search({ QueryString, HighLight: true, Limit: 1 })).Results![0]!.HighLights;
    expect(await marked("action:ACCEPT AND dstport>21 AND 203.0.113.12")).toEqual([
      { Key: "action", Values: ["<cls_highlight>ACCEPT</cls_highlight>"] },
      { Key: "dstport", Values: ["<cls_highlight>22</cls_highlight>"] },
    ]);
    expect((await search({ QueryString: "action:ACCEPT", Limit: 1 })).Results![0]!.HighLights).toEqual([]);
  });

  test("an answer says how the query was read", async () => {
    expect(await search({ Query: "22" })).toMatchObject({ QuerySyntax: 0 });
    expect(await search({ QueryString: "22" })).toMatchObject({ QuerySyntax: 1 });
  });

  describe("DescribeLogContext", () => {
    test("the logs before and behind one, of its own stream only", async () => {
      const { Results } = await search({ Sort: "asc", Limit: 40, QueryString: "log-status:OK" });
      const stream = Results!.filter(({ FileName }) => FileName === Results![0]!.FileName);
      const [log] = stream.slice(5);
      const BTime = new Date(log!.Time + 8 * 3_600_000).toISOString().replace("T", " ").replace("Z", "");
      const request = { TopicId, BTime, PkgId: log!.PkgId, PkgLogId: Number(log!.PkgLogId), PrevLogs: 2, NextLogs: 3 };
      const context = await cloud.call("DescribeLogContext", request);
      expect(context.LogContextInfos.map(({ RawLog }) => RawLog)).toEqual(stream.slice(3, 9).map(({ RawLog }) => RawLog));
      expect(context).toMatchObject({ PrevOver: false, NextOver: false });
      expect(await cloud.call("DescribeLogContext", { ...request, PrevLogs: 100 })).toMatchObject({ PrevOver: true });
      expect(await outcome(cloud.call("DescribeLogContext", { ...request, PkgLogId: 1_000_000 }))).toContain("PkgLogId: 1000000 of PkgId");
      expect(await outcome(cloud.call("DescribeLogContext", { ...request, BTime: "yesterday" }))).toContain('BTime: "yesterday" must be');
    });
  });
});
