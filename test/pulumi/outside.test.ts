/**
 * The package as users get it: packed, installed by npm into a folder outside the repository, and used there by a program
 * of native ESM TypeScript and by the CommonJS one that `pulumi new typescript` makes, which Pulumi runs by ts-node.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineStack } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-outside-"));
  const npm = (cwd: string, ...args: string[]) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  npm(root, "pack", "--silent", "--ignore-scripts", "--pack-destination", folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "outside", private: true }));
  // The compiler and the types are those that `pulumi new typescript` asks for.
  npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", `./${tarball}`, "typescript@5.9.3", "@types/node@18.19.130");
  cpSync(join(root, "test/pulumi/outside"), folder, { recursive: true });
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["esm", "commonjs"])("a program of %s outside the repository makes, and replaces", async (kind) => {
  const stack = await EngineStack.open({ TRAFFIC_TYPE: "ALL" }, join(folder, kind));
  const made = await stack.up();
  expect(made.failure).toBe("");
  expect(made.changes).toEqual({ create: 5 });
  const { flowLogId, topicName } = await stack.outputs();
  expect([flowLogId, topicName]).toEqual([expect.stringMatching(/^fl-[a-z0-9]{8}$/), expect.stringMatching(/^topic-[0-9a-f]{7}$/)]);
  stack.setEnvironment({ TRAFFIC_TYPE: "REJECT" });
  const replaced = await stack.up();
  expect(replaced.failure).toBe("");
  expect(replaced.steps.find(({ op }) => op === "replace")).toMatchObject({ name: "flow-log", keys: ["trafficType"] });
  const { FlowLog } = await stack.server.cloud.call("DescribeFlowLogs", {});
  expect(FlowLog.map(({ FlowLogId, TrafficType }) => [FlowLogId, TrafficType])).toEqual([[(await stack.outputs())["flowLogId"], "REJECT"]]);
  expect(stack.server.bugs).toEqual([]);
  await stack.close();
}, 300_000);
