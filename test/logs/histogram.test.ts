/** DescribeLogHistogram: how many logs a query finds, by stretches of time. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cloud } from "../../src/backend/cloud.ts";
import { offer, startMs, testCloud } from "../support/cloud.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc } from "../support/network.ts";
import { batchOf } from "../support/packets.ts";
import { outcome } from "../support/ways.ts";
import { onEveryStore } from "../support/every-store.ts";

onEveryStore((kind) => {
  let cloud: Cloud;
  let TopicId: string;

  beforeAll(async () => {
    const made = testCloud(await kind.cloudOptions());
    cloud = made.cloud;
    const vpc = await makeVpc(cloud);
    const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
    const eni = await makeEni(cloud, vpc, subnet, "172.31.16.10");
    TopicId = await makeTopic(cloud);
    await makeFlowLog(cloud, vpc, TopicId, { type: "NETWORKINTERFACE", id: eni });
    const packets = [5, 10, 70, 250].map((at, index) => {
      return { src: "203.0.113.12", dst: "172.31.16.10", sport: 1000 + index, dport: 22, flags: "S", at };
    });
    await offer(cloud, batchOf(...packets));
    await made.clock.advance(15 * 60_000);
  });

  afterAll(() => cloud.close());

  const histogram = (request: object) =>
    cloud.call("DescribeLogHistogram", { TopicId, Query: "", From: startMs, To: startMs + 300_000, Interval: 60_000, ...request });

  describe("DescribeLogHistogram", () => {
    test("counts by minutes, those without a log among them", async () => {
      const { RequestId: _, ...answer } = await histogram({});
      const counts = [2, 1, 0, 0, 1].map((Count, minute) => ({ Count, BTime: startMs + minute * 60_000 }));
      expect(answer).toEqual({ Interval: 60_000, TotalCount: 4, HistogramInfos: counts });
    });

    test("stretches are aligned to their length, From and To hold within them", async () => {
      const answer = await histogram({ From: startMs + 6_000, To: startMs + 70_000 });
      expect(answer).toMatchObject({
        TotalCount: 1,
        HistogramInfos: [
          { Count: 1, BTime: startMs },
          { Count: 0, BTime: startMs + 60_000 },
        ],
      });
    });

    test("without an Interval there are at most 200 stretches, from the beginning of time if asked", async () => {
      const answer = await histogram({ From: 0, To: startMs + 300_000, Interval: undefined });
      expect(answer.TotalCount).toBe(4);
      expect(answer.HistogramInfos.length).toBeLessThanOrEqual(201);
    });

    test("a condition, Lucene unless told otherwise", async () => {
      expect((await histogram({ Query: "1000 1001" })).TotalCount).toBe(2);
      expect((await histogram({ Query: "1000 1001", SyntaxRule: 1 })).TotalCount).toBe(0);
    });

    test("refusals", async () => {
      expect(await outcome(histogram({ Interval: 1000 }))).toBe(
        "InvalidParameter: Interval: 1000 ms divides From to To into more than 200",
      );
      expect(await outcome(histogram({ Query: "(" }))).toContain("FailedOperation.SyntaxError: Query, character 2");
      expect(await outcome(histogram({ From: startMs + 300_000 }))).toContain("must be before To");
      expect(await outcome(histogram({ TopicId: "00000000-0000-4000-8000-000000000000" }))).toContain("ResourceNotFound.TopicNotExist");
    });
  });
});
