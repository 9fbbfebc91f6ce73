/** `flowlogs serve --store`: a backend whose logs are in ClickHouse, and what it says when they cannot be. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { VirtualClock } from "../../src/backend/clock.ts";
import { createCloud } from "../../src/backend/cloud.ts";
import { SeededRandom } from "../../src/backend/ids.ts";
import { folderDisk } from "../../src/backend/main.ts";
import { clickhouseUser } from "../support/clickhouse.ts";
import { lines, offer, startMs } from "../support/cloud.ts";
import { flowlogs } from "../support/command.ts";
import { onClickhouse } from "../support/every-store.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc } from "../support/network.ts";
import { batchOf } from "../support/packets.ts";

vi.setConfig({ testTimeout: 60_000 });

const command = new URL("../../src/cli/main.ts", import.meta.url).pathname;
const secret = encodeURIComponent(clickhouseUser.password);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowlogs-store-cli-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const serve = (store: string, environment: Record<string, string> = {}) => flowlogs(["serve", "--port", "0", "--data", folder, "--store", store], environment);

/** A server that answers everything with one text, as something that is no ClickHouse, or an old one, would. */
async function answering(text: string, work: (port: number) => Promise<void>): Promise<void> {
  const server: Server = createServer((_, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await work((server.address() as AddressInfo).port);
  await new Promise((resolve) => server.close(resolve));
}

describe("a store that cannot be used", () => {
  test("an address that is none is wrong usage", async () => {
    expect(await serve("clickhouse://me:hidden@db")).toMatchObject({ code: 2, stderr: expect.stringContaining('--store: "clickhouse://me:***@db" is no address') as string });
    const environment = { FLOWLOGS_STORE: "postgres://db/x" };
    expect(await flowlogs(["serve", "--data", folder], environment)).toMatchObject({ code: 2, stderr: expect.stringContaining("FLOWLOGS_STORE: ") as string });
  });

  test("a server that does not answer is unreachable", async () => {
    const ran = await serve("clickhouse://me:hidden@127.0.0.1:1/logs");
    expect(ran).toMatchObject({ code: 3, stdout: "" });
    expect(ran.stderr).toBe("error: the log store's server 127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n");
  });

  test("an older server, or something else, is refused by what it says", async () => {
    const old = JSON.stringify({ meta: [{ name: "version()", type: "String" }], data: [["23.8.1.2992"]] });
    await answering(old, async (port) => {
      const words = `error: the log store's server 127.0.0.1:${port} is ClickHouse 23.8.1.2992: 24.8 is the oldest that serves\n`;
      expect(await serve(`clickhouse://127.0.0.1:${port}/logs`)).toMatchObject({ code: 1, stderr: words });
    });
    await answering("<html>hello</html>", async (port) => {
      expect(await serve(`clickhouse://127.0.0.1:${port}/logs`)).toMatchObject({ code: 1, stderr: expect.stringContaining(`127.0.0.1:${port} is no ClickHouse server`) as string });
    });
  });
});

onClickhouse(1, (_, servers) => {
  test("a wrong password is refused without showing it", async () => {
    const ran = await serve(`clickhouse://${clickhouseUser.name}:wrong-one@127.0.0.1:${servers()[0]!.httpPort}/cli_refused`);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toMatch(/^error: the log store's server 127\.0\.0\.1:\d+ refuses the user "flowlogs": wrong password, or no such user\n$/);
  });

  test("a backend serves, says where its logs are and never its password, and belongs to its data folder", async () => {
    const store = `clickhouse://${clickhouseUser.name}@127.0.0.1:${servers()[0]!.httpPort}/cli_served`;
    const environment = { ...process.env, FLOWLOGS_STORE: store, FLOWLOGS_STORE_PASSWORD: clickhouseUser.password, TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "" };
    const child = spawn(process.execPath, [command, "serve", "--port", "0", "--data", folder], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
    const first = await new Promise<string>((resolve) => child.stdout.setEncoding("utf8").once("data", resolve));
    expect(first).toContain(`(data: ${folder}, logs: ${store})`);
    const url = /http:\S+/.exec(first)![0];
    const status = await flowlogs(["status", "--json"], { FLOWLOGS_ENDPOINT: url, FLOWLOGS_DATA: folder, TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "" });
    expect(JSON.parse(status.stdout)).toMatchObject({ Store: store });
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    const other = await flowlogs(["serve", "--port", "0", "--data", join(folder, "other")], { FLOWLOGS_STORE: store.replace("@", `:${secret}@`) });
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("flowlogs:***@") as string });
    expect(other.stderr).toContain("holds the logs of another backend's topics");
    expect(other.stderr).not.toContain(secret);
  });

  test("store copy: from a stopped backend's folder into ClickHouse and back", async () => {
    const url = `clickhouse://${clickhouseUser.name}@127.0.0.1:${servers()[0]!.httpPort}/cli_copied`;
    const copy = (from: string, to: string, ...more: string[]) => flowlogs(["store", "copy", "--from", from, "--to", to, ...more], { FLOWLOGS_STORE_PASSWORD: clickhouseUser.password });
    expect(await copy(folder, join(folder, "x"))).toMatchObject({ code: 2, stderr: expect.stringContaining("one is a data folder, the other the address of a store") as string });
    expect(await copy(folder, url)).toMatchObject({ code: 2, stderr: expect.stringContaining("is no data folder of a backend: there is no state.sqlite in it") as string });
    const clock = new VirtualClock(startMs);
    const cloud = createCloud({ clock, random: new SeededRandom(1), disk: folderDisk(folder) });
    const vpc = await makeVpc(cloud);
    await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.16.0/24"), "172.31.16.10");
    const topic = await makeTopic(cloud, "flows");
    await makeFlowLog(cloud, vpc, topic);
    await offer(cloud, batchOf(...[1, 2, 3].map((sport) => ({ src: "203.0.113.12", dst: "172.31.16.10", sport, dport: 22, flags: "S" as const, at: sport }))));
    await clock.advance(15 * 60_000);
    const kept = await lines(cloud, topic);
    expect(kept).toHaveLength(3);
    expect(await copy(folder, url)).toMatchObject({ code: 1, stderr: expect.stringContaining("one backend owns a data folder: stop the backend that runs on it first") as string });
    await cloud.close();
    expect(await copy(folder, url, "--topic", "other")).toMatchObject({ code: 2, stderr: expect.stringContaining('"other" is no topic\'s name or id; there are: flows') as string });
    for (let time = 0; time < 2; time++) {
      const ran = await copy(folder, url);
      expect(ran).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(new RegExp(`flows +${topic} +3\n$`)) as string });
    }
    rmSync(join(folder, "logs"), { recursive: true });
    expect(await copy(url, folder, "--topic", "flows")).toMatchObject({ code: 0 });
    const again = createCloud({ clock: new VirtualClock(startMs), random: new SeededRandom(2), disk: folderDisk(folder) });
    expect(await lines(again, topic)).toEqual(kept);
    await again.close();
  });
});
