/** The log stores that are held against a naive scan. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { readStoreAddress } from "../../src/backend/logs/clickhouse/address.ts";
import { ClickhouseStore } from "../../src/backend/logs/clickhouse/clickhouse-store.ts";
import { EmbeddedStore } from "../../src/backend/logs/duckdb/embedded-store.ts";
import type { LogStore } from "../../src/backend/logs/log-store.ts";
import { type ClickhouseServer, clickhouseUser } from "../../test/support/clickhouse.ts";

/** An empty store, and what ends it with all that it holds. */
export interface OpenStore {
  readonly store: LogStore;
  readonly end: () => Promise<void>;
}

/** Opens an empty store. */
export type StoreMaker = () => Promise<OpenStore>;

/** An embedded store in a folder of its own. */
export const embeddedStore: StoreMaker = async () => {
  const folder = mkdtempSync(join(tmpdir(), "flowlogs-queries-"));
  const store = new EmbeddedStore({ folder });
  return {
    store,
    async end() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** A store in a database of its own on servers that run; several are the shards of a cluster. */
export function clickhouseStore(servers: readonly ClickhouseServer[]): StoreMaker {
  return async () => {
    const database = `d${randomUUID().replaceAll("-", "")}`;
    const address = readStoreAddress(storeUrl(servers, database));
    const store = new ClickhouseStore({ address, owner: "test", writer: randomUUID() });
    return {
      store,
      async end() {
        await store.close();
        for (const server of servers) await statement(server, `DROP DATABASE IF EXISTS ${database} SYNC`);
      },
    };
  };
}

/** The address of a database on servers. */
export function storeUrl(servers: readonly ClickhouseServer[], database: string): string {
  const { name, password } = clickhouseUser;
  const cluster = servers.length > 1 ? "?cluster=pair" : "";
  return `clickhouse://${name}:${encodeURIComponent(password)}@${servers.map(({ httpPort }) => `127.0.0.1:${httpPort}`).join(",")}/${database}${cluster}`;
}

/** Runs a statement on a server, past the store. */
export async function statement(server: ClickhouseServer, sql: string): Promise<string> {
  const headers = { "X-ClickHouse-User": clickhouseUser.name, "X-ClickHouse-Key": clickhouseUser.password };
  const { body, statusCode } = await request(`http://127.0.0.1:${server.httpPort}/`, { method: "POST", headers, body: sql });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(text);
  return text;
}
