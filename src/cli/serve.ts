/** `flowlogs serve`: runs the backend until it is told to stop. */
import type { Command } from "commander";
import { defaultMaxFlows } from "../backend/cloud.ts";
import { readStoreAddress, type StoreAddress, StoreAddressError } from "../backend/logs/clickhouse/address.ts";
import { type Backend, type BackendOptions, startBackend } from "../backend/main.ts";
import { isLoopback } from "../backend/server/admission.ts";
import { defaultDataFolder, defaultPort } from "../wire/local-backend.ts";
import { Failed, UsageError } from "./errors.ts";
import { print, say } from "./output.ts";
import { choiceOption, readInteger, readMoment } from "./values.ts";
import { packageVersion } from "./version.ts";

interface ServeOptions {
  readonly port: string;
  readonly host: string;
  readonly data?: string;
  readonly memory?: true;
  readonly store?: string;
  readonly clock: string;
  readonly clockStart?: string;
  readonly window: string;
  readonly publishDelay: string;
  readonly appId: string;
  readonly kmsAddress?: string;
  readonly maxFlows: string;
  readonly allowHost: string[];
}

/** Adds the command. */
export function registerServe(program: Command): void {
  program
    .command("serve")
    .description("Runs the backend until SIGTERM or Ctrl-C; then it finishes what is running and ends with 0.")
    .option("--port <port>", "where to listen; 0 picks a free port", String(defaultPort))
    .option("--host <address>", "which address to listen on", "127.0.0.1")
    .option("--data <folder>", "where to keep everything (default: FLOWLOGS_DATA, else ~/.local/share/flowlogs)")
    .option("--memory", "keep nothing but the key pair")
    .option("--store <address>", "keep the logs in ClickHouse: clickhouse://[user@]host:port/database[?cluster=name] (default: FLOWLOGS_STORE, else in the data folder)")
    .addOption(choiceOption("--clock <kind>", "whose time it is; a virtual one stands still until moved", ["real", "virtual"], "real"))
    .option("--clock-start <moment>", "when a new virtual clock starts (default: now)")
    .addOption(choiceOption("--window <seconds>", "length of a capture window", ["600", "300", "60"], "600"))
    .option("--publish-delay <seconds>", "from a window's end until its records can be found", "300")
    .option("--app-id <id>", "the account's APPID, the account-id of every record", "1250000000")
    .option("--kms-address <address>", "where Windows instances activate their licence (left out of records)")
    .option("--max-flows <n>", "most flows summed at one time; the rest is skipped and told of (about 150 bytes each)", String(defaultMaxFlows))
    .option("--allow-host <name>", "serve requests for this Host too (repeatable)", collect, [])
    .addHelpText("after", examples)
    .action(serve);
}

const examples = `
Examples:
  flowlogs serve                                  a durable backend on the real clock
  flowlogs serve --memory --clock virtual         a fresh one for a test, time moved by hand
  flowlogs serve --port 0 --data ./cloud          a free port, data in ./cloud
  flowlogs serve --store clickhouse://flowlogs@db.internal:8123/flowlogs
                                                  logs in ClickHouse, the password in FLOWLOGS_STORE_PASSWORD`;

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

async function serve(options: ServeOptions): Promise<void> {
  const dataFolder = options.data ?? defaultDataFolder();
  const isVirtual = options.clock === "virtual";
  const start = options.clockStart ?? "now";
  const storeAddress = storeAddressOf(options.store);
  const backend = await startOrAdvise({
    port: readInteger(options.port, "--port", 0, 65_535),
    host: options.host,
    allowHosts: options.allowHost,
    dataFolder,
    inMemory: options.memory === true,
    virtualStartMs: isVirtual ? readMoment(start, "--clock-start", Date.now()) : undefined,
    windowSeconds: Number(options.window),
    publishDelaySeconds: readInteger(options.publishDelay, "--publish-delay", 0, 86_400),
    appId: String(readInteger(options.appId, "--app-id", 1, 9_999_999_999)),
    maxFlows: readInteger(options.maxFlows, "--max-flows", 1, 100_000_000),
    ...(storeAddress === undefined ? {} : { storeAddress }),
    ...(options.kmsAddress === undefined ? {} : { activationAddress: options.kmsAddress }),
    version: packageVersion(),
  });
  if (!isLoopback(options.host)) say(`warning: ${options.host} can be reached from other machines`);
  print(`flowlogs listening on ${backend.url} (data: ${options.memory ? "in memory" : dataFolder}${storeAddress === undefined ? "" : `, logs: ${storeAddress.shown}`})`);
  void backend.damage().then((damage) => {
    for (const words of damage) say(`warning: ${words}`);
  });
  await stopSignal();
  await backend.stop();
}

/** The address of the log store that is asked for, here or by the environment; a password is better there than here. */
function storeAddressOf(option: string | undefined): StoreAddress | undefined {
  const text = option ?? process.env["FLOWLOGS_STORE"] ?? "";
  if (text === "") return undefined;
  try {
    return readStoreAddress(text, process.env["FLOWLOGS_STORE_PASSWORD"]);
  } catch (error) {
    if (error instanceof StoreAddressError) throw new UsageError(`${option === undefined ? "FLOWLOGS_STORE" : "--store"}: ${error.message}`);
    throw error;
  }
}

/** Starts the backend; where the machine refuses, says what to do about it. */
async function startOrAdvise(options: BackendOptions): Promise<Backend> {
  try {
    return await startBackend(options);
  } catch (error) {
    const words = error instanceof Error && "code" in error ? adviceFor(String(error.code), options) : undefined;
    throw words === undefined ? error : new Failed(`error: ${words}`);
  }
}

function adviceFor(code: string, { host, port, dataFolder }: BackendOptions): string | undefined {
  switch (code) {
    case "EADDRINUSE":
      return `${host}:${port} is taken: a backend may be running there already (\`flowlogs status\` tells); --port picks another port, --port 0 a free one`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `--host: ${JSON.stringify(host)} is no address of this machine; 127.0.0.1 is the default`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `no permission to listen on ${host}:${port} or to write to ${dataFolder}: ports below 1024 need privileges, --data names another folder`;
    default:
      return undefined;
  }
}

function stopSignal(): Promise<void> {
  // An open handle for as long as the backend is to run.
  const forever = setInterval(() => {}, 2 ** 30);
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        clearInterval(forever);
        resolve();
      });
    }
  });
}
