/** How the command behaves whatever it does: its help, its completion, what it loads, how it ends. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { subcommands } from "../../src/cli/commands.ts";
import { buildProgram, wantedCommand, wholeProgram } from "../../src/cli/program.ts";
import { flowlogs } from "../support/command.ts";

/** Every command below a program, with the words that call it. */
function below(command: Command, route: readonly string[] = []): { route: readonly string[]; command: Command }[] {
  return command.commands.flatMap((each) => {
    const own = [...route, each.name()];
    return [{ route: own, command: each }, ...below(each, own)];
  });
}

const tree = below(await wholeProgram());

describe("help", () => {
  test.each(tree.map(({ route, command }): [string, Command] => [route.join(" "), command]))("%s says what it does, with examples", (route, command) => {
    let text = "";
    command.configureOutput({ writeOut: (part) => (text += part) });
    command.outputHelp();
    expect(command.description()).toMatch(/^[A-Z].*\.$/);
    expect(text).toMatch(new RegExp(`Examples?:\\n(.*\\n)*? {2}(.*\\| )?flowlogs ${route}`));
    const undescribed = [...command.options, ...command.registeredArguments].filter(({ description }) => description === "");
    expect(undescribed).toEqual([]);
  });

  test("every command that prints data can print JSON", () => {
    // serve prints where it listens, completion a script; snapshots and reset say on standard error what they did.
    const silent = ["serve", "snapshot save", "snapshot load", "reset", "completion"];
    const leaves = tree.filter(({ command }) => command.commands.length === 0);
    const without = leaves.filter(({ command }) => !command.options.some(({ long }) => long === "--json" || long === "--format"));
    expect(without.map(({ route }) => route.join(" "))).toEqual(silent);
  });

  test("by any of its spellings", async () => {
    for (const args of [["help", "search"], ["search", "--help"], ["search", "-h"]]) {
      const { code, stdout } = await flowlogs(args);
      expect([code, stdout]).toEqual([0, expect.stringContaining("Usage: flowlogs search [options] [query]")]);
    }
  });
});

