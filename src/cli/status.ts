/** `flowlogs status`: what the backend holds. */
import type { Command } from "commander";
import type { StatusObject } from "../wire/flowlogs.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { grouped, print, printJson, shownTime, table } from "./output.ts";

type StatusOptions = ConnectOptions & { readonly json?: true };

/** Adds the command. */
export function registerStatus(program: Command): void {
  connectOptions(program.command("status"))
    .description("Shows the backend's time, its resources, its flow logs and topics, and what became of the packets.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  flowlogs status\n  flowlogs status --json | jq .Topics")
    .action((options: StatusOptions) =>
      withClient(options, async (client) => {
        const { RequestId: _, ...status } = await client.call("DescribeStatus", {});
        if (options.json) printJson(status);
        else print(statusText(status));
      }),
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
  ]);
  return [
    `flowlogs ${status.Version}, ${shownTime(Clock.NowMs)} (${Clock.Kind} clock), data: ${status.DataFolder || "in memory"}`,
    `resources: ${held.map(([kind, count]) => `${count} ${kind}`).join(", ") || "none"}`,
    `packets: read ${grouped(Traffic.Read)}, accepted ${grouped(Traffic.Accepted)}, rejected ${grouped(Traffic.Rejected)}, ` +
      `withheld ${grouped(Traffic.Withheld)}, left out ${grouped(Traffic.LeftOut)}, unwatched ${grouped(Traffic.Unwatched)}, ` +
      `skipped ${grouped(Traffic.Skipped)}`,
    ...(status.DroppedRecords > 0 ? [`records dropped because their topic was deleted: ${status.DroppedRecords}`] : []),
    ...(flowLogs.length > 0 ? ["", table(["FLOW LOG", "NAME", "WATCHES", "TRAFFIC", "SWITCH", "ENIS"], flowLogs)] : []),
    ...(topics.length > 0 ? ["", table(["TOPIC", "ID", "STREAMS", "RECORDS", "PENDING"], topics)] : []),
  ].join("\n");
}
