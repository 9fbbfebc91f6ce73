/**
 * The main job from one end to the other, on real parts: deploys the quickstart stack with the Pulumi engine on a backend
 * of its own, replays a real capture, and shows which packets the rules let through and which rule rejected the others.
 * Every figure is held against what tshark made of the same capture. `--keep` leaves stack and backend up.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import { type DeployOptions, openStack, pulumiEnvironment } from "../src/testing/deploy.ts";
import { EngineUnavailable, findEngine } from "../src/testing/engine.ts";
import { table } from "../src/cli/output.ts";
import { type BackendProcess, flowlogs, startProcess, stopProcess } from "./quickstart/backend-process.ts";
import { Checks, type Expected, readExpected } from "./quickstart/checks.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, ".flowlogs", "quickstart");
const capture = "examples/quickstart/captures/merged.pcap";
const clockStart = "2026-11-22T10:00:00Z";
/** Where Pulumi writes the stack's configuration. */
const stackSettings = join(root, "Pulumi.quickstart.yaml");
const keep = process.argv.includes("--keep");

interface Outputs {
  readonly enis: Record<string, string>;
  readonly groups: Record<string, string>;
  readonly networkAcl: string;
  readonly topics: Record<string, string>;
  readonly flowLogs: Record<string, string>;
}

type FoundRecord = Readonly<Record<string, string>> & { readonly __TAG__: never };

function heading(text: string): void {
  console.log(process.stdout.isTTY ? `\n\u001b[1m${text}\u001b[0m` : `\n${text}`);
}

async function main(): Promise<number> {
  const startedMs = performance.now();
  rmSync(folder, { recursive: true, force: true });
  rmSync(stackSettings, { force: true });
  mkdirSync(folder, { recursive: true });
  const engine = await findEngine((line) => console.error(line));
  const backend = await startProcess(folder, clockStart);
  const deploy: DeployOptions = {
    projectFolder: root,
    stackName: "quickstart",
    homeFolder: join(folder, "pulumi"),
    endpoint: backend.url,
    dataFolder: backend.dataFolder,
  };
  try {
    const checks = new Checks();
    await tour(deploy, backend, checks);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    for (const failure of checks.failed) console.error(`WRONG ${failure}`);
    const outcome = checks.failed.length === 0 ? "all as expected" : `${checks.failed.length} WRONG`;
    heading(`${checks.made} figures checked against what tshark made of the capture: ${outcome} (${seconds} s)`);
    if (keep) sayHowToGoOn(backend, pulumiEnvironment(engine, deploy));
    return checks.failed.length === 0 ? 0 : 1;
  } finally {
    if (!keep) {
      await stopProcess(backend);
      rmSync(stackSettings, { force: true });
    }
  }
}

async function tour(deploy: DeployOptions, backend: BackendProcess, checks: Checks): Promise<void> {
  const expected = readExpected();
  const stack = await openStack(deploy);
  heading("1. pulumi up: the stack in examples/quickstart/index.ts");
  const outputs = await bringUp(stack, checks);

  heading(`2. flowlogs replay ${capture}: real packets meet the rules`);
  console.log(flowlogs(backend, "replay", join(root, capture)).replaceAll(root, ""));
  const { Traffic } = JSON.parse(flowlogs(backend, "status", "--json")) as { Traffic: Record<string, number> };
  checks.same("replay", Traffic, expected.replay);
  checkNothingYet(backend, outputs, checks);

  heading("3. flowlogs clock advance 15m: the window closes, its records are published");
  console.log(flowlogs(backend, "clock", "advance", "15m"));
  const records = search(backend, outputs.topics["vpc"]!, "");
  showEnis(records, outputs);
  checkRecords(records, outputs, expected, checks);

  heading("4. flowlogs search 203.0.113.12: everything the address at home did, in both topics");
  console.log(flowlogs(backend, "search", "203.0.113.12"));
  const ofHome = JSON.parse(flowlogs(backend, "search", "203.0.113.12", "--json")) as FoundRecord[];
  const expectedOfHome = expected.records.filter((row) => [row.srcaddr, row.dstaddr].includes("203.0.113.12"));
  checks.same("search 203.0.113.12", ofHome.length, expectedOfHome.length);

  heading("5. Every rejected flow, and the rule that rejected it");
  showRejected(records, outputs, expected, checks);

  heading("6. pulumi config set trafficType REJECT: a flow log cannot be changed, so the plan replaces it");
  await replaceFlowLog(stack, outputs, checks);
}

async function bringUp(stack: Stack, checks: Checks): Promise<Outputs> {
  const made: string[][] = [];
  const onEvent = ({ resOutputsEvent }: EngineEvent) => {
    const resource = resOutputsEvent?.metadata;
    if (resource?.new === undefined || !resource.type.includes("flowlogs:")) return;
    made.push([resource.type.split(":").at(-1)!, resource.urn.split("::").at(-1)!, resource.new.id]);
  };
  const { summary } = await stack.up({ onEvent });
  console.log(table(["RESOURCE", "NAME", "ID"], made));
  // The stack itself is one of the engine's resources.
  checks.same("resources made", summary.resourceChanges, { create: made.length + 1 });
  const values = await stack.outputs();
  return Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value as unknown])) as unknown as Outputs;
}

/** Until the window has closed and the publish delay has passed, nothing can be found. */
function checkNothingYet(backend: BackendProcess, outputs: Outputs, checks: Checks): void {
  const early = search(backend, outputs.topics["vpc"]!, "");
  checks.same("records before the window closed", early.length, 0);
}

