/** `flowlogs explain`: which rule decides about a packet, or decided about a record. */
import type { Command } from "commander";
import type { Client } from "../client/client.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { UsageError } from "./errors.ts";
import { print, printJson } from "./output.ts";
import { readInteger } from "./values.ts";

interface ExplainOptions extends ConnectOptions {
  readonly record?: string;
  readonly src?: string;
  readonly dst?: string;
  readonly protocol?: string;
  readonly sport?: string;
  readonly dport?: string;
  readonly json?: true;
}

/** Adds the command. */
export function registerExplain(program: Command): void {
  connectOptions(program.command("explain"))
    .description("Says which rule decides about a packet that opened a connection now, or decided about a record.")
    .option("--record <line>", "a record's line, as `search --format raw` prints it")
    .option("--src <address>", "source address")
    .option("--dst <address>", "destination address")
    .option("--protocol <name-or-number>", "tcp, udp, icmp, ... or an IANA number")
    .option("--sport <port>", "source port")
    .option("--dport <port>", "destination port")
    .option("--json", "print JSON")
    .addHelpText("after", examples)
    .action((options: ExplainOptions) => withClient(options, (client) => explain(client, options)));
}

const examples = `
Examples:
  flowlogs explain --src 203.0.113.12 --dst 172.31.16.139 --protocol tcp --dport 22
  flowlogs explain --record "$(flowlogs search action:REJECT --limit 1 --format raw)"`;

async function explain(client: Client, options: ExplainOptions): Promise<void> {
  if (options.record !== undefined) {
    const { RequestId: _, ...answer } = await client.call("ExplainRecord", { Record: options.record });
    if (options.json) printJson(answer);
    else print(answer.Words);
    return;
  }
  const { src, dst, protocol } = options;
  if (src === undefined || dst === undefined || protocol === undefined) {
    throw new UsageError("give --record LINE, or --src, --dst and --protocol");
  }
  const port = (text: string | undefined, option: string) =>
    text === undefined ? undefined : readInteger(text, option, 0, 65_535);
  const { RequestId: _, ...answer } = await client.call("ExplainVerdict", {
    SrcAddr: src,
    DstAddr: dst,
    Protocol: protocol,
    SrcPort: port(options.sport, "--sport"),
    DstPort: port(options.dport, "--dport"),
  });
  if (options.json) printJson(answer);
  else print(answer.Words);
}
