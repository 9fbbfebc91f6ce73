/**
 * `npm run bench -- capture [--packets N] [--rounds N] [--only main,small,growth,windows,huge]`: captures into records,
 * beside the tools of Debian and a C loop of the project's own, in interleaved rounds. Writes its section of
 * docs/benchmarks.md; what missed its target stands there too.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { markdownTable, provenance, writeSection } from "../report.ts";
import { barChart } from "./capture/chart.ts";
import { captureOf, connectionsOf, mixOf } from "./capture/mixes.ts";
import { buildLoop, cLoop, flowlogs, isInstalled, peers, type Run, runTool, type Tool, verdictPath } from "./capture/tools.ts";

interface Measured {
  readonly tool: Tool;
  readonly best: Run;
  readonly cpu: number;
}

/** Results by part: those that are not measured now stay as the page has them. */
type Parts = Record<string, string>;

const page = "docs/benchmarks.md";
const allParts = ["main", "small", "growth", "windows", "verdicts", "huge"];

/** Runs the parts that are asked for. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      packets: { type: "string", default: "20000000" },
      rounds: { type: "string", default: "3" },
      only: { type: "string", default: "main,small,growth,windows,verdicts" },
    },
  });
  const [packets, rounds] = [Number(values.packets), Number(values.rounds)];
  const wanted = values.only.split(",");
  const unknown = wanted.find((part) => !allParts.includes(part));
  if (unknown !== undefined) throw new Error(`--only: ${JSON.stringify(unknown)} must be one of ${allParts.join(", ")}`);
  const loop = buildLoop();
  const parts = partsOfPage();
  for (const part of wanted) {
    parts[part] = `${provenance(`npm run bench -- capture --only ${part}`)}\n\n${measurePart(part, loop, packets, rounds)}`;
    const text = allParts.flatMap((each) => (parts[each] === undefined ? [] : [`### ${titles[each]!}\n\n${parts[each]}`])).join("\n\n");
    writeSection(page, "capture", "Captures into records", text);
  }
}

function partsOfPage(): Parts {
  const section = /<!-- capture -->\n([^]*?)<!-- \/capture -->/.exec(readFileSync(page, "utf8"))?.[1] ?? "";
  const parts: Parts = {};
  for (const text of section.split(/^### /m).slice(1)) {
    const [title, ...lines] = text.split("\n");
    const part = allParts.find((each) => titles[each] === title);
    if (part !== undefined) parts[part] = lines.join("\n").trim();
  }
  return parts;
}

const titles: Readonly<Record<string, string>> = {
  main: "Beside other tools",
  small: "A small file",
  growth: "From 1 to 30 million packets",
  windows: "Short windows and long ones",
  verdicts: "With ENIs, connection tracking and verdicts",
  huge: "100 million packets",
};

function measurePart(part: string, loop: string, packets: number, rounds: number): string {
  switch (part) {
    case "main":
      return besideOthers(loop, packets, rounds);
    case "small":
      return smallFile(loop, rounds);
    case "growth":
      return growth(loop, [1e6, 10e6, 30e6], rounds);
    case "windows":
      return windows(loop, packets, rounds);
    case "verdicts":
      return withVerdicts(loop, packets, rounds);
    default:
      return growth(loop, [10e6, 100e6], rounds);
  }
}

/** Runs the tools in turn, round by round; the best of each, and whether the totals are right. */
function race(tools: readonly Tool[], capture: string, packets: number, rounds: number): Measured[] {
  // The first reading would come from the disk.
  execFileSync("cat", [capture], { stdio: ["ignore", "ignore", "inherit"], maxBuffer: 1 });
  const runs = new Map<Tool, Run[]>(tools.map((tool) => [tool, []]));
  for (let round = 0; round < rounds; round++) {
    for (const tool of tools) {
      const run = runTool(tool, capture);
      if (run.totals.packets !== packets) throw new Error(`${tool.name} counted ${run.totals.packets} of ${packets} packets`);
      runs.get(tool)!.push(run);
      console.error(`round ${round + 1}: ${tool.name}: ${run.wall.toFixed(2)} s, CPU ${run.cpu.toFixed(2)} s`);
    }
  }
  return tools.map((tool) => {
    const all = runs.get(tool)!;
    const best = all.reduce((a, b) => (b.wall < a.wall ? b : a));
    return { tool, best, cpu: Math.min(...all.map(({ cpu }) => cpu)) };
  });
}

