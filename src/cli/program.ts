/** The tree of commands: as much of it as a call needs, or all of it. */
import { Command } from "commander";
import { subcommands } from "./commands.ts";
import { packageVersion } from "./version.ts";

const help = `
Exit codes: 0 fine, 1 a check or the operation failed, 2 wrong usage, 3 the backend cannot be reached.

A first round:
  flowlogs serve --memory --clock virtual &       a backend of your own
  pulumi up                                       your stack: VPC, subnets, ENIs, flow logs
  flowlogs replay capture.pcap                    packets meet your rules
  flowlogs clock advance 15m                      windows close, records are published
  flowlogs search action:REJECT                   and you see which rule rejected what`;

/** The program with the subcommands that are wanted in full, and of the others their names only. */
export async function buildProgram(isWanted: (name: string) => boolean): Promise<Command> {
  const program = new Command("flowlogs")
    .description("Tencent Cloud VPC flow logs on your laptop: run the backend, offer it packets, and see what became of them.")
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError("(run with --help for all options)")
    .addHelpText("after", help);
  for (const { name, summary, load } of subcommands) {
    if (isWanted(name)) (await load())(program);
    else program.command(name);
    program.commands.at(-1)!.summary(summary);
  }
  return program;
}

/** The whole tree, for what is made from it: completion, the reference page. */
export function wholeProgram(): Promise<Command> {
  return buildProgram(() => true);
}

/** The subcommand that arguments ask for, as far as can be told before they are parsed. */
export function wantedCommand(args: readonly string[]): string | undefined {
  const words = args.filter((arg) => !arg.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}
