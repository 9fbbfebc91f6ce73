/** The quickstart as a newcomer runs it, and that its checks can fail. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Checks } from "../../scripts/quickstart/checks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the whole tour: every figure is what tshark made of the capture", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/quickstart.ts"], { cwd: root, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/\n1\d\d figures checked against what tshark made of the capture: all as expected \(\d+\.\d s\)\n$/);
  expect(stdout).toContain("network-acl back: no egress rule matches");
  expect(stdout).toContain("replace [diff: ~flowLogName,trafficType]");
  expect(status).toBe(0);
  expect(existsSync(`${root}/Pulumi.quickstart.yaml`)).toBe(false);
}, 600_000);

test("a wrong figure is told of", () => {
  const checks = new Checks();
  checks.same("a", { x: 1, y: [2] }, { y: [2], x: 1 });
  checks.sameSet("b", [{ n: 1 }, { n: 2 }], [{ n: 2 }, { n: 1 }]);
  expect(checks).toMatchObject({ made: 3, failed: [] });
  checks.same("c", 1, 2);
  checks.sameSet("d", [{ n: 1 }, { n: 1 }], [{ n: 1 }, { n: 2 }]);
  expect(checks.failed).toEqual([
    "c: found 1, expected 2",
    'd: found {"n":1}, which is not expected',
    'd: {"n":2} was expected and not found',
  ]);
});