function besideOthers(loop: string, packets: number, rounds: number): string {
  const capture = captureOf(mixOf(packets));
  const there = peers.filter(({ command }) => isInstalled(command("", "")[0]!));
  const missing = peers.filter((peer) => !there.includes(peer)).map(({ debianPackage }) => debianPackage);
  const ours = [flowlogs(1), flowlogs(2)];
  const measured = race([cLoop(loop), ...ours, ...there], capture, packets, rounds);
  const [c, one, two] = measured as [Measured, Measured, Measured, ...Measured[]];
  if (one.best.totals.bytes !== c.best.totals.bytes || two.best.totals.bytes !== c.best.totals.bytes) throw new Error("the bytes differ");
  const rows = measured.map(({ tool, best, cpu }) => [
    tool.name,
    best.wall.toFixed(2),
    cpu.toFixed(2),
    (packets / best.wall / 1e6).toFixed(1),
    (best.wall / two.best.wall).toFixed(2),
    Math.round(best.memory),
    best.totals.records?.toLocaleString("en") ?? "-",
    tool.note,
  ]);
  const header = ["tool", "wall s", "CPU s", "M packets/s", "× two threads", "MB", "records", "writes"];
  writeFileSync("docs/capture.svg", barChart(measured.map(({ tool, best }) => ({ name: tool.name, value: packets / best.wall / 1e6 }))));
  const wallOf = (name: string) => measured.find(({ tool }) => tool.name === name)?.best.wall;
  const size = (statSync(capture).size / 1e9).toFixed(2);
  return [
    `${packets.toLocaleString("en")} packets, ${size} GB, from the page cache; best of ${rounds} interleaved rounds; the packets of every tool are checked, ` +
      "the bytes of those that sum IP lengths too." + (missing.length === 0 ? "" : ` Not installed: ${missing.join(", ")}.`),
    markdownTable(header, rows),
    targets([
      ["two threads against the C loop", c.best.wall / two.best.wall, 1],
      ["one thread against the C loop, by CPU", c.cpu / one.cpu, 0.65],
      ["against nfpcapd", (wallOf("nfpcapd") ?? Number.NaN) / two.best.wall, 15],
      ["against softflowd", (wallOf("softflowd") ?? Number.NaN) / two.best.wall, 25],
      ["against tcpdump -w /dev/null", (wallOf("tcpdump -w /dev/null") ?? Number.NaN) / two.best.wall, 1],
    ]),
    memoryTargets([one, two]),
  ].join("\n\n");
}

/** Ratios against their targets; those that miss are named as such. */
function targets(rows: readonly (readonly [what: string, ratio: number, target: number])[]): string {
  const shown = rows.map(([what, ratio, target]) => [
    what,
    Number.isNaN(ratio) ? "not measured" : `${ratio.toFixed(2)}×`,
    `≥ ${target}×`,
    Number.isNaN(ratio) ? "-" : ratio >= target ? "met" : `missed by ${((1 - ratio / target) * 100).toFixed(0)} %`,
  ]);
  return markdownTable(["", "ratio", "target", ""], shown);
}

/** Peak memory against 60 MB and 64 MB for a million live flows: those in memory at a time. */
function memoryTargets(measured: readonly Measured[]): string {
  const { windowFlows, mostFlows } = measured[0]!.best.totals;
  const allowed = (flows: number) => 60 + (64 * flows) / 1e6;
  const rows = measured.map(({ tool, best }) => {
    const target = allowed(mostFlows!);
    const verdict = best.memory <= target ? "met" : `missed by ${((best.memory / target - 1) * 100).toFixed(0)} %`;
    return [tool.name, `${Math.round(best.memory)} MB`, `≤ ${Math.round(target)} MB`, verdict];
  });
  return [
    `Memory: 60 MB and 64 MB for a million live flows. ${mostFlows!.toLocaleString("en")} are in memory at a time: those of a window and of the one before it, which waits ` +
      `five minutes for late packets. (The fullest window alone has ${windowFlows!.toLocaleString("en")}, which would be ${Math.round(allowed(windowFlows!))} MB.)`,
    markdownTable(["", "peak", "target", ""], rows),
  ].join("\n\n");
}

function smallFile(loop: string, rounds: number): string {
  const packets = 100_000;
  const capture = captureOf(mixOf(packets, 60));
  const tools = [cLoop(loop), flowlogs(1), ...peers.filter(({ name }) => name === "nfpcapd" && isInstalled("nfpcapd"))];
  const measured = race(tools, capture, packets, rounds * 3);
  const ours = measured[1]!.best.wall;
  return [
    `${packets.toLocaleString("en")} packets, start-up included.`,
    markdownTable(["tool", "wall s", "CPU s"], measured.map(({ tool, best, cpu }) => [tool.name, best.wall.toFixed(3), cpu.toFixed(3)])),
    `Target ≤ 0.2 s: ${ours <= 0.2 ? "met" : `missed by ${((ours / 0.2 - 1) * 100).toFixed(0)} %`}.`,
  ].join("\n\n");
}

