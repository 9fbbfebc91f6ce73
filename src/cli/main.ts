#!/usr/bin/env node
/** The `flowlogs` command. */
import { Command } from "commander";
import { registerClock } from "./clock.ts";
import { exitCodeOf } from "./errors.ts";
import { registerExplain } from "./explain.ts";
import { registerReplay } from "./replay.ts";
import { registerSearch } from "./search.ts";
import { registerServe } from "./serve.ts";
import { registerStatus } from "./status.ts";
import { registerVerify } from "./verify.ts";
import { packageVersion } from "./version.ts";

const program = new Command("flowlogs")
  .description("Tencent Cloud VPC flow logs on your laptop: run the backend, offer it packets, and see what became of them.")
  .version(packageVersion())
  .exitOverride()
  .showHelpAfterError("(run with --help for all options)")
  .addHelpText(
    "after",
    `
Exit codes: 0 fine, 1 a check or the operation failed, 2 wrong usage, 3 the backend cannot be reached.

A first round:
  flowlogs serve --memory --clock virtual &       a backend of your own
  pulumi up                                       your stack: VPC, subnets, ENIs, flow logs
  flowlogs replay capture.pcap                    packets meet your rules
  flowlogs clock advance 15m                      windows close, records are published
  flowlogs search action:REJECT                   and you see which rule rejected what`,
  );

for (const register of [
  registerServe,
  registerReplay,
  registerSearch,
  registerExplain,
  registerClock,
  registerStatus,
  registerVerify,
]) {
  register(program);
}

// Commands inherit how errors end the process only when told so.
for (const command of program.commands) {
  command.exitOverride();
  for (const nested of command.commands) nested.exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
