/** Suites that every log store must pass: the embedded one, and ClickHouse on a real server that the suite starts. */
import { afterAll, beforeAll, describe, vi } from "vitest";
import { clickhouseStore, embeddedStore, type OpenStore } from "../../scripts/oracle/stores.ts";
import type { CloudOptions } from "../../src/backend/cloud.ts";
import type { LogStore } from "../../src/backend/logs/log-store.ts";
import { type ClickhouseServer, clickhouseUnavailable, startClickhouse } from "./clickhouse.ts";

/** A log store that a suite runs on. */
export interface StoreKind {
  readonly name: "embedded" | "ClickHouse";
  /** An empty store of its own. */
  readonly make: () => Promise<OpenStore>;
  /** What a cloud is made with to keep its logs in an empty store of this kind. */
  cloudOptions(): Promise<Pick<CloudOptions, "store">>;
}

/** Runs a suite once for each kind of store. */
export function onEveryStore(suite: (kind: StoreKind) => void): void {
  describe("in the embedded store", () => suite(kindOf("embedded", embeddedStore)));
  onClickhouse(1, (kind) => suite(kind));
}

// A write is three requests to a server with threads of its own: on a busy machine a test of many takes a while.
vi.setConfig({ testTimeout: 120_000 });

const missing = await clickhouseUnavailable();

/** Runs a suite on servers that it starts, several of them as the shards of a cluster; skips it, with the reason, where there can be none. */
export function onClickhouse(count: number, suite: (kind: StoreKind, servers: () => readonly ClickhouseServer[]) => void): void {
  const title = count === 1 ? "in ClickHouse" : `in ${count} shards of ClickHouse`;
  describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title}: ${missing}`, () => {
    let servers: readonly ClickhouseServer[] = [];
    beforeAll(async () => {
      servers = await startClickhouse(count);
    });
    afterAll(async () => {
      await Promise.all(servers.map((server) => server.stop()));
    });
    suite(kindOf("ClickHouse", () => clickhouseStore(servers)()), () => servers);
  });
}

function kindOf(name: StoreKind["name"], make: StoreKind["make"]): StoreKind {
  return {
    name,
    make,
    async cloudOptions() {
      const { store, end } = await make();
      // What the store has left behind goes when the cloud closes it.
      const owned: LogStore = Object.create(store, { close: { value: end } }) as LogStore;
      return { store: () => owned };
    },
  };
}
