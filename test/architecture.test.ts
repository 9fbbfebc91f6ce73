/** The house rules that a machine can check: who may import whom, how long things are, where time and chance come from. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const src = join(root, "src");

const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join(src, name), "utf8") }));

/** The room a file lives in: its folder under src, for the backend the folder under src/backend. */
function roomOf(name: string): string {
  const parts = name.split("/");
  if (parts[0] !== "backend") return parts.length === 1 ? "entry" : parts[0]!;
  if (parts.length > 2) return `backend/${parts[1]}`;
  return `backend/${parts[1]!.replace(".ts", "")}`;
}

const backendTools = ["backend/clock", "backend/ids", "backend/ledger", "backend/thread", "backend/in-turns", "backend/disk-sync", "backend/numbered"];
const domain = ["backend/vpc", "backend/flow", "backend/logs", "backend/traffic"];
const anything = ["*"];

/** Which rooms a room may import, and which packages (Node's own are free to all). */
const rules: Readonly<Record<string, { readonly rooms: readonly string[]; readonly packages?: readonly string[] }>> = {
  entry: { rooms: ["pulumi"] },
  net: { rooms: [] },
  wire: { rooms: ["net"] },
  model: { rooms: ["wire", "net"] },
  client: { rooms: ["wire"], packages: ["undici"] },
  pulumi: { rooms: ["model", "client"], packages: ["@pulumi/pulumi"] },
  testing: { rooms: anything, packages: ["@pulumi/pulumi"] },
  cli: { rooms: anything, packages: ["commander", "yaml"] },
  "backend/clock": { rooms: [] },
  "backend/ids": { rooms: [] },
  "backend/disk-sync": { rooms: [] },
  "backend/ledger": { rooms: ["backend/disk-sync"] },
  "backend/in-turns": { rooms: [] },
  "backend/numbered": { rooms: [] },
  "backend/thread": { rooms: [] },
  "backend/call-memory": { rooms: ["backend/ledger"] },
  "backend/vpc": { rooms: ["net", ...backendTools] },
  "backend/flow": { rooms: ["net", "backend/vpc", "backend/record-batch", ...backendTools] },
  "backend/packet-loop": { rooms: ["net"] },
  "backend/traffic": { rooms: ["net", "backend/vpc", "backend/packet-loop"] },
  "backend/logs": { rooms: ["net", "backend/vpc", "backend/record-batch", ...backendTools], packages: ["@duckdb/node-api", "undici"] },
  "backend/record-batch": { rooms: ["backend/flow", "backend/vpc"] },
  "backend/record-log": { rooms: ["backend/vpc"] },
  "backend/packet-path": { rooms: [...domain, ...backendTools, "backend/path-counts"] },
  "backend/path-counts": { rooms: [] },
  "backend/data-plane": { rooms: [...domain, ...backendTools, "backend/packet-path", "backend/path-counts", "backend/record-batch"] },
  "backend/rooms": { rooms: [...domain, ...backendTools, "backend/call-memory", "backend/data-plane"] },
  "backend/actions": { rooms: ["wire", "net", ...domain, ...backendTools, "backend/rooms", "backend/packet-path", "backend/path-counts", "backend/record-log"] },
  "backend/cloud": { rooms: ["wire", ...domain, ...backendTools, "backend/call-memory", "backend/actions", "backend/rooms", "backend/data-plane", "backend/record-batch", "backend/record-log", "backend/gate", "backend/snapshot"] },
  "backend/gate": { rooms: ["backend/clock"] },
  "backend/snapshot": { rooms: ["backend/disk-sync", "backend/ledger", "backend/logs"] },
  "backend/server": { rooms: ["wire", "backend/cloud", "backend/ids"] },
  "backend/main": { rooms: anything },
};

interface Arrow {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: { name: string; text: string }): { rooms: Arrow[]; packages: string[] } {
  const specifiers = ts.preProcessFile(file.text).importedFiles.map(({ fileName }) => fileName);
  const rooms = specifiers
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => ({ from: file.name, to: relative(src, join(src, dirname(file.name), specifier)) }));
  const packages = specifiers.filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"));
  return { rooms, packages };
}