function growth(loop: string, sizes: readonly number[], rounds: number): string {
  const measured = sizes.map((packets) => {
    // As many packets a second whatever the size: more windows, not fuller ones.
    const capture = captureOf(mixOf(packets, Math.round((packets / 20e6) * 1800)));
    return { packets, runs: race([cLoop(loop), flowlogs(1), flowlogs(2)], capture, packets, rounds) as [Measured, Measured, Measured] };
  });
  const rows = measured.map(({ packets, runs }) => {
    const each = ({ best, cpu }: Measured) =>
      `${best.wall.toFixed(2)} (${(packets / best.wall / 1e6).toFixed(1)} M/s; ${((cpu / packets) * 1e9).toFixed(0)} ns CPU a packet; ${Math.round(best.memory)} MB)`;
    return [packets.toLocaleString("en"), ...runs.map(each), (runs[0].best.wall / runs[2].best.wall).toFixed(2)];
  });
  const [before, last] = measured.slice(-2) as [(typeof measured)[number], (typeof measured)[number]];
  const perPacket = ({ packets, runs }: typeof last, place: 1 | 2) => runs[place].cpu / packets;
  const millions = ({ packets }: typeof last) => `${packets / 1e6} M`;
  const ratios = ([1, 2] as const).map((place) => [
    `CPU a packet, ${place === 1 ? "one thread" : "two threads"}: ${millions(last)} against ${millions(before)}`,
    perPacket(last, place) / perPacket(before, place),
    1.1,
  ] as const);
  return [
    markdownTable(["packets", "C loop: wall s", "one thread", "two threads", "two threads against C"], rows),
    limits(ratios),
  ].join("\n\n");
}

/** Ratios that must not pass a limit. */
function limits(rows: readonly (readonly [what: string, ratio: number, limit: number])[]): string {
  const shown = rows.map(([what, ratio, limit]) => [
    what,
    `${ratio.toFixed(2)}×`,
    `≤ ${limit}×`,
    ratio <= limit ? "met" : `missed by ${((ratio / limit - 1) * 100).toFixed(0)} %`,
  ]);
  return markdownTable(["", "ratio", "target", ""], shown);
}

function windows(loop: string, packets: number, rounds: number): string {
  const capture = captureOf(mixOf(packets));
  const intervals = [600, 300, 60];
  const tools = intervals.flatMap((interval) => [cLoop(loop, interval), flowlogs(1, interval), flowlogs(2, interval)]);
  const measured = race(tools, capture, packets, rounds);
  const byInterval = intervals.map((interval, place) => ({ interval, runs: measured.slice(place * 3, place * 3 + 3) as [Measured, Measured, Measured] }));
  const rows = byInterval.map(({ interval, runs: [c, one, two] }) => [
    interval,
    one.best.totals.records!.toLocaleString("en"),
    c.cpu.toFixed(2),
    one.cpu.toFixed(2),
    (one.cpu / c.cpu).toFixed(2),
    two.best.wall.toFixed(2),
    Math.round(two.best.memory),
  ]);
  const header = ["window s", "records", "C loop: CPU s", "one thread: CPU s", "against C", "two threads: wall s", "MB"];
  const against = ({ runs: [c, one] }: (typeof byInterval)[number]) => one.cpu / c.cpu;
  const cost = ({ runs: [, one] }: (typeof byInterval)[number]) => one;
  const [longest, shortest] = [byInterval[0]!, byInterval.at(-1)!];
  const more = cost(shortest).best.totals.records! - cost(longest).best.totals.records!;
  return [
    "The same capture. Shorter windows make more records of it, for the C loop too: what more of them cost beside it shows what the windows themselves cost.",
    markdownTable(header, rows),
    `Each further record: ${(((cost(shortest).cpu - cost(longest).cpu) / more) * 1e9).toFixed(0)} ns CPU.`,
    limits([[`CPU against the C loop's: windows of ${shortest.interval} s against those of ${longest.interval} s`, against(shortest) / against(longest), 1.1]]),
  ].join("\n\n");
}

/** The backend's own packet path beside the C loop, which only sums. */
function withVerdicts(loop: string, packets: number, rounds: number): string {
  const connections = 100_000;
  const capture = captureOf(connectionsOf(packets, connections, 100));
  const [c, path] = race([cLoop(loop), verdictPath], capture, packets, rounds) as [Measured, Measured];
  const rows = [c, path].map(({ tool, best, cpu }) => [
    tool.name,
    best.wall.toFixed(2),
    cpu.toFixed(2),
    (packets / best.wall / 1e6).toFixed(2),
    Math.round(best.memory),
    best.totals.records!.toLocaleString("en"),
  ]);
  return [
    `${packets.toLocaleString("en")} packets of ${connections.toLocaleString("en")} TCP connections with 100 ENIs: each packet finds its ENI, meets its groups ` +
      "(five, of twenty rules each) and its ACL, is tracked and counted. The C loop only sums.",
    markdownTable(["", "wall s", "CPU s", "M packets/s", "MB", "flows"], rows),
    targets([["the packet path against the C loop", c.best.wall / path.best.wall, 0.5]]),
  ].join("\n\n");
}
