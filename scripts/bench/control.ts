/**
 * `npm run bench -- control [ROUNDS]`: how quickly a backend is there and what it weighs, its API beside moto's, and 300
 * flow logs deployed beside the engine's floor. Writes its section of docs/benchmarks.md.
 */
import { markdownTable, median, provenance, writeSection } from "../report.ts";
import { compareCalls, type Rates, type Side } from "./control/calls.ts";
import { motoVersion, nodeStart, startFlowlogs } from "./control/processes.ts";
import { compareStacks, operations, resources, type Times } from "./control/stack.ts";

/** What is aimed at. */
const targets = { readyMs: 300, rssMb: 100, callsRatio: 10, stackRatio: 1.2 } as const;

const starts = 9;

interface Start {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** The time from the process's start to the line that says it listens, less what Node itself takes. */
async function measureStart(...args: string[]): Promise<Start> {
  const found: Start[] = [];
  for (let count = 0; count < starts; count++) {
    const node = nodeStart();
    const server = await startFlowlogs(...args);
    found.push({ readyMs: server.readyMs - node.wallMs, cpuMs: server.cpuMs() - node.cpuMs, rssMb: server.rssMb() });
    await server.stop();
  }
  const middle = (key: keyof Start) => median(found.map((each) => each[key]));
  return { readyMs: middle("readyMs"), cpuMs: middle("cpuMs"), rssMb: middle("rssMb") };
}

const verdict = (isMet: boolean) => (isMet ? "met" : "**missed**");

function startText(memory: Start, durable: Start): string {
  const row = (name: string, { readyMs, cpuMs, rssMb }: Start) => [
    name,
    `${readyMs.toFixed(0)} ms`,
    verdict(readyMs <= targets.readyMs),
    `${cpuMs.toFixed(0)} ms`,
    `${rssMb.toFixed(0)} MB`,
    verdict(rssMb <= targets.rssMb),
  ];
  const header = ["`flowlogs serve`", "ready after Node's own start", `≤ ${targets.readyMs} ms`, "processor time for it", "resident memory when ready", `≤ ${targets.rssMb} MB`];
  return `### Start\n\nThe middle of ${starts} starts. Where other work keeps the processors busy, the time until ready is mostly waiting: the processor time is what the start itself takes.\n\n${markdownTable(header, [row("--memory", memory), row("durable", durable)])}`;
}

function callsText(rates: Record<Side, Rates>, rounds: number): string {
  const [memory, durable, moto] = [rates["flowlogs --memory"], rates["flowlogs, durable"], rates["moto_server"]];
  const row = (name: string, key: "create" | "describeOne" | "describePage") => {
    const ratio = memory[key] / moto[key];
    return [
      name,
      ...[memory, durable, moto].map((each) => each[key].toFixed(0)),
      `${ratio.toFixed(1)}×`,
      verdict(ratio >= targets.callsRatio),
      `${(durable[key] / moto[key]).toFixed(1)}×`,
    ];
  };
  const header = ["calls/s", "--memory", "durable", "moto_server", "--memory : moto", `≥ ${targets.callsRatio}×`, "durable : moto"];
  const rows = [row("create a flow log", "create"), row("describe by watched resource", "describeOne"), row("describe a page of 100", "describePage")];
  return `### API calls

moto_server ${motoVersion} (\`moto[server]\`, its EC2 CreateFlowLogs and DescribeFlowLogs) and this backend in turn, ${rounds} rounds, the
middle of each figure: 250 flow logs, 16 calls at a time over connections that are kept where the server keeps them (moto's does not).
Every call to this backend is signed and verified; moto checks no signature. "Durable": each write is on disk before it is answered.

${markdownTable(header, rows)}

Resident memory after this load: --memory ${memory.rssMb.toFixed(0)} MB, durable ${durable.rssMb.toFixed(0)} MB, moto_server ${moto.rssMb.toFixed(0)} MB. moto_server answers ${(moto.readyMs / 1000).toFixed(1)} s after its start.`;
}

function stackText({ times, ratios }: { times: Times; ratios: Record<string, number> }, rounds: number): string {
  const rows = operations.map((operation) => {
    const { floor, "flow logs": own, "no-op": noOp } = times[operation];
    const ratio = ratios[operation]!;
    return [operation, ...[noOp, floor, own].map((each) => `${each.toFixed(1)} s`), `${ratio.toFixed(2)}×`, verdict(ratio <= targets.stackRatio)];
  });
  return `### ${resources} flow logs with Pulumi

Beside ${resources} dynamic resources with the same properties whose provider does nothing: once as the SDK makes text of such a provider (which
takes the program longer), once handed over as text, as this project's resources hand over theirs: what the engine itself takes. In turn, ${rounds} rounds, with \`PULUMI_EXPERIMENTAL=1 PULUMI_SKIP_CHECKPOINTS=true\` on both sides (without it the engine's checkpoints take most of the time).
The ratio is the middle of each round's own.

${markdownTable(["", "no-op provider", "no-op provider as text", "flow logs", "ratio to the latter", `≤ ${targets.stackRatio}×`], rows)}`;
}

export async function run([rounds = "3"]: string[]): Promise<void> {
  const say = (line: string) => console.error(line);
  say(`${starts} starts`);
  const start = startText(await measureStart("--memory"), await measureStart());
  const calls = callsText(await compareCalls(Number(rounds), say), Number(rounds));
  const stack = stackText(await compareStacks(Number(rounds), say), Number(rounds));
  const text = `${provenance(`npm run bench -- control ${rounds}`)}\n\n${start}\n\n${calls}\n\n${stack}`;
  writeSection("docs/benchmarks.md", "control", "The control plane", text);
  console.log(text);
}