describe("who may import whom", () => {
  test("every room has its rule", () => {
    expect(files.map(({ name }) => roomOf(name)).filter((room) => rules[room] === undefined)).toEqual([]);
  });

  test("no arrow that the rules do not allow", () => {
    const wrong = files.flatMap((file) => {
      const room = roomOf(file.name);
      const { rooms } = rules[room]!;
      return importsOf(file)
        .rooms.filter(({ to }) => roomOf(to) !== room && !rooms.includes("*") && !rooms.includes(roomOf(to)))
        .map(({ from, to }) => `${from} → ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  test("no package that the rules do not allow", () => {
    const wrong = files.flatMap((file) => {
      const allowed = rules[roomOf(file.name)]!.packages ?? [];
      const nameOf = (specifier: string) => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
      return importsOf(file).packages.filter((each) => !allowed.includes(nameOf(each))).map((each) => `${file.name} → ${each}`);
    });
    expect(wrong).toEqual([]);
  });

  test("only public entries re-export", () => {
    const reExports = files.filter(({ text }) => /^export .* from "/m.test(text)).map(({ name }) => name).toSorted();
    expect(reExports).toEqual(["backend/packet-loop/wasm/index.ts", "index.ts", "testing/index.ts"]);
  });
});

describe("size", () => {
  test("a file has at most 400 lines, tables of the wire aside", () => {
    const isTable = (name: string) => /^wire\/(vpc|cls|objects)\.ts$/.test(name);
    const long = files.filter(({ name, text }) => !isTable(name) && text.split("\n").length > 400).map(({ name }) => name);
    expect(long).toEqual([]);
  });

  test("a function has at most 70 lines", () => {
    const long: string[] = [];
    for (const { name, text } of files) {
      const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
      const visit = (node: ts.Node) => {
        if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
          const first = source.getLineAndCharacterOfPosition(node.getStart()).line;
          const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
          if (last - first + 1 > 70) long.push(`${name}:${first + 1}`);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
    expect(long).toEqual([]);
  });
});

describe("time, chance and words", () => {
  test("in the backend only main.ts reaches for the real clock, chance and timers", () => {
    const reaching = /\bDate\.now\(|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bperformance\.now\(|\brandomBytes\(/;
    // The door itself waits for requests: how long is not the cloud's time.
    const isDoor = (name: string) => name === "backend/server/server.ts";
    const wrong = files
      .filter(({ name, text }) => name.startsWith("backend/") && name !== "backend/main.ts" && !isDoor(name) && reaching.test(text))
      .map(({ name }) => name);
    expect(wrong).toEqual([]);
  });

  test("nothing is called by what it is not", () => {
    const banned = /\b(class|interface|type)\s+(I[A-Z][a-z]\w*|\w*(Manager|Service|Helper|Utils?|Impl))\b/;
    const wrong = files.filter(({ text }) => banned.test(text)).map(({ name, text }) => `${name}: ${banned.exec(text)![0]}`);
    // IndexRule and the like begin with a word, not with an I.
    expect(wrong.filter((each) => !/ (Index|Ipv6|Inc|Int|Is)/.test(each))).toEqual([]);
    expect(files.map(({ name }) => name).filter((name) => /(^|\/)(utils?|common|helpers?)(\/|\.ts$)/.test(name))).toEqual([]);
  });

  test("every file begins by saying what it promises, or holds one thing that says it itself", () => {
    const opens = (text: string) => /^(#!.*\n)?(\/\*\*|\/\/ )/.test(text);
    const documented = (text: string) => /\/\*\*[\s\S]*?\*\/\nexport (const|class|function|interface)/.test(text);
    expect(files.filter(({ text }) => !opens(text) && !documented(text)).map(({ name }) => name)).toEqual([]);
  });
});

test("nothing that is committed names a path or a registry of the machine it was made on", () => {
  const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter((name) => name !== "");
  const machine = new RegExp(["/work" + "/", "/root" + "/", "registry" + "\\.npmjs"].join("|"));
  const wrong = tracked.filter((name) => !name.endsWith(".pcap")).filter((name) => machine.test(readFileSync(join(root, name), "utf8")));
  expect(wrong).toEqual([]);
});

test("what is generated from the model is as the model says", () => {
  const output = execFileSync(process.execPath, ["scripts/generate.ts", "--check"], { cwd: root, encoding: "utf8" });
  expect(output).toContain("0 of");
});
