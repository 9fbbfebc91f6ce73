/**
 * `caller.ts URL TOPIC`: asks a backend for flow logs and for records in turn, every 20 ms, until its standard input
 * ends; then prints how long each answer took, in milliseconds, as JSON.
 */
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "../../../src/client/client.ts";

const [endpoint = "", TopicId = ""] = process.argv.slice(2);
const secretId = process.env["TENCENTCLOUD_SECRET_ID"]!;
const secretKey = process.env["TENCENTCLOUD_SECRET_KEY"]!;
const client = new Client({ endpoint, credentials: { secretId, secretKey }, region: "ap-guangzhou" });
const everyMs = 20;

let isEnding = false;
process.stdin.on("end", () => (isEnding = true)).resume();

const flowLogs = () => client.call("DescribeFlowLogs", {});
const records = () => client.call("SearchLog", { TopicId, QueryString: "dstport:443", From: 0, To: Number.MAX_SAFE_INTEGER, Limit: 10 });

// Connections and compiled code first: nobody asks only once.
for (let time = 0; time < 50; time++) await (time % 2 === 0 ? flowLogs() : records());
console.log("ready");
const taken: { DescribeFlowLogs: number[]; SearchLog: number[] } = { DescribeFlowLogs: [], SearchLog: [] };
for (let turn = 0; !isEnding; turn++) {
  const beginMs = performance.now();
  if (turn % 2 === 0) await flowLogs();
  else await records();
  const ms = performance.now() - beginMs;
  taken[turn % 2 === 0 ? "DescribeFlowLogs" : "SearchLog"].push(ms);
  await wait(Math.max(0, everyMs - ms));
}
console.log(JSON.stringify(taken));
await client.close();
