/**
 * What a change of each property means to the real engine: one stack with one instance per property of every resource,
 * few runs. Each change alone is an update or a replacement as its case says, in the order it says; each value that is
 * not known at a preview is a change and no replacement, and both outcomes at `up` are taken.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ResourceName, resources } from "../../src/model/resources.ts";
import { EngineStack, type Run } from "../support/stack.ts";
import { bases, type Case, cases, type Effect, surroundings } from "./cases.ts";
import { type Described, later } from "./described.ts";

interface Instance extends Case {
  readonly kind: ResourceName;
  readonly property: string;
  readonly name: string;
  readonly args: object;
}

const needs: Described[] = [];

const instances: Instance[] = (Object.keys(resources) as ResourceName[]).flatMap((kind) =>
  Object.keys(resources[kind].properties).map((property) => {
    const name = `${kind}-${property}`;
    const one = cases[kind][property];
    // A property that is new in the model's table wants a case of its own.
    if (one === undefined) throw new Error(`test/pulumi/cases.ts has no case for ${kind}.${property}`);
    const { args, needs: own = [] } = bases[kind](name);
    needs.push(...own);
    return { ...one, kind, property, name, args: { ...args, ...one.beside } };
  }),
);

/** The whole stack, each instance with a value of its property. */
function stackOf(value: (instance: Instance) => object, sources: readonly string[] = []): Described[] {
  return [
    ...sources.map((name) => ({ kind: "SecurityGroup", name, args: {} })),
    ...surroundings,
    ...needs,
    ...instances.map((each) => ({ kind: each.kind, name: each.name, args: { ...each.args, ...value(each) } })),
  ];
}

const before = (each: Instance) => ({ [each.property]: each.before });
const after = (each: Instance) => ({ [each.property]: each.after });
const taken = (each: Instance) => ({ ...each.together, [each.property]: each.after });

/** What a run did to each instance. */
function effects({ steps }: Run): Record<string, Effect> {
  const ops = new Map<string, string[]>();
  for (const { name, op } of steps) ops.set(name, [...(ops.get(name) ?? []), op]);
  const done = instances.flatMap(({ name }) => (ops.has(name) ? [[name, effectOf(ops.get(name)!)] as const] : []));
  return Object.fromEntries(done);
}

function effectOf(ops: readonly string[]): Effect {
  if (!ops.includes("create-replacement")) return ops.join() as Effect;
  return ops.indexOf("delete-replaced") < ops.indexOf("create-replacement") ? "delete first" : "create first";
}

const expected = Object.fromEntries(instances.map(({ name, effect }) => [name, effect]));
const allUpdates = Object.fromEntries(instances.map(({ name }) => [name, "update"]));

let stack: EngineStack;

beforeAll(async () => {
  stack = await EngineStack.open({ PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "true" });
}, 600_000);

afterAll(async () => {
  expect(stack.server.bugs).toEqual([]);
  await stack.close();
});

test("the table's replaceOnChange is what the cases expect", () => {
  for (const { kind, property, effect } of instances) {
    const isReplaced = (resources[kind].properties as Record<string, { replaceOnChange?: true }>)[property]!.replaceOnChange ?? false;
    expect([kind, property, effect !== "update"]).toEqual([kind, property, isReplaced]);
  }
});

// Each test goes on where the one before it stopped.
describe("every property of every resource", () => {
  test("is made, and then neither up nor refresh finds a difference", async () => {
    stack.describe(stackOf(before));
    expect((await stack.up()).failure).toBe("");
    expect(await stack.up()).toMatchObject({ failure: "", steps: [] });
    expect(await stack.refresh()).toMatchObject({ failure: "", steps: [] });
    const large = (await stack.state()).filter((resource) => JSON.stringify(resource).length > 5 * 1024);
    expect(large.map(({ urn }) => urn)).toEqual([]);
  }, 300_000);

  test("changed alone: the preview says update or replace, naming the property", async () => {
    stack.describe(stackOf(after));
    const run = await stack.preview();
    expect(run.failure).toBe("");
    expect(effects(run)).toEqual(expected);
    for (const { name, property, effect } of instances) {
      const main = run.steps.find((step) => step.name === name && ["update", "replace"].includes(step.op))!;
      expect([name, main.keys]).toEqual([name, effect === "update" ? [] : [property]]);
      expect([name, main.changed]).toEqual([name, expect.arrayContaining([property])]);
    }
  }, 240_000);

  test("changed: up does it, in that order, and then finds no difference", async () => {
    stack.describe(stackOf(taken));
    const run = await stack.up();
    expect(run.failure).toBe("");
    expect(effects(run)).toEqual({ ...expected, ...createdFirst() });
    expect(await stack.refresh()).toMatchObject({ failure: "", steps: [] });
  }, 300_000);

  test("not known yet: the preview says update, never replace", async () => {
    stack.describe(stackOf((each) => ({ ...taken(each), [each.property]: later(each.after, "first") }), ["first"]));
    const run = await stack.preview();
    expect(run.failure).toBe("");
    expect(effects(run)).toEqual(allUpdates);
    for (const { name, property } of instances) {
      const { changed } = run.steps.find((step) => step.name === name)!;
      expect([name, changed]).toEqual([name, expect.arrayContaining([property])]);
    }
  }, 240_000);

  test("not known yet, and the same when known: up leaves it alone", async () => {
    const run = await stack.up();
    expect(run).toMatchObject({ failure: "", steps: [{ op: "create", name: "first" }] });
  }, 240_000);

  test("not known yet, and another when known: up updates or replaces", async () => {
    stack.describe(stackOf((each) => ({ [each.property]: later(each.before ?? null, "second") }), ["first", "second"]));
    const run = await stack.up();
    expect(run.failure).toBe("");
    expect(effects(run)).toEqual(withoutChosen({ ...expected, ...createdFirst() }));
    expect(await stack.preview()).toMatchObject({ failure: "", steps: [] });
  }, 300_000);

  test("all of it goes", async () => {
    expect((await stack.destroy()).failure).toBe("");
    const { Resources } = await stack.server.cloud.call("DescribeStatus", {});
    expect(Object.values(Resources).reduce((sum, count) => sum + count, 0)).toBe(0);
    expect(stack.runs).toBeLessThanOrEqual(15);
  }, 240_000);
});

/** Where more than the one property changes, so that the place is another one. */
function createdFirst(): Record<string, Effect> {
  return Object.fromEntries(instances.filter(({ together }) => together !== undefined).map(({ name }) => [name, "create first"]));
}

/** Left out again, what the cloud chooses stays as it is. */
function withoutChosen(all: Record<string, Effect>): Record<string, Effect> {
  const isLeft = ({ kind, property, before }: Instance) => before === undefined && resources[kind].properties[property]!.chosenByCloud;
  const left = new Set(instances.filter(isLeft).map(({ name }) => name));
  return Object.fromEntries(Object.entries(all).filter(([name]) => !left.has(name)));
}
