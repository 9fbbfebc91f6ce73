/** A stack of described resources, run by the real engine against a backend in this process. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { Deployment, EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import { openStack } from "../../src/testing/deploy.ts";
import type { Described } from "../pulumi/described.ts";
import { flowlogs, type Ran } from "./command.ts";
import { credentials, testServer, type TestServer } from "./server.ts";

/** One step of the engine: what it did (or would do) to which resource, and which properties made it. */
export interface Step {
  readonly op: string;
  readonly name: string;
  /** The properties that make it a replacement. */
  readonly keys: readonly string[];
  /** The inputs that are not as they were. */
  readonly changed: readonly string[];
}

/** How a run of the engine ended. */
export interface Run {
  /** How many resources were made, changed, left the same. */
  readonly changes: Readonly<Record<string, number>>;
  readonly steps: readonly Step[];
  /** Empty when it succeeded, else all that it printed. */
  readonly failure: string;
}

/** Steps that change nothing. */
const idleOps = new Set<string>(["same", "refresh", "read", "discard"]);

interface Done {
  readonly summary?: { readonly resourceChanges?: Readonly<Record<string, number>> };
  readonly changeSummary?: Readonly<Record<string, number>>;
}

/** The program that makes what {@link EngineStack.describe} says. */
const describedProgram = fileURLToPath(new URL("../pulumi/program", import.meta.url));

/** A stack and its backend. */
export class EngineStack {
  readonly server: TestServer;
  /** How often the engine has run. */
  runs = 0;
  /** The folder of the stack's state and of all that the test writes. */
  readonly folder: string;
  private readonly stack: Stack;

  private constructor(server: TestServer, stack: Stack, folder: string) {
    this.server = server;
    this.stack = stack;
    this.folder = folder;
  }

  /** Opens an empty stack on a backend of its own; the environment is the engine's, on top of this process's. */
  static async open(environment: Readonly<Record<string, string>> = {}, projectFolder = describedProgram): Promise<EngineStack> {
    const folder = mkdtempSync(join(tmpdir(), "flowlogs-stack-"));
    const server = await testServer();
    const options = { projectFolder, stackName: "test", homeFolder: folder, endpoint: server.url, dataFolder: folder };
    const stack = await openStack(options);
    const { workspace } = stack;
    Object.assign(workspace.envVars, {
      STACK_DESCRIPTION: join(folder, "stack.json"),
      TENCENTCLOUD_SECRET_ID: credentials.secretId,
      TENCENTCLOUD_SECRET_KEY: credentials.secretKey,
      ...environment,
    });
    return new EngineStack(server, stack, folder);
  }

  /** What the program is to make from now on. */
  describe(resources: readonly Described[]): void {
    writeFileSync(join(this.folder, "stack.json"), JSON.stringify(resources));
  }

  /** `pulumi up`, with `--refresh` if wanted. */
  async up(refresh = false): Promise<Run> {
    return this.run((onEvent) => this.stack.up({ onEvent, refresh }));
  }

  /** Starts `pulumi ARGS` in a process group of its own, which a test may kill. */
  start(...args: string[]): ChildProcess {
    const { envVars, workDir } = this.stack.workspace;
    const options = { cwd: workDir, env: { ...process.env, ...envVars }, detached: true } as const;
    const child = spawn("pulumi", [...args, "--non-interactive", "--stack", this.stack.name], { ...options, stdio: ["ignore", "pipe", "pipe"] });
    return child;
  }

  /** `pulumi up --replace` of resources, by kind and name. */
  async replace(...wanted: (readonly [kind: string, name: string])[]): Promise<Run> {
    const { name: stackName, workspace } = this.stack;
    const { name: project } = await workspace.projectSettings();
    const replace = wanted.map(([kind, name]) => `urn:pulumi:${stackName}::${project}::pulumi-nodejs:dynamic/flowlogs:${kind}::${name}`);
    return this.run((onEvent) => this.stack.up({ onEvent, replace }));
  }

  async preview(): Promise<Run> {
    return this.run((onEvent) => this.stack.preview({ onEvent }));
  }

  async refresh(): Promise<Run> {
    return this.run((onEvent) => this.stack.refresh({ onEvent }));
  }

  async destroy(): Promise<Run> {
    return this.run((onEvent) => this.stack.destroy({ onEvent }));
  }

  /** What `pulumi stack export` gives. */
  async exported(): Promise<Deployment> {
    return this.stack.exportStack();
  }

  /** Makes an exported state this stack's own. */
  async import(state: Deployment): Promise<void> {
    await this.stack.importStack(state);
  }

  /** Runs `flowlogs ARGS` in the program's folder, as somebody who works on the stack would. */
  async flowlogs(...args: string[]): Promise<Ran> {
    const { envVars, workDir } = this.stack.workspace;
    return flowlogs(args, envVars, "", workDir);
  }

  /** `pulumi state unprotect --all`. */
  async unprotect(): Promise<void> {
    const [code] = (await once(this.start("state", "unprotect", "--all", "--yes"), "exit")) as [number];
    if (code !== 0) throw new Error(`pulumi state unprotect ended with ${code}`);
  }

  /** Sets variables of the program's environment. */
  setEnvironment(environment: Readonly<Record<string, string>>): void {
    Object.assign(this.stack.workspace.envVars, environment);
  }

  /** The stack's outputs. */
  async outputs(): Promise<Record<string, unknown>> {
    const outputs = await this.stack.outputs();
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown]));
  }

  /** The ids of the resources, by their names in the program. */
  async ids(): Promise<Record<string, string>> {
    return (await this.outputs())["ids"] as Record<string, string>;
  }

  /** The state's resources, the stack itself and its default provider aside. */
  async state(): Promise<{ urn: string; inputs: object; outputs: object }[]> {
    const exported = await this.stack.exportStack();
    const deployment = exported.deployment as { resources?: { urn: string; type: string; inputs: object; outputs: object }[] };
    const all = deployment.resources ?? [];
    return all.filter(({ type }) => type.includes("flowlogs:"));
  }

  async close(): Promise<void> {
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(work: (onEvent: (event: EngineEvent) => void) => Promise<Done>): Promise<Run> {
    this.runs++;
    const steps: Step[] = [];
    const onEvent = ({ resourcePreEvent }: EngineEvent) => {
      const step = resourcePreEvent?.metadata;
      const isIdle = step === undefined || idleOps.has(step.op);
      if (isIdle || !step.type.includes("flowlogs:")) return;
      const [old, now] = [step.old?.inputs ?? {}, step.new?.inputs ?? {}] as Record<string, unknown>[];
      const changed = [...new Set([...Object.keys(old!), ...Object.keys(now!)])].filter((name) => !isDeepStrictEqual(old![name], now![name]));
      steps.push({ op: step.op, name: step.urn.split("::").at(-1)!, keys: step.keys ?? [], changed });
    };
    try {
      const { summary, changeSummary }: Done = await work(onEvent);
      return { steps, failure: "", changes: summary?.resourceChanges ?? changeSummary ?? {} };
    } catch (error) {
      // What went wrong stands under this heading, after everything that was done.
      const text = String(error);
      return { steps, failure: text.slice(Math.max(0, text.indexOf("Diagnostics:"))), changes: {} };
    }
  }
}
