/** SearchLog over several topics: time range, order, limit, pages, and what an index lets be found. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cloud } from "../../src/backend/cloud.ts";
import { offer, startMs, testCloud } from "../support/cloud.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc, wholeIndex } from "../support/network.ts";
import { batchOf } from "../support/packets.ts";
import { outcome } from "../support/ways.ts";
import { onEveryStore } from "../support/every-store.ts";

onEveryStore((kind) => {
  let cloud: Cloud;
  let topics: [string, string];

  beforeAll(async () => {
    const made = testCloud(await kind.cloudOptions());
    cloud = made.cloud;
    const vpc = await makeVpc(cloud);
    const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
    topics = [await makeTopic(cloud, "one"), await makeTopic(cloud, "two")];
    for (const [index, topic] of topics.entries()) {
      const eni = await makeEni(cloud, vpc, subnet, `172.31.16.${10 + index}`);
      await makeFlowLog(cloud, vpc, topic, { type: "NETWORKINTERFACE", id: eni });
    }
    const packets = Array.from({ length: 10 }, (_, index) => ({
      src: "203.0.113.12",
      dst: `172.31.16.${10 + (index % 2)}`,
      sport: 1000 + index,
      dport: 22,
      flags: "S",
      at: index * 10,
    }));
    await offer(cloud, batchOf(...packets));
    await made.clock.advance(15 * 60_000);
  });

  afterAll(() => cloud.close());

  const both = () => ({ Topics: topics.map((TopicId) => ({ TopicId })), From: 0, To: Number.MAX_SAFE_INTEGER });
  const sourcePorts = async (request: object) => (await search(request)).Results!.map(({ RawLog }) => RawLog.split(" ")[5]);
  const search = (request: object) => cloud.call("SearchLog", { ...both(), ...request });

  describe("SearchLog", () => {
    test("several topics together, the newest first", async () => {
      expect(await sourcePorts({})).toEqual(["1009", "1008", "1007", "1006", "1005", "1004", "1003", "1002", "1001", "1000"]);
      expect(await sourcePorts({ Sort: "asc", Limit: 3 })).toEqual(["1000", "1001", "1002"]);
    });

    test("one topic", async () => {
      expect(await sourcePorts({ Topics: undefined, TopicId: topics[1] })).toEqual(["1009", "1007", "1005", "1003", "1001"]);
    });

    test("a range of time: with From, without To", async () => {
      const range = { From: startMs + 20_000, To: startMs + 50_000, Sort: "asc" };
      expect(await sourcePorts(range)).toEqual(["1002", "1003", "1004"]);
    });

    test("pages, and whether there is more", async () => {
      expect(await search({ Limit: 4 })).toMatchObject({ ListOver: false });
      expect(await sourcePorts({ Limit: 4, Offset: 4 })).toEqual(["1005", "1004", "1003", "1002"]);
      expect(await search({ Limit: 4, Offset: 8 })).toMatchObject({ ListOver: true });
    });

    test("the old pair of parameters is Lucene, the new one CQL, unless they say otherwise", async () => {
      expect(await sourcePorts({ Query: "1000 1001" })).toEqual(["1001", "1000"]);
      expect(await sourcePorts({ QueryString: "1000 1001" })).toEqual([]);
      expect(await sourcePorts({ QueryString: "1000 1001", QuerySyntax: 0 })).toEqual(["1001", "1000"]);
      expect(await sourcePorts({ Query: "srcport>1007", SyntaxRule: 1 })).toEqual(["1009", "1008"]);
    });

    test("a result carries its values as JSON and its line as it is", async () => {
      const { Results } = await search({ Limit: 1 });
      const [found] = Results!;
      expect(found).toMatchObject({ Time: startMs + 90_000, TopicId: topics[1], TopicName: "two" });
      const json = JSON.parse(found!.LogJson) as Record<string, unknown>;
      expect(json).toMatchObject({ srcaddr: "203.0.113.12", dstport: "22", action: "ACCEPT", __TAG__: { direction: "ingress" } });
      expect(Object.values(json).slice(0, 14).join(" ")).toBe(found!.RawLog);
    });

    test("refusals", async () => {
      expect(await outcome(search({ QueryString: "(" }))).toContain("FailedOperation.SyntaxError: Query, character 2: a word was expected");
      expect(await outcome(search({ QueryString: "a | b" }))).toContain("a | b\n    ^");
      expect(await outcome(search({ Query: "(" }))).toContain("(read as Lucene)");
      const many = await Promise.all(Array.from({ length: 16 }, () => outcome(search({}))));
      expect(many.filter((each) => each === "fine")).toHaveLength(15);
      expect(many[15]).toContain("LimitExceeded.LogSearch: TopicId:");
      expect(await outcome(search({ TopicId: topics[0] }))).toContain("TopicId and Topics cannot be given together");
      expect(await outcome(search({ Topics: undefined }))).toContain("MissingParameter: one of TopicId, Topics is required");
      expect(await outcome(search({ From: 5, To: 5 }))).toContain("From: 5 must be before To (5)");
      expect(await outcome(search({ Limit: 1001 }))).toContain("Limit: 1001 must be at most 1000");
      expect(await outcome(search({ Topics: Array.from({ length: 51 }, () => ({ TopicId: topics[0] })) }))).toContain("a list of 51 must have at most 50");
      expect(await outcome(search({ QueryString: "x".repeat(12_289) }))).toContain("more than 12288");
      const gone = "00000000-0000-4000-8000-000000000000";
      expect(await outcome(search({ Topics: [{ TopicId: gone }] }))).toContain("ResourceNotFound.TopicNotExist");
    });
  });

  test("an index is about what is written after it", async () => {
    const made = testCloud(await kind.cloudOptions());
    const vpc = await makeVpc(made.cloud);
    const subnet = await makeSubnet(made.cloud, vpc, "172.31.16.0/24");
    await makeEni(made.cloud, vpc, subnet, "172.31.16.10");
    const { LogsetId } = await made.cloud.call("CreateLogset", { LogsetName: "l" });
    const { TopicId } = await made.cloud.call("CreateTopic", { LogsetId, TopicName: "t" });
    await makeFlowLog(made.cloud, vpc, TopicId);
    const range = { TopicId, From: 0, To: Number.MAX_SAFE_INTEGER };
    await made.clock.advance(15 * 60_000);
    expect(await outcome(made.cloud.call("SearchLog", range))).toContain(
      `ResourceNotFound.IndexNotExist: TopicId: "${TopicId}" (t) has no index, so it cannot be searched: create one with CreateIndex`,
    );
    await made.cloud.call("CreateIndex", { TopicId, Rule: wholeIndex });
    expect((await made.cloud.call("SearchLog", range)).Results).toEqual([]);
    await made.clock.advance(10 * 60_000);
    expect((await made.cloud.call("SearchLog", range)).Results).toHaveLength(1);
    expect(await made.cloud.call("DescribeTopicUsage", { TopicId })).toMatchObject({ Records: 2 });
    await made.cloud.close();
  });

  test("a record is explained by the rule that decided when its packets were judged", async () => {
    const [record] = (await search({ Limit: 1 })).Results!;
    const explained = await cloud.call("ExplainRecord", { Record: record!.RawLog });
    expect(explained).toMatchObject({ TopicId: topics[1], Words: "ACCEPT: allowed: no security group is bound.", Reason: { Layer: "security-group", RuleIndex: -1 } });
    expect(await outcome(cloud.call("ExplainRecord", { Record: "2 1 eni-x" }))).toContain("a record has 14 fields, this line has 3");
    expect(await outcome(cloud.call("ExplainRecord", { Record: record!.RawLog.replace(" 22 ", " 23 ") }))).toContain("ResourceNotFound: Record: no topic holds this line");
  });
});
