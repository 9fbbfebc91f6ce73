/** What a stack's exported state says of this package's resources. */
import { expect, test } from "vitest";
import { readStackState } from "../../src/pulumi/stack-state.ts";

const urn = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;
const state = (resources: object[], pending: object[] = []) =>
  JSON.stringify({ version: 3, deployment: { resources, pending_operations: pending } });

test.each([
  ["an empty stack", JSON.stringify({ version: 3, deployment: {} }), { stack: "", resources: [] }],
  [
    "a resource, one that is only looked up, another package's, and the stack",
    state([
      { urn: urn("pulumi:pulumi:Stack", "shop-dev") },
      { urn: urn("pulumi-nodejs:dynamic/flowlogs:Vpc", "net"), id: "vpc-1" },
      { urn: urn("pulumi-nodejs:dynamic/flowlogs:Vpc", "shared"), id: "vpc-2", external: true },
      { urn: urn("aws:ec2/vpc:Vpc", "other"), id: "vpc-3" },
    ]),
    { stack: "shop/dev", resources: [{ owner: "shop/dev/net", kind: "Vpc", id: "vpc-1" }] },
  ],
  [
    "a resource of a component",
    state([{ urn: urn("my:component:Net$pulumi-nodejs:dynamic/flowlogs:FlowLog", "log"), id: "fl-1" }]),
    { stack: "shop/dev", resources: [{ owner: "shop/dev/log", kind: "FlowLog", id: "fl-1" }] },
  ],
  [
    "nothing but a create that was interrupted",
    state([], [{ resource: { urn: urn("pulumi-nodejs:dynamic/flowlogs:Vpc", "net") }, type: "creating" }]),
    { stack: "shop/dev", resources: [] },
  ],
])("%s", (_what, text, expected) => {
  expect(readStackState(text, "a file")).toEqual(expected);
});

test.each(["", "{", "[]", "null", '{"version":3}', '{"deployment":[]}', '{"deployment":{"resources":7}}'])("%j is refused in words", (text) => {
  expect(() => readStackState(text, "a file")).toThrow(/^a file: this is not what `pulumi stack export` prints/);
});
