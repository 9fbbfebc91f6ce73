/** `flowlogs reset`: an empty cloud again. */
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import type { Client } from "../client/client.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { Failed, UsageError } from "./errors.ts";
import { grouped, say, shownTime } from "./output.ts";

interface ResetOptions extends ConnectOptions {
  readonly yes?: true;
}

const help = `
Everything goes at once: resources, topics and their logs, open capture windows. A virtual clock stands where it started.
The key pair stays. \`flowlogs snapshot save\` keeps what there is.

Examples:
  flowlogs reset                      asks first
  flowlogs reset --yes`;

/** Adds the command. */
export function registerReset(program: Command): void {
  connectOptions(program.command("reset"))
    .description("Forgets everything that the backend holds.")
    .option("--yes", "do not ask")
    .addHelpText("after", help)
    .action((options: ResetOptions) => withClient(options, (client) => reset(client, options)));
}

async function reset(client: Client, options: ResetOptions): Promise<void> {
  if (!options.yes) await ask(client);
  const { NowMs, Kind } = await client.call("ResetCloud", {});
  say(`everything is gone${Kind === "virtual" ? `; the clock stands at ${shownTime(NowMs)}` : ""}`);
}

async function ask(client: Client): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError("--yes: must be given where nobody can be asked");
  const { Resources, Topics } = await client.call("DescribeStatus", {});
  const resources = Object.values(Resources).reduce((sum, count) => sum + count, 0);
  const records = Topics.reduce((sum, { Records }) => sum + Records, 0);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`Forget ${grouped(resources)} resources and ${grouped(records)} records? [y/N] `).finally(() => lines.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failed("nothing was changed");
}