describe("wrong calls", () => {
  test.each([
    [["serach"], "error: unknown command 'serach'\n(Did you mean search?)"],
    [["search", "--formt", "csv"], "error: unknown option '--formt'\n(Did you mean --format?)"],
    [["clock", "advance"], "error: missing required argument 'time'"],
    [["status", "now"], "too many arguments"],
    [["completion", "fish"], 'error: shell: "fish" must be one of bash, zsh'],
  ])("%j ends with 2 and says what would be right", async (args, words) => {
    const { code, stdout, stderr } = await flowlogs(args);
    expect(stderr).toContain(words);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("no command at all shows the help and ends with 2", async () => {
    const { code, stdout, stderr } = await flowlogs([]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("A first round:");
  });
});

describe("serve says what to do", () => {
  test.each([
    ["a port that is taken", "--port", (port: string) => port, "is taken: a backend may be running there already"],
    ["an address of another machine", "--host", () => "192.0.2.1", '--host: "192.0.2.1" is no address of this machine'],
  ])("about %s", async (_what, option, value, words) => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.on("listening", resolve));
    const port = String((taken.address() as AddressInfo).port);
    const args = option === "--port" ? [] : ["--port", "0"];
    const { code, stdout, stderr } = await flowlogs(["serve", "--memory", ...args, option, value(port)], { TENCENTCLOUD_SECRET_ID: "a", TENCENTCLOUD_SECRET_KEY: "b" });
    taken.close();
    expect(stderr).toContain(words);
    expect([code, stdout]).toEqual([1, ""]);
  });
});

test("serve refuses a data folder where none can be made", async () => {
  const { code, stderr } = await flowlogs(["serve", "--data", "/proc/flowlogs/data", "--port", "0"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("'/proc/flowlogs'")]);
});

describe("loading", () => {
  test("only what is asked for is loaded", async () => {
    for (const { name } of subcommands) {
      const program = await buildProgram((each) => each === name);
      const loaded = program.commands.filter((command) => command.description() !== "").map((command) => command.name());
      expect(loaded).toEqual([name]);
      expect(program.commands.map((command) => command.summary())).toEqual(subcommands.map(({ summary }) => summary));
    }
  });

  test("--version and --help load no room of the backend, no client, no Pulumi", async () => {
    const hook = `import { registerHooks } from "node:module";
      registerHooks({ load(url, context, next) { if (url.startsWith("file:")) console.error(url); return next(url, context); } });`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(hook)}`;
    for (const arg of ["--version", "--help"]) {
      const { stderr } = await flowlogs([arg], { NODE_OPTIONS });
      expect(stderr).toContain("src/cli/main.ts");
      const files = stderr.split("\n").filter((url) => /src\/(backend|wire|model|pulumi|net)\/|undici|@pulumi/.test(url));
      expect(files).toEqual([]);
    }
  });

  test.each([
    [["search", "--help"], "search"],
    [["--help"], undefined],
    [["help", "clock"], "clock"],
    [["help"], undefined],
    [[], undefined],
  ])("%j asks for %s", (args, name) => {
    expect(wantedCommand(args)).toBe(name);
  });
});

test("a reader that has seen enough is no failure", () => {
  const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;
  const script = `"$0" "$1" completion bash | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script, process.execPath, main], { encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["# bash completion for flowlogs. Written by `flowlogs completion`.\n0\n", ""]);
});

describe("completion", () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "flowlogs-completion-"));
    for (const shell of ["bash", "zsh"]) {
      const { code, stdout } = await flowlogs(["completion", shell]);
      expect(code).toBe(0);
      writeFileSync(join(folder, shell), stdout);
    }
    writeFileSync(join(folder, "a capture.pcap"), "");
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What bash offers for a line whose last word is being typed. */
  function bash(...words: string[]): string[] {
    const script = `source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _flowlogs; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script, "bash", "flowlogs", ...words], { cwd: folder, encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout.split("\n").filter((line) => line !== "");
  }

  const cases: [words: string[], offered: string[]][] = [
    [["se"], ["serve", "search"]],
    [["search", "--fo"], ["--format"]],
    [["search", "--format", ""], ["table", "json", "csv", "raw"]],
    [["search", "--format", "c"], ["csv"]],
    [["clock", ""], ["show", "advance", "help", "-h", "--help"]],
    [["clock", "advance", "--j"], ["--json"]],
    [["completion", "z"], ["zsh"]],
    [["serve", "--window", ""], ["600", "300", "60"]],
    [["serve", "--port", ""], []],
    [["serve", "--data", "a"], ["a capture.pcap"]],
    [["replay", "a"], ["a capture.pcap"]],
    [["search", "serve", "--sy"], ["--syntax"]],
  ];

  test.each(cases)("bash: flowlogs %j", (words, offered) => {
    expect(bash(...words)).toEqual(offered);
  });

  test("bash: an option and its value joined by =", () => {
    expect(bash("search", "--format", "=", "c")).toEqual(["csv"]);
    expect(bash("search", "--sort", "=")).toEqual(["desc", "asc"]);
  });

  test("both scripts know every command and option of the tree", () => {
    const text = { bash: readFileSync(join(folder, "bash"), "utf8"), zsh: readFileSync(join(folder, "zsh"), "utf8") };
    for (const { route, command } of tree) {
      const words = [route.at(-1)!, ...command.options.map(({ long }) => long!)];
      for (const script of Object.values(text)) expect(words.filter((word) => !script.includes(word))).toEqual([]);
    }
  });

  const hasZsh = spawnSync("zsh", ["--version"]).status === 0;

  /** What zsh is told to offer: its own functions are replaced by ones that print, and match by prefix as it does. */
  function zsh(...words: string[]): string[] {
    const script = `
      compdef() { : }
      _files() { print -l -- \${words[CURRENT]}*(N) }
      compadd() { shift; print -l -- \${(M)@:#\${words[CURRENT]}*} }
      _describe() { local each; for each in \${(P)2}; do print -r -- \${each%%:*}; done | grep -- "^\${words[CURRENT]}" }
      source ./zsh
      words=("$@"); CURRENT=$#; _flowlogs; true`;
    const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", script, "zsh", "flowlogs", ...words], { cwd: folder, encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout.split("\n").filter((line) => line !== "");
  }

  test.skipIf(!hasZsh).each(cases)("zsh: flowlogs %j", (words, offered) => {
    expect(zsh(...words)).toEqual(offered);
  });
});
