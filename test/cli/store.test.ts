/** `flowlogs serve --store`: a backend whose logs are in ClickHouse, and what it says when they cannot be. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clickhouseUser } from "../support/clickhouse.ts";
import { flowlogs } from "../support/command.ts";
import { onClickhouse } from "../support/every-store.ts";

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
});
