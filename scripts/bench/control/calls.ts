/** API calls per second: flow logs created and described, one server at a time, in turns. */
import { median } from "../../report.ts";
import { callsPerSecond, flowlogsCall, isEnvelope, isXml, motoCall, type Prepared, sendAll } from "./load.ts";
import { type Running, startFlowlogs, startMoto } from "./processes.ts";

/** What one server did in one round. */
export interface Rates {
  readonly create: number;
  readonly describeOne: number;
  readonly describePage: number;
  readonly readyMs: number;
  readonly rssMb: number;
}

/** Flow logs that a server holds when it is asked about them; moto's VPC has no room for more subnets of this size. */
const flowLogs = 250;

/** How often creates are measured (what was made is deleted in between), and how many describes. */
interface Size {
  readonly creates: number;
  readonly describes: number;
}

// The first turns are those of a program that is still being compiled; the middle one is not.
const ours: Size = { creates: 15, describes: 4000 };
// It is slow enough that fewer calls tell as much.
const motos: Size = { creates: 1, describes: 250 };

async function loadFlowlogs(server: Running, { creates, describes }: Size): Promise<Omit<Rates, "readyMs">> {
  const { port } = server;
  const call = (action: string, fields: object) => flowlogsCall(port, action, fields);
  const range = Array.from({ length: flowLogs }, (_, index) => index);
  const vpcs = range.map((index) => call("CreateVpc", { VpcName: `v${index}`, CidrBlock: "10.0.0.0/16" }));
  const ids = (await sendAll(port, vpcs, isEnvelope)).map((text) => /"VpcId":"([^"]+)"/.exec(text)![1]!);
  const [logset] = await sendAll(port, [flowlogsCall(port, "CreateLogset", { LogsetName: "l" }, "cls")], isEnvelope);
  const LogsetId = /"LogsetId":"([^"]+)"/.exec(logset!)![1]!;
  const [topic] = await sendAll(port, [flowlogsCall(port, "CreateTopic", { LogsetId, TopicName: "t" }, "cls")], isEnvelope);
  const CloudLogId = /"TopicId":"([^"]+)"/.exec(topic!)![1]!;
  const requests = ids.map((VpcId, index) =>
    call("CreateFlowLog", { FlowLogName: `f${index}`, VpcId, ResourceType: "VPC", ResourceId: VpcId, TrafficType: "ALL", CloudLogId }),
  );
  const rates: number[] = [];
  for (let turn = 0; turn < creates; turn++) {
    if (turn > 0) await deleteFlowLogs(port);
    rates.push(await callsPerSecond(port, requests, isEnvelope));
  }
  const describe = (fields: (index: number) => object) => {
    const requests: Prepared[] = Array.from({ length: describes }, (_, index) => call("DescribeFlowLogs", fields(index)));
    return callsPerSecond(port, requests, isEnvelope);
  };
  const describeOne = await describe((index) => ({ ResourceId: ids[index % ids.length], Limit: 100 }));
  const describePage = await describe(() => ({ Limit: 100 }));
  return { create: median(rates), describeOne, describePage, rssMb: server.rssMb() };
}

async function deleteFlowLogs(port: number): Promise<void> {
  const pages = [0, 100, 200].map((Offset) => flowlogsCall(port, "DescribeFlowLogs", { Limit: 100, Offset }));
  const texts = await sendAll(port, pages, isEnvelope);
  const found = texts.flatMap((text) => (JSON.parse(text) as { Response: { FlowLog: { FlowLogId: string; VpcId: string }[] } }).Response.FlowLog);
  await sendAll(port, found.map(({ FlowLogId, VpcId }) => flowlogsCall(port, "DeleteFlowLog", { FlowLogId, VpcId })), isEnvelope);
}

async function loadMoto(server: Running, { describes }: Size): Promise<Omit<Rates, "readyMs">> {
  const { port } = server;
  const range = Array.from({ length: flowLogs }, (_, index) => index);
  // Subnets of one VPC: moto makes a route table, an ACL and more with every VPC, which is not what is measured.
  const [vpc] = await sendAll(port, [motoCall("CreateVpc", { CidrBlock: "10.0.0.0/16" })], isXml);
  const VpcId = /<vpcId>([^<]+)</.exec(vpc!)![1]!;
  const subnets = range.map((index) => motoCall("CreateSubnet", { VpcId, CidrBlock: `10.0.${index}.0/24` }));
  const ids = (await sendAll(port, subnets, isXml)).map((text) => /<subnetId>([^<]+)</.exec(text)![1]!);
  const creates = ids.map((id) =>
    motoCall("CreateFlowLogs", {
      "ResourceId.1": id,
      ResourceType: "Subnet",
      TrafficType: "ALL",
      LogGroupName: "group",
      DeliverLogsPermissionArn: "arn:aws:iam::123456789012:role/r",
    }),
  );
  const create = await callsPerSecond(port, creates, isXml);
  const describe = (fields: (index: number) => Record<string, string>) =>
    callsPerSecond(port, Array.from({ length: describes }, (_, index) => motoCall("DescribeFlowLogs", fields(index))), isXml);
  const describeOne = await describe((index) => ({ "Filter.1.Name": "resource-id", "Filter.1.Value.1": ids[index % ids.length]! }));
  const describePage = await describe(() => ({ MaxResults: "100" }));
  return { create, describeOne, describePage, rssMb: server.rssMb() };
}

/** The servers that are compared. */
export const sides = {
  "flowlogs --memory": () => round(() => startFlowlogs("--memory"), (server) => loadFlowlogs(server, ours)),
  "flowlogs, durable": () => round(() => startFlowlogs(), (server) => loadFlowlogs(server, ours)),
  "moto_server": () => round(startMoto, (server) => loadMoto(server, motos)),
} as const;

export type Side = keyof typeof sides;

async function round(start: () => Promise<Running>, load: (server: Running) => Promise<Omit<Rates, "readyMs">>): Promise<Rates> {
  const server = await start();
  try {
    return { ...(await load(server)), readyMs: server.readyMs };
  } finally {
    await server.stop();
  }
}

/** Each side in turn, as often as wanted: the middle value of each figure. */
export async function compareCalls(rounds: number, report: (line: string) => void): Promise<Record<Side, Rates>> {
  const found = Object.fromEntries(Object.keys(sides).map((side) => [side, [] as Rates[]])) as unknown as Record<Side, Rates[]>;
  for (let turn = 0; turn < rounds; turn++) {
    for (const [side, run] of Object.entries(sides) as [Side, () => Promise<Rates>][]) {
      report(`calls, round ${turn + 1} of ${rounds}: ${side}`);
      found[side].push(await run());
    }
  }
  const middle = (all: readonly Rates[]): Rates => {
    const of = (key: keyof Rates) => median(all.map((each) => each[key]));
    return { create: of("create"), describeOne: of("describeOne"), describePage: of("describePage"), readyMs: of("readyMs"), rssMb: of("rssMb") };
  };
  return Object.fromEntries(Object.entries(found).map(([side, all]) => [side, middle(all)])) as Record<Side, Rates>;
}