function search(backend: BackendProcess, topic: string, query: string): FoundRecord[] {
  const text = flowlogs(backend, "search", query, "--topic", topic, "--limit", "100000", "--sort", "asc", "--json");
  return JSON.parse(text) as FoundRecord[];
}

function nameOf(names: Readonly<Record<string, string>>, id: unknown): string {
  return Object.entries(names).find(([, each]) => each === id)?.[0] ?? String(id);
}

function showEnis(records: readonly FoundRecord[], { enis }: Outputs): void {
  const sum = (rows: readonly FoundRecord[], key: string) => rows.reduce((total, row) => total + Number(row[key]), 0);
  const rows = Object.entries(enis).map(([name, id]) => {
    const own = records.filter((record) => record["interface-id"] === id);
    const [accepted, rejected] = ["ACCEPT", "REJECT"].map((action) => own.filter((record) => record["action"] === action));
    return [name, id, own.length, sum(accepted!, "packets"), sum(accepted!, "bytes"), sum(rejected!, "packets"), sum(rejected!, "bytes")].map(String);
  });
  console.log(table(["ENI", "ID", "RECORDS", "ACCEPTED", "BYTES", "REJECTED", "BYTES"], rows));
}

const startSeconds = Date.parse(clockStart) / 1000;

/** Records as expected.json spells them. */
function comparable(record: FoundRecord, { enis }: Outputs) {
  const number = (key: string) => Number(record[key]);
  return {
    eni: nameOf(enis, record["interface-id"]),
    action: record["action"],
    srcaddr: record["srcaddr"],
    dstaddr: record["dstaddr"],
    srcport: number("srcport"),
    dstport: number("dstport"),
    protocol: number("protocol"),
    packets: number("packets"),
    bytes: number("bytes"),
    start: number("start") - startSeconds,
    end: number("end") - startSeconds,
  };
}

function checkRecords(records: readonly FoundRecord[], outputs: Outputs, expected: Expected, checks: Checks): void {
  const found = records.map((record) => comparable(record, outputs));
  const wanted = expected.records.map(({ by: _, ...record }) => record);
  checks.sameSet("records", found, wanted);
}

function showRejected(records: readonly FoundRecord[], outputs: Outputs, expected: Expected, checks: Checks): void {
  const names = { ...outputs.groups, back: outputs.networkAcl };
  const rejected = records
    .filter((record) => record["action"] === "REJECT")
    .map((record) => {
      const tags: Readonly<Record<string, string>> = record.__TAG__;
      const by = {
        layer: tags["decided-by"],
        name: nameOf(names, tags["decided-id"]),
        direction: tags["decided-in"],
        rule: Number(tags["decided-rule"]),
      };
      return { ...comparable(record, outputs), by };
    });
  const rows = rejected.map(({ eni, srcaddr, srcport, dstaddr, dstport, protocol, packets, by }) => {
    const decided = by.rule === -1 ? `no ${by.direction} rule matches` : `${by.direction} rule ${by.rule}`;
    return [eni, `${srcaddr}:${srcport}`, `${dstaddr}:${dstport}`, String(protocol), String(packets), `${by.layer} ${by.name}: ${decided}`];
  });
  console.log(table(["ENI", "FROM", "TO", "PROTOCOL", "PACKETS", "REJECTED BY"], rows));
  checks.sameSet("rejected", rejected, expected.records.filter(({ by }) => by !== undefined));
}

async function replaceFlowLog(stack: Stack, before: Outputs, checks: Checks): Promise<void> {
  await stack.setConfig("trafficType", { value: "REJECT" });
  const planned: string[] = [];
  const preview = await stack.preview({
    onEvent: ({ resourcePreEvent }) => {
      const step = resourcePreEvent?.metadata;
      if (step?.op === "replace") planned.push(`${step.urn.split("::").at(-1)} ${step.keys?.join(",")}`);
    },
  });
  const shown = preview.stdout.split("\n").filter((line) => /FlowLog|Resources:|replaced|unchanged|replace/.test(line));
  console.log(shown.map((line) => line.trimEnd()).join("\n"));
  checks.same("preview plans to replace", planned, ["vpc trafficType"]);
  const { summary } = await stack.up();
  const after = await stack.outputs();
  const flowLogs = after["flowLogs"]!.value as Record<string, string>;
  console.log(`  pulumi up: flow log ${before.flowLogs["vpc"]} is gone, ${flowLogs["vpc"]} captures REJECT only; topics and records stay`);
  checks.same("resources replaced", summary.resourceChanges?.replace, 1);
  checks.same("flow log is another", flowLogs["vpc"] !== before.flowLogs["vpc"], true);
  checks.same("the other flow log is the same", flowLogs["web"], before.flowLogs["web"]);
  checks.same("topics stay", after["topics"]!.value, before.topics);
}

function sayHowToGoOn(backend: BackendProcess, environment: Record<string, string>): void {
  const { PATH: _, ...rest } = environment;
  heading("Stack and backend are still up. Go on like this:");
  for (const [name, value] of Object.entries(rest)) console.log(`  export ${name}=${JSON.stringify(value)}`);
  console.log(`  export PATH=${JSON.stringify(`${environment["PATH"]!.split(":").slice(0, 2).join(":")}:$PATH`)}`);
  console.log("  npx flowlogs status");
  console.log("  npx flowlogs explain --src 203.0.113.12 --dst 172.31.32.5 --protocol tcp --dport 5432");
  console.log("  pulumi up --stack quickstart");
  console.log(`  kill ${backend.pid}        # stops the backend; its data stay in ${backend.dataFolder}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof EngineUnavailable ? error.message : error);
  process.exitCode = error instanceof EngineUnavailable ? 4 : 1;
}
