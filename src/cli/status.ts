/** `flowlogs status`: what the backend holds. */
import type { Command } from "commander";
import type { Client } from "../client/client.ts";
import type { StatusObject } from "../wire/flowlogs.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { Failed, UsageError } from "./errors.ts";
import { grouped, print, printJson, shownTime, table } from "./output.ts";

interface StatusOptions extends ConnectOptions {
  readonly json?: true;
  readonly orphans?: true;
  readonly stack?: string;
  readonly state?: string;
}

const help = `
Everything that a stack makes carries a mark: tags with its project, stack and name. An interrupted \`pulumi up\` can leave
something behind; the next one takes it up by its mark, unless the program has changed in between. --orphans lists what is
then left over, to be deleted by hand. An index carries no tags; it goes with its topic.

Examples:
  flowlogs status
  flowlogs status --json | jq .Topics
  flowlogs status --orphans                                  the selected stack of the project in this folder
  pulumi stack export | flowlogs status --orphans --state -`;

/** Adds the command. */
export function registerStatus(program: Command): void {
  connectOptions(program.command("status"))
    .description("Shows the backend's time, its resources, its flow logs and topics, and what became of the packets.")
    .option("--json", "print JSON")
    .option("--orphans", "instead: list what a stack of yours made and its state does not hold, and exit with 1 if there is any")
    .option("--stack <name>", "with --orphans: the stack, as `pulumi stack export --stack` takes it (default: the selected one)")
    .option("--state <file>", "with --orphans: read the state from what `pulumi stack export` wrote there (- for standard input) instead of asking pulumi")
    .addHelpText("after", help)
    .action((options: StatusOptions) =>
      withClient(options, async (client) => {
        if (options.orphans) {
          await showOrphans(client, options);
          return;
        }
        if ((options.stack ?? options.state) !== undefined) throw new UsageError("--stack and --state go with --orphans");
        const { RequestId: _, ...status } = await client.call("DescribeStatus", {});
        if (options.json) printJson(status);
        else print(statusText(status));
      }),
    );
}

async function showOrphans(client: Client, options: StatusOptions): Promise<void> {
  const { findOrphans, orphansText } = await import("./orphans.ts");
  const found = await findOrphans(client, options);
  if (options.json) printJson(found);
  else print(orphansText(found.Stack, found.Orphans));
  if (found.Orphans.length > 0) throw new Failed("");
}

/** What would be billed, in words. */
function billed({ Billed, Topics }: StatusObject): string {
  const of = Topics.length === 1 ? "" : ` in ${Topics.length} topics`;
  return (
    `what the log service would bill${of}: ${grouped(Billed.IngestedBytes)} bytes written, ${grouped(Billed.StoredBytes)} bytes kept ` +
    "(the logs' text as it was written; a deleted topic is not counted)"
  );
}

function statusText(status: StatusObject): string {
  const { Clock, Resources, Traffic } = status;
  const held = Object.entries(Resources).filter(([, count]) => count > 0);
  const flowLogs = status.FlowLogs.map((each) => [
    each.FlowLogId,
    each.FlowLogName,
    each.ResourceId,
    each.TrafficType,
    each.Enable ? "on" : "off",
    String(each.NetworkInterfaces),
  ]);
  const topics = status.Topics.map((each) => [
    each.TopicName,
    each.TopicId,
    String(each.LogStreams),
    grouped(each.Records),
    grouped(each.PendingRecords),
    grouped(each.IngestedBytes),
    grouped(each.StoredBytes),
  ]);
  return [
    `flowlogs ${status.Version}, ${shownTime(Clock.NowMs)} (${Clock.Kind} clock), data: ${status.DataFolder || "in memory"}${status.Store.startsWith("clickhouse:") ? `, logs: ${status.Store}` : ""}`,
    `resources: ${held.map(([kind, count]) => `${count} ${kind}`).join(", ") || "none"}`,
    `packets: read ${grouped(Traffic.Read)}, accepted ${grouped(Traffic.Accepted)}, rejected ${grouped(Traffic.Rejected)}, ` +
      `withheld ${grouped(Traffic.Withheld)}, left out ${grouped(Traffic.LeftOut)}, unwatched ${grouped(Traffic.Unwatched)}, ` +
      `skipped ${grouped(Traffic.Skipped)}`,
    ...(status.DroppedRecords > 0 ? [`records dropped because their topic was deleted: ${status.DroppedRecords}`] : []),
    ...status.Damage.map((words) => `damaged: ${words}`),
    ...(flowLogs.length > 0 ? ["", table(["FLOW LOG", "NAME", "WATCHES", "TRAFFIC", "SWITCH", "ENIS"], flowLogs)] : []),
    ...(topics.length > 0 ? ["", table(["TOPIC", "ID", "STREAMS", "RECORDS", "PENDING", "BYTES IN", "BYTES KEPT"], topics), "", billed(status)] : []),
  ].join("\n");
}
