/** `flowlogs store copy`: moves the logs of topics from a data folder into ClickHouse, or back. */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { ClickhouseStore } from "../backend/logs/clickhouse/clickhouse-store.ts";
import { readStoreAddress, type StoreAddress, StoreAddressError } from "../backend/logs/clickhouse/address.ts";
import { type CopiedStore, copyTopic } from "../backend/logs/copying.ts";
import { EmbeddedStore } from "../backend/logs/duckdb/embedded-store.ts";
import { storeOwner } from "../backend/logs/store-owner.ts";
import type { Topic } from "../backend/logs/topic.ts";
import { Ledger, LedgerInUse } from "../backend/ledger.ts";
import { Failed, UsageError } from "./errors.ts";
import { clearProgress, grouped, print, printJson, showProgress, table } from "./output.ts";

interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly topic: string[];
  readonly json?: true;
}

const examples = `
One of the two is the data folder of a backend that is stopped, the other the address that it is started with by --store.
What was copied before is passed over: an interrupted copy goes on when it is repeated. Counts are compared in the end.

Examples:
  flowlogs store copy --from ./cloud --to clickhouse://flowlogs@db.internal/flowlogs
  flowlogs store copy --from clickhouse://flowlogs@db.internal/flowlogs --to ./cloud --topic flow-logs`;

/** Adds the command. */
export function registerStore(program: Command): void {
  const store = program
    .command("store")
    .description("Works on the place where logs are kept, while no backend does.")
    .addHelpText("after", "\nExample:\n  flowlogs store copy --from ./cloud --to clickhouse://flowlogs@db.internal/flowlogs");
  store
    .command("copy")
    .summary("copy topics' logs from a data folder into ClickHouse, or back")
    .description("Copies the logs of topics from a data folder into ClickHouse, or back; the password is FLOWLOGS_STORE_PASSWORD.")
    .requiredOption("--from <place>", "a data folder, or clickhouse://[user@]host:port/database")
    .requiredOption("--to <place>", "where to: the other kind of place")
    .option("--topic <name>", "a topic's name or id (repeatable; default: all)", (value: string, before: string[]) => [...before, value], [])
    .option("--json", "print the topics and how many logs of each were copied as JSON")
    .addHelpText("after", examples)
    .action(copy);
}

async function copy({ from, to, topic, json }: CopyOptions): Promise<void> {
  const [source, target] = [placeOf(from, "--from"), placeOf(to, "--to")];
  const [folder, address] = typeof source === "string" ? [source, target] : [target, source];
  if (typeof folder !== "string" || typeof address === "string") {
    throw new UsageError("--from and --to: one is a data folder, the other the address of a store");
  }
  const ledger = openLedger(folder, source === folder ? "--from" : "--to");
  const stores: CopiedStore[] = [];
  try {
    const topics = topicsOf(ledger, topic);
    const owner = storeOwner(ledger, { next: () => randomBytes(4).readUInt32LE() });
    const clickhouse = new ClickhouseStore({ address, owner, writer: randomUUID() });
    const embedded = new EmbeddedStore({ folder: join(folder, "logs") });
    stores.push(clickhouse, embedded);
    await clickhouse.open();
    const [reads, writes] = source === folder ? [embedded, clickhouse] : [clickhouse, embedded];
    const copied = await copyAll(reads, writes, topics);
    if (json) printJson({ topics: copied });
    else print(table(["topic", "id", "logs"], copied.map(({ name, id, logs }) => [name, id, grouped(logs)])));
  } finally {
    clearProgress();
    for (const store of stores) await store.close();
    ledger.close();
  }
}

/** A topic whose logs the other store has now too, and how many these are. */
interface CopiedTopic {
  readonly name: string;
  readonly id: string;
  readonly logs: number;
}

async function copyAll(from: CopiedStore, to: CopiedStore, topics: readonly Topic[]): Promise<CopiedTopic[]> {
  const all: CopiedTopic[] = [];
  for (const { id, name } of topics) {
    const { logs } = await from.usage(id);
    const copied = await copyTopic(from, to, id, (gone) => showProgress(() => `${name}: ${grouped(gone)} of ${grouped(logs)} logs`));
    all.push({ name, id, logs: copied });
  }
  return all;
}

/** A folder, or the address of a store. */
function placeOf(text: string, option: string): string | StoreAddress {
  if (!text.includes("://")) return text;
  try {
    return readStoreAddress(text, process.env["FLOWLOGS_STORE_PASSWORD"]);
  } catch (error) {
    if (error instanceof StoreAddressError) throw new UsageError(`${option}: ${error.message}`);
    throw error;
  }
}

function openLedger(folder: string, option: string): Ledger {
  const path = join(folder, "state.sqlite");
  if (!existsSync(path)) throw new UsageError(`${option}: ${JSON.stringify(folder)} is no data folder of a backend: there is no state.sqlite in it`);
  try {
    return new Ledger(path);
  } catch (error) {
    if (error instanceof LedgerInUse) throw new Failed(`error: ${error.message}: stop the backend that runs on it first`);
    throw error;
  }
}

function topicsOf(ledger: Ledger, wanted: readonly string[]): Topic[] {
  const all = [...ledger.collection<Topic>("topic").values()];
  if (wanted.length === 0) return all;
  return wanted.flatMap((each) => {
    const found = all.filter(({ id, name }) => id === each || name === each);
    if (found.length > 0) return found;
    throw new UsageError(`--topic: ${JSON.stringify(each)} is no topic's name or id; there are: ${all.map(({ name }) => name).join(", ") || "none"}`);
  });
}
