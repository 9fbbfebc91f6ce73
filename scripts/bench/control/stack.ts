/**
 * 300 flow logs deployed with the real engine, beside as many dynamic resources whose provider does nothing: with the
 * provider as text, as ours is (the engine's floor), and as the SDK makes text of it.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "../../../src/client/client.ts";
import { openStack } from "../../../src/testing/deploy.ts";
import { median } from "../../report.ts";
import { secret, startFlowlogs } from "./processes.ts";

export const operations = ["up", "up again", "destroy"] as const;
export type Operation = (typeof operations)[number];
export const kinds = ["floor", "flow logs", "no-op"] as const;
export type Kind = (typeof kinds)[number];

/** Seconds of each operation, the middle of all rounds. */
export type Times = Record<Operation, Record<Kind, number>>;

export const resources = 300;

const projectFolder = fileURLToPath(new URL("program", import.meta.url));

/** Both kinds in turn; the one that goes first changes from round to round. */
export async function compareStacks(rounds: number, report: (line: string) => void): Promise<{ times: Times; ratios: Record<Operation, number> }> {
  const seconds = Object.fromEntries(operations.map((operation) => [operation, perKind(() => [])])) as unknown as Record<Operation, Record<Kind, number[]>>;
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? kinds : kinds.toReversed();
    for (const kind of order) {
      const taken = await deployOnce(kind);
      for (const operation of operations) seconds[operation][kind].push(taken[operation]);
      report(`stack, round ${round + 1} of ${rounds}, ${kind}: ${operations.map((each) => `${each} ${taken[each].toFixed(1)} s`).join(", ")}`);
    }
  }
  const times = Object.fromEntries(
    operations.map((operation) => [operation, perKind((kind) => median(seconds[operation][kind]))]),
  ) as Times;
  // Neighbours in time are compared with each other, so that what else the machine does falls on both.
  const ratios = Object.fromEntries(
    operations.map((operation) => [operation, median(seconds[operation].floor.map((floor, round) => seconds[operation]["flow logs"][round]! / floor))]),
  ) as Record<Operation, number>;
  return { times, ratios };
}

function perKind<V>(value: (kind: Kind) => V): Record<Kind, V> {
  return Object.fromEntries(kinds.map((kind) => [kind, value(kind)])) as Record<Kind, V>;
}

async function deployOnce(kind: Kind): Promise<Record<Operation, number>> {
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-bench-"));
  const server = await startFlowlogs("--memory");
  try {
    const endpoint = `http://127.0.0.1:${server.port}`;
    const args = await prepare(endpoint);
    writeFileSync(join(folder, "args.json"), JSON.stringify(args));
    const stack = await openStack({ projectFolder, stackName: "bench", homeFolder: folder, endpoint, dataFolder: folder });
    Object.assign(stack.workspace.envVars, secret, {
      BENCH_ARGS: join(folder, "args.json"),
      BENCH_KIND: kind,
      PULUMI_EXPERIMENTAL: "1",
      PULUMI_SKIP_CHECKPOINTS: "true",
    });
    const up = await timed(() => stack.up());
    const again = await timed(() => stack.up({ expectNoChanges: true }));
    const destroy = await timed(() => stack.destroy());
    return { up, "up again": again, destroy };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    rmSync(join(projectFolder, "Pulumi.bench.yaml"), { force: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

/** Makes what the flow logs watch and publish to, and gives their arguments. */
async function prepare(endpoint: string): Promise<object[]> {
  const credentials = { secretId: secret.TENCENTCLOUD_SECRET_ID, secretKey: secret.TENCENTCLOUD_SECRET_KEY };
  const client = new Client({ endpoint, credentials, region: "ap-guangzhou" });
  const { LogsetId } = await client.call("CreateLogset", { LogsetName: "bench" });
  const { TopicId } = await client.call("CreateTopic", { LogsetId, TopicName: "bench" });
  const vpcIds: string[] = [];
  for (let index = 0; index < resources; index++) {
    vpcIds.push((await client.call("CreateVpc", { VpcName: `v${index}`, CidrBlock: "10.0.0.0/16" })).Vpc.VpcId);
  }
  await client.close();
  return vpcIds.map((vpcId, index) => ({
    flowLogName: `bench-${index}`,
    resourceType: "VPC",
    resourceId: vpcId,
    vpcId,
    trafficType: "ALL",
    cloudLogId: TopicId,
    tags: { bench: "control" },
  }));
}
