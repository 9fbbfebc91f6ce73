/** States written by released versions: this version plans no change on them, and can delete what they hold. */
import { readdirSync, readFileSync } from "node:fs";
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineStack } from "../support/stack.ts";
import { everything } from "./kill-programs.ts";

const folder = new URL("../fixtures/states/", import.meta.url);
const versions = readdirSync(folder).map((file) => file.replace(".json", ""));

let stack: EngineStack;

beforeAll(async () => {
  stack = await EngineStack.open({ PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "true" });
}, 600_000);

afterAll(async () => {
  expect(stack.server.bugs).toEqual([]);
  await stack.close();
});

interface Held {
  readonly urn: string;
  readonly id?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

function resourcesOf(state: Deployment): readonly Held[] {
  return (state.deployment as { resources: readonly Held[] }).resources;
}

/** A kept state as if it had been written about the resources of today's: their ids and made-up names take the place of its own. */
function retold(kept: Deployment, today: Deployment): Deployment {
  const byUrn = new Map(resourcesOf(today).map((each) => [each.urn, each]));
  const words = new Map<string, string>();
  for (const { urn, id, outputs = {} } of resourcesOf(kept)) {
    const now = byUrn.get(urn);
    if (!urn.includes("flowlogs:") || now === undefined) continue;
    words.set(JSON.stringify(id), JSON.stringify(now.id));
    if (outputs["autoNamed"] !== true) continue;
    const [name] = Object.entries(outputs).find(([property, value]) => /Name$/.test(property) && typeof value === "string") ?? [];
    words.set(JSON.stringify(outputs[name!]), JSON.stringify(now.outputs![name!]));
  }
  // All at once: an id of today may be another resource's of then.
  const text = JSON.stringify(kept).replaceAll(/"(?:[^"\\]|\\.)*"/g, (word) => words.get(word) ?? word);
  return JSON.parse(text) as Deployment;
}

test("there is a state of every released version", () => {
  expect(versions).toContain("0.1.0");
});

test.each(versions)("a state of version %s is no change, and its resources can go", async (version) => {
  stack.describe(everything);
  expect((await stack.up()).failure).toBe("");
  const kept = JSON.parse(readFileSync(new URL(`${version}.json`, folder), "utf8")) as Deployment;
  const state = retold(kept, await stack.exported());
  expect(resourcesOf(state).filter(({ urn }) => urn.includes("flowlogs:"))).toHaveLength(everything.length);
  await stack.import(state);
  expect(await stack.preview()).toMatchObject({ failure: "", steps: [] });
  expect(await stack.up(true)).toMatchObject({ failure: "", steps: [] });
  await stack.import(state);
  expect((await stack.destroy()).failure).toBe("");
  const { Resources } = await stack.server.cloud.call("DescribeStatus", {});
  expect(Object.values(Resources).reduce((sum, count) => sum + count, 0)).toBe(0);
}, 300_000);
