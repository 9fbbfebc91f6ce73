/** The SQL part of a query: what a SELECT over the found logs answers, and how it is refused. */
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

  const long = (Key: string) => ({ Key, Value: { Type: "long" as const, SqlFlag: true } });
  const text = (Key: string) => ({ Key, Value: { Type: "text" as const, SqlFlag: true } });
  const keys = [text("srcaddr"), text("dstaddr"), long("srcport"), long("dstport"), long("bytes"), text("interface-id"), text("log-status"), text("action")];
  const Rule = { FullText: { CaseSensitive: false, Tokenizer: " " }, KeyValue: { CaseSensitive: false, KeyValues: [...keys, { Key: "end", Value: { Type: "long" as const } }] } };

  beforeAll(async () => {
    const made = testCloud(await kind.cloudOptions());
    cloud = made.cloud;
    const vpc = await makeVpc(cloud);
    const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
    const eni = await makeEni(cloud, vpc, subnet, "172.31.16.10");
    TopicId = await makeTopic(cloud);
    await cloud.call("ModifyIndex", { TopicId, Rule });
    await makeFlowLog(cloud, vpc, TopicId, { type: "NETWORKINTERFACE", id: eni });
    const packets = [
      ["203.0.113.12", 22, 100, 5],
      ["203.0.113.12", 80, 200, 10],
      ["203.0.113.13", 22, 300, 70],
      ["203.0.113.14", 443, 400, 130],
    ] as const;
    await offer(cloud, batchOf(...packets.map(([src, dport, bytes, at], index) => ({ src, dst: "172.31.16.10", sport: 1000 + index, dport, flags: "S", bytes, at }))));
    await made.clock.advance(25 * 60_000);
  });

  afterAll(() => cloud.close());

  const search = (QueryString: string, request: object = {}) =>
    cloud.call("SearchLog", { TopicId, From: 0, To: Number.MAX_SAFE_INTEGER, QueryString, UseNewAnalysis: true, ...request });
  const rows = async (query: string) => (await search(query)).AnalysisRecords!.map((each) => JSON.parse(each) as object);
  const minute = (count: number) => new Date(startMs + count * 60_000).toISOString();

  const answered: [query: string, rows: object[]][] = [
    ["log-status:OK | select count(*) as n, sum(bytes) as total", [{ n: 4, total: 1000 }]],
    ["* | SELECT count(*)", [{ count: 5 }]],
    ["22 | select srcaddr, bytes order by bytes desc", [{ srcaddr: "203.0.113.13", bytes: 300 }, { srcaddr: "203.0.113.12", bytes: 100 }]],
    ["log-status:OK | select srcaddr, sum(bytes) as total group by srcaddr having total > 300 order by total desc", [{ srcaddr: "203.0.113.14", total: 400 }]],
    ["OK | select count(distinct srcaddr) as hosts, min(bytes) as low, max(dstport) as high, avg(bytes) as mean", [{ hosts: 3, low: 100, high: 443, mean: 250 }]],
    ["OK | select count_if(dstport = 22) as ssh, approx_distinct(srcaddr) as about", [{ ssh: 2, about: 3 }]],
    ['OK | select "log-status" as status, count(*) as n group by "log-status"', [{ status: "OK", n: 4 }]],
    ["NODATA | select bytes, srcaddr", [{ bytes: null, srcaddr: "-" }]],
    ["OK | select bytes where dstport in (22, 80) and srcaddr like '%.12' order by bytes", [{ bytes: 100 }, { bytes: 200 }]],
    ["OK | select case when dstport = 22 then 'ssh' else 'other' end as kind, count(*) as n group by kind order by kind", [{ kind: "other", n: 2 }, { kind: "ssh", n: 2 }]],
    ["OK | select max(n) as most from (select srcaddr, count(*) as n group by srcaddr)", [{ most: 2 }]],
    ["OK | select concat(srcaddr, ':', cast(dstport as varchar)) as at order by at limit 1", [{ at: "203.0.113.12:22" }]],
    ["OK | select bytes order by bytes limit 1, 2", [{ bytes: 200 }, { bytes: 300 }]],
    ["OK | select 'it''s' as word, -1 + 2 * 3 as five, 1.5 as half limit 1", [{ word: "it's", five: 5, half: 1.5 }]],
    [
      // The vendor's own sample for flow logs.
      "log-status:OK | select histogram(cast(__TIMESTAMP__ as timestamp), interval 1 minute) as time, sum(bytes)/60.00*8 as bandwidth group by time order by time",
      [{ time: minute(0), bandwidth: 40 }, { time: minute(1), bandwidth: 40 }, { time: minute(2), bandwidth: (400 / 60) * 8 }],
    ],
  ];

  /** Over the minutes from one on, up to but not with another: the first has two logs, the second and the third have one. */
  const compared: [minutes: [from: number, to: number], query: string, rows: object[]][] = [
    [[1, 2], "OK | select compare(n, 60) from (select count(*) as n)", [{ compare: "[1,2,0.5]" }]],
    [[2, 3], "OK | SELECT Compare(N, 60, 120) AS diff FROM (SELECT count(*) AS n FROM log)", [{ diff: "[1,1,2,1,0.5]" }]],
    [[2, 3], "OK | select d[1] as now, d[2] as before, d[3] as ratio from (select compare(total, 60) as d from (select sum(bytes) as total))", [{ now: 400, before: 300, ratio: 400 / 300 }]],
    [[2, 3], "OK | select compare(m, 60) from (select n + 1 as m from (select count(*) as n))", [{ compare: "[2,2,1]" }]],
    [[2, 3], "OK | select compare(total / n, 60)[2] as mean from (select sum(bytes) as total, count(*) as n)", [{ mean: 300 }]],
    [[0, 1], "OK | select compare(n, 60) as diff, compare(total, 31622400) as year from (select count(*) as n, sum(bytes) as total)", [{ diff: "[2,0,null]", year: "[300,null,null]" }]],
    [
      [1, 3],
      "OK | select dstport, compare(n, 60) as diff from (select dstport, count(*) as n group by dstport) order by dstport",
      [{ dstport: 22, diff: "[1,2,0.5]" }, { dstport: 443, diff: "[1,null,null]" }],
    ],
    [
      [1, 3],
      "OK | select t, compare(n, 60) as diff from (select date_trunc('minute', cast(__TIMESTAMP__ as timestamp)) as t, count(*) as n group by t) order by t",
      [{ t: minute(1), diff: "[1,2,0.5]" }, { t: minute(2), diff: "[1,1,1]" }],
    ],
    [[-1e6, 1e6], "OK | select compare(n, 60) as diff from (select count(*) as n)", [{ diff: "[4,4,1]" }]],
    [[-startMs / 60_000, 1 - startMs / 60_000], "OK | select compare(n, 3600) as diff from (select count(*) as n)", [{ diff: "[0,0,null]" }]],
    [[1, 3], "OK | select dstport from (select dstport, count(*) as n group by dstport) where compare(n, 60)[3] < 1", [{ dstport: 22 }]],
    [[1, 3], "OK | select dstport, compare(n, 60) as d from (select dstport, count(*) as n group by dstport) order by d[2] desc, d[1]", [{ dstport: 22, d: "[1,2,0.5]" }, { dstport: 443, d: "[1,null,null]" }]],
    [[0, 3], "NODATA OR 22 | select * from (select dstport, bytes, compare(bytes, 60) as d from (select dstport, sum(bytes) as bytes group by dstport)) order by dstport", [{ dstport: 22, bytes: 400, d: "[400,400,1]" }]],
  ];

  const refused: [query: string, words: string][] = [
    ["OK | select compare(bytes, 60)", "character 13: compare goes over another SELECT, as in SELECT compare(n, 3600) FROM (SELECT count(*) AS n)"],
    ["OK | select compare(n) from (select count(*) as n)", "character 13: compare takes 2 to 9 values, not 1"],
    ["OK | select compare(n, 0) from (select count(*) as n)", "character 24: compare takes a whole number of seconds from 1 to 31622400, not 0"],
    ["OK | select compare(n, 60, 31622401) from (select count(*) as n)", "character 28: compare takes a whole number of seconds from 1 to 31622400, not 31622401"],
    ["OK | select compare(n, 1.5) from (select count(*) as n)", "from 1 to 31622400, not 1.5"],
    ["OK | select compare(n, -60) from (select count(*) as n)", "from 1 to 31622400, not -60"],
    ["OK | select compare(n, '60') from (select count(*) as n)", 'from 1 to 31622400, not "60"'],
    ["OK | select compare(n, n) from (select count(*) as n)", "from 1 to 31622400, not n"],
    ["OK | select compare(n, 1, 2, 3, 4, 5, 6, 7, 8, 9) from (select count(*) as n)", "character 13: a SELECT compares with 8 earlier times at most, not 9"],
    ["OK | select compare(m, 60) from (select count(*) as n)", 'character 21: "m" is no column here'],
    ["OK | select compare(sum(n), 60) from (select count(*) as n)", "character 21: compare takes a value of each row, no sum of many"],
    ["OK | select compare(compare(n, 60)[2], 60) from (select count(*) as n)", "character 21: compare takes a value of each row, no compare of many"],
    ["OK | select compare(n, 60) from (select compare(n, 60)[2] as n from (select count(*) as n))", "character 13: compare cannot stand over a SELECT that compares"],
    ["OK | select compare(bytes, 60) from (select bytes)", "character 13: compare has no column to match rows by"],
    ["OK | select compare(n, 60) from (select count(*) as n group by dstport)", "character 13: compare has no column to match rows by"],
    ["OK | select compare(t, 60) from (select max(cast(__TIMESTAMP__ as timestamp)) as t)", "character 21: compare takes a number, not a time"],
    ["OK | select compare(n, 60)[4] from (select count(*) as n)", "character 28: the list has elements 1 to 3, not 4"],
    ["OK | select compare(n, 60)[0] from (select count(*) as n)", "the list has elements 1 to 3, not 0"],
    ["OK | select bytes[1]", "character 13: [1] stands behind a list, and only compare gives one"],
    ["OK | select sum(d) from (select compare(n, 60) as d from (select count(*) as n))", "character 17: a list that compare gives is shown whole or by its elements, as in d[1]"],
    ["OK | select compare(n, 60) as d from (select count(*) as n) order by d", "character 70: a list that compare gives is shown whole"],
    ["OK | delete from log", 'character 6: SELECT was expected, not "delete"'],
    ["OK | select read_csv('/etc/passwd')", "character 13: the function read_csv is not offered"],
    ["OK | select * from segment", 'character 20: ( was expected, not "segment"'],
    ["OK | select color", '"color" is no column here: keys need SqlFlag in the index; there are srcaddr'],
    ["OK | select end", "a value was expected"],
    ['OK | select "end"', '"end" is no column here'],
    ["OK | select count(*); drop table record", '";" cannot stand here'],
    ["OK | select bytes limit 10001", "LIMIT 10001 is more than 10000"],
    ["OK | select cast(bytes as blob)", '"blob" is no type to cast to'],
    ["OK | select sum(bytes", "character 22: ) was expected, not the end of the query"],
    ["OK | select 1 union select 2", '"union" does not belong here'],
    ["colour:red | select count(*)", "character 1: there is no key-value index on colour"],
  ];

  describe("a SELECT over what the condition finds", () => {
    test.each(answered)("%s", async (query, expected) => {
      expect(await rows(query)).toEqual(expected);
    });

    test.each(compared)("beside earlier times, minutes %j: %s", async ([from, to], query, expected) => {
      const { AnalysisRecords } = await search(query, { From: startMs + from * 60_000, To: startMs + to * 60_000 });
      expect(AnalysisRecords!.map((each) => JSON.parse(each) as object)).toEqual(expected);
    });

    test("a list and its elements in both forms of the answer", async () => {
      const range = { From: startMs + 60_000, To: startMs + 120_000 };
      const query = "OK | select d, d[3] as ratio from (select compare(n, 60) as d from (select count(*) as n))";
      expect(await search(query, range)).toMatchObject({ Columns: [{ Name: "d", Type: "varchar" }, { Name: "ratio", Type: "double" }] });
      const old = await search(query, { ...range, UseNewAnalysis: false });
      expect(old.AnalysisResults![0]!.Data).toEqual([{ Key: "d", Value: "[1,2,0.5]" }, { Key: "ratio", Value: "0.5" }]);
    });

    test("both forms of the answer, with the columns' types", async () => {
      const query = "22 | select srcaddr, bytes, cast(__TIMESTAMP__ as timestamp) as at order by bytes limit 1";
      const types = [{ Name: "srcaddr", Type: "varchar" }, { Name: "bytes", Type: "bigint" }, { Name: "at", Type: "timestamp" }];
      expect(await search(query)).toMatchObject({ Analysis: true, ListOver: true, Results: null, Columns: types, AnalysisResults: null, SamplingRate: 1 });
      const old = await search(query, { UseNewAnalysis: false });
      expect(old).toMatchObject({ ColNames: ["srcaddr", "bytes", "at"], AnalysisRecords: null, Columns: null });
      expect(old.AnalysisResults![0]!.Data[1]).toEqual({ Key: "bytes", Value: "100" });
    });

    test("a sampling rate looks at a share of the logs, the same each time", async () => {
      const sampled = async () => (await search("OK | select count(*) as n", { SamplingRate: 0.5 })).AnalysisRecords;
      expect(await sampled()).toEqual(await sampled());
      expect(await search("OK | select count(*) as n", { SamplingRate: 0 })).toMatchObject({ SamplingRate: 1, AnalysisRecords: ['{"n":4}'] });
    });
  });

  describe("what is no SELECT that is offered is refused at its place", () => {
    test.each(refused)("%s", async (query, words) => {
      expect(await outcome(search(query))).toContain(words);
    });

    test("what only the engine can tell is wrong", async () => {
      expect(await outcome(search("OK | select srcaddr, sum(bytes)"))).toContain("FailedOperation.QueryError: Query:");
      expect(await outcome(search("OK | select sum(srcaddr)"))).toContain("FailedOperation.QueryError");
    });

    test("an offset is for queries without SQL", async () => {
      expect(await outcome(search("OK | select count(*)", { Offset: 5 }))).toContain("Offset: 5 is for queries without SQL");
    });
  });
});
