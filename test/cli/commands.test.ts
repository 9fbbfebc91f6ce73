/** The command line against a backend: what each command prints, where, and how it ends. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { credentials, testServer, type TestServer } from "../support/server.ts";
import { flowlogs } from "../support/command.ts";
import { makeEni, makeFlowLog, makeGroup, makeSubnet, makeTopic, makeVpc, rule } from "../support/network.ts";

const capture = new URL("../../examples/quickstart/captures/web.pcap", import.meta.url).pathname;

// Each call is a process of its own: on a busy machine a test of ten takes a while.
vi.setConfig({ testTimeout: 60_000 });

let server: TestServer;
let folder: string;
let topicId: string;
let group: string;

const run = (...args: string[]) => runWith({}, "", ...args);
const runWith = (environment: Record<string, string>, input: string | Buffer, ...args: string[]) =>
  flowlogs(
    args,
    {
      FLOWLOGS_ENDPOINT: server.url,
      TENCENTCLOUD_SECRET_ID: credentials.secretId,
      TENCENTCLOUD_SECRET_KEY: credentials.secretKey,
      ...environment,
    },
    input,
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-cli-"));
  server = await testServer();
  const { cloud } = server;
  const vpc = await makeVpc(cloud);
  const subnet = await makeSubnet(cloud, vpc, "172.31.16.0/24");
  group = await makeGroup(cloud, [rule("TCP", "ACCEPT", "22,80"), rule("ICMP")], []);
  await makeEni(cloud, vpc, subnet, "172.31.16.139", [group]);
  topicId = await makeTopic(cloud);
  await makeFlowLog(cloud, vpc, topicId);
});

afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a round through the commands", () => {
  test("clock shows and moves the time", async () => {
    expect(await run("clock")).toMatchObject({ code: 0, stdout: "2026-11-22 10:00:00Z (virtual clock; windows of 600 s, published 300 s after they end)\n" });
    expect(await run("clock", "advance", "1m30s", "--json")).toMatchObject({ code: 0, stdout: expect.stringContaining('"NowMs": 1795341690000') as string });
  });

  test("replay ends with a summary that adds up", async () => {
    const { code, stdout } = await run("replay", capture);
    expect(code).toBe(0);
    const [, read, matched, unmatched, undecodable] = /frames read\s+([\d,]+) = ([\d,]+) of an ENI \+ ([\d,]+) of none \+ ([\d,]+) undecodable/.exec(stdout)!.map(Number);
    expect(read).toBe(matched! + unmatched! + undecodable!);
    const [, offered, accepted, rejected, withheld, leftOut] = /offered to ENIs\s+(\d+) = (\d+) accepted \+ (\d+) rejected \+ (\d+) withheld .* \+ (\d+) left out/.exec(stdout)!.map(Number);
    expect(offered).toBe(accepted! + rejected! + withheld! + leftOut!);
    expect(rejected).toBeGreaterThan(0);
  });

  test("replay captures from an interface until it is interrupted", async () => {
    const outcome = await run("replay", "--interface", "no-such-0");
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain("no-such-0: tcpdump ");
    expect(await run("replay", "--interface", "-w/etc/x")).toMatchObject({ code: 1, stderr: expect.stringContaining("is not the name") as string });
    expect(await run("replay")).toMatchObject({ code: 2, stderr: expect.stringContaining("--interface") as string });
  });

  test("replay reads standard input, and says what was wrong after what it could read", async () => {
    const bytes = readFileSync(capture);
    const whole = JSON.parse((await runWith({}, bytes, "replay", "-", "--json")).stdout) as { Read: number };
    const cut = await runWith({}, bytes.subarray(0, bytes.length - 7), "replay", "-", "--json");
    expect(cut.code).toBe(1);
    expect((JSON.parse(cut.stdout) as { Read: number }).Read).toBe(whole.Read - 1);
    expect(cut.stderr).toMatch(/^error: -: the record at byte \d+ has \d+ of the \d+ bytes it claims: the file is cut off\n$/);
  });

  test("search prints tables, JSON, CSV and raw lines; words about the work go to standard error", async () => {
    await run("clock", "advance", "30m");
    const raw = await run("search", "REJECT AND dstport:3389", "--format", "raw");
    const line = /^2 1250000000 eni-\w{8} 198\.51\.100\.77 172\.31\.16\.139 \d+ 3389 6 \d+ \d+ \d+ \d+ REJECT OK\n/;
    expect(raw).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(line) as string });
    const table = await run("search", "198.51.100.77", "--limit", "1");
    expect(table.stdout).toMatch(/^START +ENI +ACTION .*\n2026-11-22 10:.* REJECT +6 +198\.51\.100\.77 .* sg-\w+ no ingress rule\n$/);
    expect(table.stderr).toBe("there are more: --limit 1 was reached (`flowlogs export` writes all of them to a file)\n");
    const csv = await run("search", "dstport:3389", "--format", "csv", "--topic", "flow-logs");
    expect(csv.stdout.split("\n")[0]).toBe("topic,version,account-id,interface-id,srcaddr,dstaddr,srcport,dstport,protocol,packets,bytes,start,end,action,log-status");
    const [json] = JSON.parse((await run("search", "dstport:3389", "--json", "--topic", topicId)).stdout) as Record<string, unknown>[];
    expect(json).toMatchObject({ topic: "flow-logs", dstport: "3389", action: "REJECT", __TAG__: { "decided-id": group } });
    expect((await run("search", "colour")).stdout).toBe("no record found\n");
    const read = await run("search", "REJECT dstport>3000", "--explain", "--limit", "1", "--format", "raw");
    expect(read.stderr).toContain('read as CQL:\n  all of:\n    the word "REJECT" anywhere\n    dstport is above 3000\n');
    const sql = await run("search", "dstport:3389 | select __SOURCE__ as source, count(*) as n group by source", "--format", "csv");
    expect(sql.stdout).toMatch(/^source,n\nflow-log,\d+\n$/);
    expect((await run("search", "--from", "2026-11-22T10:00:00Z", "--to", "2026-11-22T10:00:01Z")).stdout).toBe("no record found\n");
  });

  test("explain tells of a record and of a packet that might come", async () => {
    const { stdout: line } = await run("search", "dstport:3389", "--limit", "1", "--format", "raw");
    expect(await run("explain", "--record", line)).toMatchObject({ code: 0, stdout: `REJECT: rejected by security group ${group}: no ingress rule matches.\n` });
    const packet = await run("explain", "--src", "203.0.113.12", "--dst", "172.31.16.139", "--protocol", "tcp", "--dport", "22");
    expect(packet.stdout).toMatch(new RegExp(`^ACCEPT at eni-\\w+ .*allowed by security group ${group}, ingress rule 0`));
    const json = await run("explain", "--src", "203.0.113.12", "--dst", "172.31.16.139", "--protocol", "tcp", "--dport", "23", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ Verdicts: [{ Action: "REJECT" }] });
  });

  test("status shows what there is", async () => {
    const { stdout } = await run("status");
    expect(stdout).toContain("resources: 1 Vpc, 1 Subnet, 1 NetworkInterface, 1 SecurityGroup, 1 Logset, 1 Topic, 1 Index, 1 FlowLog");
    expect(stdout).toMatch(/flow-logs +[0-9a-f-]{36} +1 +\d+/);
    expect(JSON.parse((await run("status", "--json")).stdout)).toMatchObject({ Resources: { Vpc: 1 } });
  });

  test("verify holds expectations against records and searches, and ends with 0 or 1", async () => {
    const good = join(folder, "good.yaml");
    writeFileSync(
      good,
      `records:
  - name: remote desktop is rejected
    topic: flow-logs
    match: {dstport: 3389, action: REJECT}
    expect: {records: {min: 1}, bytes: {min: 60, max: 6000}}
searches:
  - name: nobody got through
    query: 198.51.100.77 AND ACCEPT
    expect: {records: 0}
`,
    );
    const passed = await run("verify", good, "--junit", join(folder, "good.xml"));
    expect(passed).toMatchObject({ code: 0, stdout: expect.stringContaining("2 passed, 0 failed") as string });
    const bad = join(folder, "bad.yaml");
    writeFileSync(bad, `searches:\n  - {name: "a <b>", query: "203.0.113.12", expect: {records: 100000}}\n`);
    const failed = await run("verify", bad, "--junit", join(folder, "bad.xml"));
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^FAIL a <b>: \d+ records, expected 100000\n0 passed, 1 failed\n$/);
    expect(readFileSync(join(folder, "good.xml"), "utf8")).toContain('<testsuite name="' + good + '" tests="2" failures="0">');
    expect(readFileSync(join(folder, "bad.xml"), "utf8")).toContain('name="a &lt;b&gt;"');
    expect(JSON.parse((await run("verify", bad, "--json")).stdout)).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe("wrong usage ends with 2 and names what is wrong", () => {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  test.each([
    [["nonsense"], "unknown command 'nonsense'"],
    [["search", "--format", "xml"], '--format: "xml" must be one of table, json, csv, raw'],
    [["search", "--limit", "0"], '--limit: "0" must be a whole number from 1'],
    [["search", "--from", "yesterday"], '--from: "yesterday" must be a moment such as now-15m'],
    [["clock", "advance", "soon"], 'time: "soon" must be a stretch of time'],
    [["explain", "--src", "1.2.3.4"], "give --record LINE, or --src, --dst and --protocol"],
    [["explain", "--src", "1.2.3.4", "--dst", "1.2.3.5", "--protocol", "tcp", "--dport", "70000"], '--dport: "70000"'],
    [["replay", "x", "--shift", "back"], '--shift: "back" must be one of now, none'],
    [["replay", "x", "--speed", "-1"], '--speed: "-1" must be max or a number above 0'],
    [["replay"], "file: name capture files, or give --interface to capture from one"],
    [["serve", "--window", "42"], '--window: "42" must be one of 600, 300, 60'],
    [["serve", "--port", "99999"], '--port: "99999"'],
    [["verify", () => file("a.yaml", "nonsense: 1")], '"nonsense" must be one of records, searches'],
    [["verify", () => file("b.yaml", "searches: [{name: a, expect: {records: -1}}]")], "searches[0].expect.records: -1 must be a map"],
    [["verify", () => file("c.yaml", "searches: []")], "it holds no expectation"],
    [["verify", () => file("d.yaml", "a: [")], "d.yaml"],
  ] as [(string | (() => string))[], string][])("%j", async (args, words) => {
    const { code, stderr } = await run(...args.map((arg) => (typeof arg === "string" ? arg : arg())));
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });
});

describe("failures", () => {
  test("a file that is not there, and a query that cannot be read, end with 1", async () => {
    expect(await run("replay", "/nowhere.pcap")).toMatchObject({ code: 1, stderr: expect.stringContaining("/nowhere.pcap") as string });
    expect(await run("search", "(")).toMatchObject({ code: 1, stderr: expect.stringContaining("FailedOperation.SyntaxError") as string });
    expect(await run("search", "--topic", "none")).toMatchObject({ code: 1, stderr: '--topic: "none" is no topic\'s name or id; there are: flow-logs\n' });
  });

  test("no backend there ends with 3 and says how to start one", async () => {
    const gone = await runWith({ FLOWLOGS_ENDPOINT: "http://127.0.0.1:9" }, "", "status");
    expect(gone).toMatchObject({ code: 3, stdout: "" });
    expect(gone.stderr).toContain("no backend answers at http://127.0.0.1:9");
    expect(gone.stderr).toContain("flowlogs serve");
  });

  test("a wrong key, and none at all, end with 1; no key is printed", async () => {
    const wrong = await runWith({ TENCENTCLOUD_SECRET_KEY: "a-wrong-secret-key" }, "", "status");
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("AuthFailure.SignatureFailure") as string });
    expect(wrong.stderr).not.toContain("a-wrong-secret-key");
    const none = await runWith({ TENCENTCLOUD_SECRET_ID: "", FLOWLOGS_DATA: folder }, "", "status");
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("has no credentials.json") as string });
  });
});
