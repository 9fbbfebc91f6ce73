/** Files of the data folder damaged at random places: named, the rest read; `npm run long -- damage` is the long form. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { damageOnce, type Injury, temporaryFolder } from "../../scripts/damage/damage.ts";
import { makeSpecimens } from "../../scripts/damage/specimen.ts";
import { Chance } from "../../scripts/oracle/chance.ts";

let folder: string;
let specimens: Awaited<ReturnType<typeof makeSpecimens>>;

beforeAll(async () => {
  folder = temporaryFolder();
  specimens = await makeSpecimens(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("in 12 folders a damaged file is named and the rest is read, or its loss is refused; no log is invented or doubled", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const chance = new Chance(seed);
    let injury: Injury | undefined;
    const specimen = chance.of([specimens.closed, specimens.killed]);
    const done = await damageOnce(specimen, specimens.contents, chance, join(folder, "case"), (of) => (injury = of)).catch((error: unknown) => error);
    expect({ seed, injury, done }).toEqual({ seed, injury, done: { injury, outcome: expect.any(String) as string } });
  }
}, 600_000);

test("serve names the file that keeps it from starting, and deletes nothing", () => {
  const data = join(folder, "served");
  mkdirSync(join(data, "logs", "segments"), { recursive: true });
  writeFileSync(join(data, "logs", "hot.duckdb"), "logs");
  const serve = () => {
    const { status, stderr } = spawnSync(process.execPath, ["src/cli/main.ts", "serve", "--port", "0", "--data", data], { encoding: "utf8" });
    return [status, stderr.trim()];
  };
  expect(serve()).toEqual([1, `error: ${data}/state.sqlite is missing, though ${data}/logs holds logs: put it back, or move ${data}/logs away to begin anew`]);
  writeFileSync(join(data, "state.sqlite"), "no ledger ".repeat(500));
  expect(serve()).toEqual([1, `error: ${data}/state.sqlite is damaged: file is not a database`]);
  expect(readdirSync(join(data, "logs"))).toEqual(["hot.duckdb", "segments"]);
}, 60_000);
