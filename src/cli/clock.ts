/** `flowlogs clock`: shows the backend's time, and moves it where it is virtual. */
import type { Command } from "commander";
import type { Client } from "../client/client.ts";
import { CloudError } from "../client/errors.ts";
import type { ClockObject } from "../wire/flowlogs.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { UsageError } from "./errors.ts";
import { print, printJson, shownTime } from "./output.ts";
import { readDuration } from "./values.ts";

type ClockOptions = ConnectOptions & { readonly json?: true };

/** Adds the command. */
export function registerClock(program: Command): void {
  const clock = program
    .command("clock")
    .description("Shows the backend's time; `clock advance` moves a virtual clock and waits until all that fell due is done.")
    .addHelpText("after", "\nExamples:\n  flowlogs clock\n  flowlogs clock advance 15m");
  connectOptions(clock.command("show", { isDefault: true }))
    .summary("show the time")
    .description("Shows the backend's time.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  flowlogs clock show --json | jq .NowMs")
    .action((options: ClockOptions) => withClient(options, async (client) => show(await client.call("DescribeClock", {}), options)));
  connectOptions(clock.command("advance").argument("<time>", "how far: 90s, 15m, 1h30m"))
    .summary("move a virtual clock forward")
    .description("Moves a virtual clock forward; what falls due on the way is done before it answers.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  flowlogs clock advance 15m\n  flowlogs clock advance 1d12h --json")
    .action((time: string, options: ClockOptions) => withClient(options, (client) => advance(client, time, options)));
}

async function advance(client: Client, time: string, options: ClockOptions): Promise<void> {
  const Seconds = readDuration(time, "time");
  try {
    show(await client.call("AdvanceClock", { Seconds }), options);
  } catch (error) {
    const isReal = error instanceof CloudError && error.code === "UnsupportedOperation";
    throw isReal ? new UsageError(error.message) : error;
  }
}

function show({ Kind, NowMs, WindowSeconds, PublishDelaySeconds }: ClockObject, options: ClockOptions): void {
  if (options.json) printJson({ Kind, NowMs, WindowSeconds, PublishDelaySeconds });
  else print(`${shownTime(NowMs)} (${Kind} clock; windows of ${WindowSeconds} s, published ${PublishDelaySeconds} s after they end)`);
}
