/** Killed at any point, the backend has kept what it acknowledged; told to stop, it answers what has come. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Unreachable } from "../../src/client/errors.ts";
import { runKills } from "../support/kill-run.ts";
import { type Served, serveIn } from "../support/served.ts";

let folder: string;
let served: Served | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-kill-test-"));
});

afterEach(async () => {
  served?.child.kill("SIGKILL");
  await served?.ended;
  served = undefined;
  rmSync(folder, { recursive: true, force: true });
});

test("25 times kill -9 while writes are acknowledged: nothing acknowledged is lost", async () => {
  const { kills, acknowledged, lost } = await runKills({ kills: 25, seed: 20261122 });
  expect(lost).toEqual([]);
  expect(kills).toBeGreaterThanOrEqual(25);
  expect(acknowledged).toBeGreaterThan(kills);
}, 300_000);

test("the same run notices what is lost, where nothing is kept", async () => {
  const { lost } = await runKills({ kills: 3, seed: 1, serve: ["--memory"] });
  expect(lost.length).toBeGreaterThan(0);
}, 60_000);

test("SIGTERM while clients call: every call that was sent is answered, what was answered is there, and it ends with 0", async () => {
  served = serveIn(folder);
  const { client } = await served.ready;
  const made: string[] = [];
  const failures: unknown[] = [];
  const work = Array.from({ length: 8 }, async (_, index) => {
    for (let count = 0; ; count++) {
      try {
        const { Vpc } = await client.call("CreateVpc", { VpcName: `${index}-${count}`, CidrBlock: "10.0.0.0/16" });
        made.push(Vpc.VpcId);
      } catch (error) {
        failures.push(error);
        return;
      }
    }
  });
  await expect.poll(() => made.length).toBeGreaterThan(50);
  served.child.kill("SIGTERM");
  await Promise.all(work);
  expect(await served.ended).toBe(0);
  expect(failures.map((error) => (error instanceof Unreachable ? error.howFar : error))).toEqual(Array(8).fill("not there"));
  await client.close();
  served = serveIn(folder);
  const second = (await served.ready).client;
  const found = await Array.fromAsync(second.items("DescribeVpcs", {}));
  expect(found.map(({ VpcId }) => VpcId).toSorted()).toEqual(made.toSorted());
  await second.close();
}, 60_000);

test("SIGTERM does not wait for connections on which nothing is asked", async () => {
  served = serveIn(folder);
  const { client, url } = await served.ready;
  await client.call("DescribeVpcs", {});
  const { connect } = await import("node:net");
  const silent = connect(Number(new URL(url).port), "127.0.0.1");
  silent.on("error", () => {});
  await new Promise((resolve) => silent.on("connect", resolve));
  silent.write("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  const toldMs = performance.now();
  served.child.kill("SIGTERM");
  expect(await served.ended).toBe(0);
  expect(performance.now() - toldMs).toBeLessThan(5_000);
  silent.destroy();
  await client.close();
}, 30_000);
