/** `flowlogs status --orphans` on states in files: what it lists, and how it ends. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check } from "../../src/model/check.ts";
import { create } from "../../src/model/lifecycle.ts";
import { resources } from "../../src/model/resources.ts";
import { flowlogs } from "../support/command.ts";
import { credentials, testServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let folder: string;
const ids: string[] = [];

const run = (input: string, ...args: string[]) =>
  flowlogs(
    ["status", ...args],
    { FLOWLOGS_ENDPOINT: server.url, TENCENTCLOUD_SECRET_ID: credentials.secretId, TENCENTCLOUD_SECRET_KEY: credentials.secretKey },
    input,
    folder,
  );

const state = (held: readonly string[]) =>
  JSON.stringify({
    version: 3,
    deployment: {
      resources: [
        { urn: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev" },
        ...held.map((id, index) => ({ urn: `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/flowlogs:Logset::logset-${index}`, id })),
      ],
    },
  });

const empty = JSON.stringify({ version: 3, deployment: {} });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-orphans-"));
  server = await testServer();
  const api = { call: server.cloud.call, region: "ap-guangzhou", isLocal: true };
  // More than one page of a listing.
  for (let number = 0; number < 105; number++) {
    const { inputs } = check(resources.Logset, {}, { owner: `shop/dev/logset-${number}` }, () => "x");
    ids.push((await create(resources.Logset, inputs, api)).id);
  }
});

afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test("lists what carries the stack's mark and is not in the state, and ends with 1", async () => {
  const { code, stdout } = await run(state(ids.slice(0, 103)), "--orphans", "--state", "-");
  expect([code, stdout.split("\n")]).toEqual([
    1,
    ["KIND    ID                                    MADE FOR", `Logset  ${ids[103]!}  shop/dev/logset-103`, `Logset  ${ids[104]!}  shop/dev/logset-104`, ""],
  ]);
});

test("ends with 0 when there is nothing, and reads a file too", async () => {
  writeFileSync(join(folder, "state.json"), state(ids));
  expect(await run("", "--orphans", "--state", "state.json")).toEqual({
    code: 0,
    stderr: "",
    stdout: "nothing carries the mark of shop/dev that its state does not hold\n",
  });
});

test("an empty state wants its stack named", async () => {
  const { code, stdout } = await run(empty, "--orphans", "--state", "-", "--stack", "shop/dev", "--json");
  expect([code, (JSON.parse(stdout) as { Orphans: object[] }).Orphans.length]).toEqual([1, 105]);
  expect(await run(empty, "--orphans", "--state", "-")).toMatchObject({ code: 2, stderr: expect.stringContaining("must be PROJECT/NAME") as string });
});

test.each([
  ["what is no state", "{}", ["--orphans", "--state", "-"], 1, "this is not what `pulumi stack export` prints: it has no deployment"],
  ["a file that is not there", "", ["--orphans", "--state", "nowhere.json"], 1, "nowhere.json"],
  ["a folder without a project", "", ["--orphans"], 2, "there is no Pulumi.yaml in this folder"],
  ["a stack without --orphans", "", ["--stack", "dev"], 2, "--stack and --state go with --orphans"],
])("%s is refused", async (_what, input, args, code, words) => {
  expect(await run(input, ...args)).toMatchObject({ code, stderr: expect.stringContaining(words) as string });
});
