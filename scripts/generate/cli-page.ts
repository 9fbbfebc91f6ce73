/** The reference page of the command line: what `--help` of every command says, in one place. */
import type { Command } from "commander";

/** The text of `docs/cli.md`. */
export function cliPage(program: Command): string {
  const sections = commandsOf(program).map(({ name, command }) => `## ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``);
  return `<!-- Written by scripts/generate.ts from the tree of commands; change src/cli there. -->
# The command line

What each command's \`--help\` says. Data go to standard output, words about the work to standard error; \`--json\` prints
data for a machine. Every command ends with 0 when all is fine, 1 when a check or the operation failed, 2 when it was
called wrongly, 3 when the backend cannot be reached. Key pairs come from \`TENCENTCLOUD_SECRET_ID\` and
\`TENCENTCLOUD_SECRET_KEY\`, or from the data folder of a backend on this machine.

${sections.join("\n\n")}
`;
}

/** A command and all below it, with the words that call them. */
function commandsOf(command: Command, before = ""): { name: string; command: Command }[] {
  const name = `${before}${command.name()}`;
  return [{ name, command }, ...command.commands.flatMap((each) => commandsOf(each, `${name} `))];
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 110, getOutHasColors: () => false });
  command.outputHelp();
  return text.trimEnd();
}
