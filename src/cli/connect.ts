/** The options by which every command that talks to a backend is told which one. */
import type { Command } from "commander";
import { Client } from "../client/client.ts";
import { findClientOptions } from "../client/local.ts";

/** What those options give. */
export interface ConnectOptions {
  readonly endpoint?: string;
  readonly region?: string;
}

/** Adds the options to a command. */
export function connectOptions(command: Command): Command {
  return command
    .option("--endpoint <url>", "the backend to talk to (default: FLOWLOGS_ENDPOINT, else http://127.0.0.1:7878)")
    .option("--region <region>", "the region to work in (default: TENCENTCLOUD_REGION, else ap-guangzhou)");
}

/** Runs work with a client and lets go of its connections afterwards. */
export async function withClient<R>(options: ConnectOptions, work: (client: Client) => Promise<R>): Promise<R> {
  const client = new Client(findClientOptions(options));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
