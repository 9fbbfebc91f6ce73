/**
 * Keeps the state that this version writes, as `test/fixtures/states/VERSION.json`: run before a release
 * (`npm run keep-state`), so that later versions are held to it by `test/pulumi/released-states.test.ts`.
 */
import { writeFileSync } from "node:fs";
import { packageVersion } from "../src/cli/version.ts";
import { everything } from "../test/pulumi/kill-programs.ts";
import { EngineStack } from "../test/support/stack.ts";

/** Where in whose folder a program stood says nothing about its resources. */
function withoutPlaces(key: string, value: unknown): unknown {
  return key === "sourcePosition" || key === "stackTrace" ? undefined : value;
}

const stack = await EngineStack.open();
try {
  stack.describe(everything);
  const { failure } = await stack.up();
  if (failure !== "") throw new Error(failure);
  const path = new URL(`../test/fixtures/states/${packageVersion()}.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(await stack.exported(), withoutPlaces, 1)}\n`);
  console.log(`wrote ${path.pathname}`);
} finally {
  await stack.close();
}
