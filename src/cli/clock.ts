/** `flowlogs clock`: shows the backend's time, and moves it where it is virtual. */
import type { Command } from "commander";
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
    .summary("show the backend's time, or move a virtual clock")
    .description("Shows the backend's time; `clock advance` moves a virtual clock and waits until all that fell due is done.")
    .addHelpText("after", "\nExamples:\n  flowlogs clock\n  flowlogs clock advance 15m");
  connectOptions(clock.command("show", { isDefault: true }).description("show the time"))
    .option("--json", "print JSON")
    .action((options: ClockOptions) => withClient(options, async (client) => show(await client.call("DescribeClock", {}), options)));
  connectOptions(clock.command("advance").argument("<time>", "how far: 90s, 15m, 1h30m").description("move a virtual clock forward"))
    .option("--json", "print JSON")
    .action((time: string, options: ClockOptions) => withClient(options, async (client) => {
      const Seconds = readDuration(time, "time");
      try {
        show(await client.call("AdvanceClock", { Seconds }), options);
      } catch (error) {
        const isReal = error instanceof CloudError && error.code === "UnsupportedOperation";
        throw isReal ? new UsageError(error.message) : error;
      }
    }));
}

function show({ Kind, NowMs, WindowSeconds, PublishDelaySeconds }: ClockObject, options: ClockOptions): void {
  if (options.json) printJson({ Kind, NowMs, WindowSeconds, PublishDelaySeconds });
  else print(`${shownTime(NowMs)} (${Kind} clock; windows of ${WindowSeconds} s, published ${PublishDelaySeconds} s after they end)`);
}
