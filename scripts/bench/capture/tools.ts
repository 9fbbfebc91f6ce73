/** The tools that the capture benchmark runs side by side, each with a check of its totals. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { benchFolder } from "./mixes.ts";

/** What a tool counted, as far as it says. */
export interface Totals {
  readonly packets: number;
  /** The sum of the IP total lengths. */
  readonly bytes?: number;
  readonly records?: number;
  /** Flows of the fullest window, and most flows in memory at a time. */
  readonly windowFlows?: number;
  readonly mostFlows?: number;
}

/** A tool, how it is called on a capture, and how its totals are read. */
export interface Tool {
  readonly name: string;
  /** What it writes, and what else to know. */
  readonly note: string;
  readonly command: (capture: string, out: string) => readonly string[];
  readonly totals: (out: string, printed: string) => Totals;
}

/** One run of a tool. */
export interface Run {
  readonly wall: number;
  readonly cpu: number;
  /** Peak resident memory in megabytes. */
  readonly memory: number;
  readonly totals: Totals;
}

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const cli = join(root, "dist", "cli", "main.js");

/** Builds the C loop; gives its path. */
export function buildLoop(): string {
  mkdirSync(benchFolder, { recursive: true });
  const binary = join(benchFolder, "loop");
  execFileSync("gcc", ["-O3", "-march=native", "-o", binary, join(here, "loop.c")]);
  return binary;
}

/** Our own command, with one thread or two. */
export function flowlogs(threads: 1 | 2, interval = 600): Tool {
  return {
    name: `flowlogs aggregate, ${threads === 1 ? "one thread" : "two threads"}`,
    note: "text records",
    command: (capture, out) => [
      process.execPath,
      cli,
      "aggregate",
      capture,
      "--all",
      "--interval",
      String(interval),
      "--threads",
      String(threads),
      "-o",
      join(out, "records"),
    ],
    totals: (out, printed) => {
      const mostFlows = Number(/([\d,]+) flows in memory/.exec(printed)?.[1]!.replaceAll(",", ""));
      return { ...textTotals(join(out, "records"), interval), mostFlows };
    },
  };
}

/** A script of the benchmark without its types, as the backend is built: what reads types would be measured too. */
function withoutTypes(name: string, others: readonly string[]): string {
  const folder = join(benchFolder, `plain-${process.pid}`);
  const plain = (each: string) => join(folder, each.replace(/\.ts$/, ".mjs"));
  for (const each of [name, ...others]) {
    mkdirSync(dirname(plain(each)), { recursive: true });
    const text = stripTypeScriptTypes(readFileSync(join(root, "scripts", "bench", each), "utf8"));
    writeFileSync(plain(each), text.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.mjs"'));
  }
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return plain(name);
}

let verdictScript: string | undefined;

/** The backend's packet path, in a process of its own. */
export const verdictPath: Tool = {
  name: "packet path with verdicts",
  note: "flows in memory",
  command: (capture) => {
    verdictScript ??= withoutTypes("capture/verdict-path.ts", ["capture/mixes.ts", "verdict-world.ts"]);
    return [process.execPath, verdictScript, capture];
  },
  totals: (_out, printed) => {
    const [packets, bytes, records] = [...printed.matchAll(/\d+/g)].map(Number) as [number, number, number];
    return { packets, bytes, records };
  },
};

/** The C loop of the project. */
export function cLoop(binary: string, interval = 600): Tool {
  return {
    name: "C loop, one thread",
    note: "text records; the limit",
    command: (capture, out) => [binary, capture, String(interval), join(out, "records")],
    totals: (_out, printed) => {
      const [packets, bytes, records] = [...printed.matchAll(/\d+/g)].map(Number) as [number, number, number];
      return { packets, bytes, records };
    },
  };
}

/** Debian's tools. */
export const peers: readonly (Tool & { readonly debianPackage: string })[] = [
  {
    name: "tcpdump -w /dev/null",
    debianPackage: "tcpdump",
    note: "nothing: libpcap's reading alone",
    command: (capture) => ["tcpdump", "-r", capture, "-w", "/dev/null", "--count"],
    totals: (_out, printed) => ({ packets: Number(/(\d+) packets?$/m.exec(printed)?.[1]) }),
  },
  {
    name: "nfpcapd",
    debianPackage: "nfdump",
    note: "nfcapd files",
    command: (capture, out) => ["nfpcapd", "-r", capture, "-w", out, "-t", "600", "-e", "600,60"],
    totals: (out) => {
      const text = execFileSync("nfdump", ["-R", out, "-I"], { encoding: "utf8" });
      const value = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, "m").exec(text)?.[1]);
      return { packets: value("Packets"), bytes: value("Bytes"), records: value("Flows") };
    },
  },
  {
    name: "softflowd",
    debianPackage: "softflowd",
    note: "NetFlow v9 to UDP, nothing to disk",
    command: (capture) => ["softflowd", "-r", capture, "-c", "none", "-n", "127.0.0.1:9995", "-v", "9", "-t", "maxlife=600", "-m", "20000000", "-d"],
    totals: (_out, printed) => ({
      packets: Number(/Packets processed: (\d+)/.exec(printed)?.[1]),
      records: Number(/\((\d+) records\)/.exec(printed)?.[1]),
    }),
  },
  {
    name: "argus",
    debianPackage: "argus-server",
    note: "argus file; both directions in a record",
    command: (capture, out) => ["argus", "-X", "-S", "600", "-r", capture, "-w", join(out, "argus")],
    totals: (out) => {
      const text = execFileSync("racount", ["-r", join(out, "argus")], { encoding: "utf8" });
      const [records, packets] = /sum\s+(\d+)\s+(\d+)/.exec(text)!.slice(1).map(Number) as [number, number];
      return { packets, records };
    },
  },
];

/** Whether a program is on PATH. */
export function isInstalled(name: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;
}

/** Runs a tool once; its output is gone afterwards. */
export function runTool(tool: Tool, capture: string): Run {
  const out = join(benchFolder, `out-${process.pid}`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const measured = join(benchFolder, `time-${process.pid}`);
  const started = process.hrtime.bigint();
  const result = spawnSync("/usr/bin/time", ["-f", "%e %U %S %M", "-o", measured, ...tool.command(capture, out)], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: 1_800_000,
  });
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  if (result.status !== 0 && result.status !== null && !existsSync(measured)) throw new Error(`${tool.name}: ${result.stderr}`);
  const [, user, system, kilobytes] = readFileSync(measured, "utf8").trim().split("\n").at(-1)!.split(" ").map(Number) as [number, number, number, number];
  const totals = tool.totals(out, `${result.stdout}\n${result.stderr}`);
  rmSync(out, { recursive: true, force: true });
  rmSync(measured);
  return { wall, cpu: user + system, memory: kilobytes / 1024, totals };
}

/** Sums of the packets and bytes fields of text records, and the flows of the fullest window. */
function textTotals(path: string, interval: number): Totals {
  const program =
    `{ packets += $9; bytes += $10; flows = ++of[int($11 / ${interval})]; if (flows > most) most = flows } ` +
    'END { printf "%d %d %d %d", packets, bytes, NR, most }';
  const text = execFileSync("awk", [program, path], { encoding: "utf8" });
  const [packets, bytes, records, windowFlows] = text.split(" ").map(Number) as [number, number, number, number];
  return { packets, bytes, records, windowFlows };
}
