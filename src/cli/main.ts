#!/usr/bin/env node
/** The `flowlogs` command: loads the one subcommand that is asked for, and ends with its exit code. */
import { exitCodeOf } from "./exit-code.ts";
import { buildProgram, wantedCommand } from "./program.ts";

// Whoever reads the output may have seen enough (`flowlogs search | head`): that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

const wanted = wantedCommand(process.argv.slice(2));
const program = await buildProgram((name) => name === wanted);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = await exitCodeOf(error);
}
