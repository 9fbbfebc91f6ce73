/** `flowlogs completion`: a shell script that completes commands, options and their values, made from the tree of commands. */
import type { Command, Option } from "commander";
import { print } from "./output.ts";
import { choiceArgument } from "./values.ts";

const shells = ["bash", "zsh"] as const;

const examples = `
Examples:
  source <(flowlogs completion bash)                              for this shell; or in ~/.bashrc
  flowlogs completion zsh > "\${fpath[1]}/_flowlogs"               for every new zsh`;

/** Adds the command. */
export function registerCompletion(program: Command): void {
  program
    .command("completion")
    .description("Prints a script that makes a shell complete commands, options and their values.")
    .addArgument(choiceArgument("<shell>", "whose script", shells))
    .addHelpText("after", examples)
    .action(async (shell: (typeof shells)[number]) => {
      const { wholeProgram } = await import("./program.ts");
      const places = placesOf(await wholeProgram());
      print(shell === "bash" ? bashScript(places) : zshScript(places));
    });
}

interface Offer {
  readonly word: string;
  readonly about: string;
}

/** What an option's value or an argument can be: one of some words, a file, or anything. */
type Value = { readonly words: readonly string[] } | "file" | "anything";

/** A place in the tree: the words that lead there, and what can follow. */
interface Place {
  readonly route: string;
  readonly offers: readonly Offer[];
  readonly values: readonly { readonly option: string; readonly value: Value }[];
  readonly argument: Value;
}

function placesOf(command: Command, route = ""): Place[] {
  const help = command.createHelp();
  const options = help.visibleOptions(command);
  const names = (option: Option) => [option.short, option.long].filter((name) => name !== undefined);
  const commands = help.visibleCommands(command);
  const inner = commands.filter((each) => command.commands.includes(each));
  const [argument] = command.registeredArguments;
  const place: Place = {
    route,
    offers: [
      ...commands.map((each) => ({ word: each.name(), about: each.summary() || each.description() })),
      ...options.flatMap((option) => names(option).map((word) => ({ word, about: option.description }))),
    ],
    values: options
      .filter(({ required, optional }) => required || optional)
      .flatMap((option) => names(option).map((name) => ({ option: name, value: valueOf(option.flags, option.argChoices) }))),
    argument: argument === undefined ? { words: [] } : valueOf(argument.name(), argument.argChoices),
  };
  return [place, ...inner.flatMap((each) => placesOf(each, `${route} ${each.name()}`))];
}

function valueOf(text: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { words: choices };
  return /\b(file|folder)\b/.test(text) ? "file" : "anything";
}

const generated = "Written by `flowlogs completion`.";

/** The lines of a `case` that finds the route: which words are commands, and where. */
function routePatterns(places: readonly Place[]): string {
  return places.map(({ route }) => route).filter((route) => route !== "").map(quoted).join("|");
}

/** The lines of a `case` that gives an option's value. */
function valueCases(places: readonly Place[], give: (value: Value) => string): string {
  const all = places.flatMap(({ route, values }) =>
    values.map(({ option, value }) => ({ pattern: quoted(`${route} ${option}`), given: give(value) })),
  );
  const groups = Map.groupBy(all, ({ given }) => given);
  return [...groups].map(([given, of]) => `    ${of.map(({ pattern }) => pattern).join("|")}) ${given}; return ;;`).join("\n");
}

function bashScript(places: readonly Place[]): string {
  const words = (list: readonly string[]) => `COMPREPLY=($(compgen -W ${quoted(list.join(" "))} -- "$word"))`;
  const give = (value: Value) => (value === "anything" ? ":" : value === "file" ? "_flowlogs_files" : words(value.words));
  const offers = places.map(({ route, offers: own, argument }) => {
    const all = [...own.map(({ word }) => word), ...(typeof argument === "string" ? [] : argument.words)];
    const files = argument === "file" ? '[[ $word == -* ]] || _flowlogs_files; ' : "";
    return `    ${quoted(route)}) ${words(all)}; ${files};;`;
  });
  return `# bash completion for flowlogs. ${generated}
_flowlogs_files() {
  compopt -o filenames 2>/dev/null
  local found
  while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen -f -- "$word")
}

_flowlogs() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" route="" index
  COMPREPLY=()
  # --option=value comes in three words.
  if [[ $word == "=" ]]; then word=""; elif [[ $previous == "=" ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$route \${COMP_WORDS[index]}" in
      ${routePatterns(places)}) route="$route \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$route $previous" in
${valueCases(places, give)}
  esac
  case "$route" in
${offers.join("\n")}
  esac
}

complete -F _flowlogs flowlogs`;
}

function zshScript(places: readonly Place[]): string {
  const give = (value: Value) =>
    value === "anything" ? ":" : value === "file" ? "_files" : `compadd -- ${value.words.map(quoted).join(" ")}`;
  const offers = places.map(({ route, offers: own, argument }) => {
    const pairs = own.map(({ word, about }) => quoted(`${word}:${about}`));
    const more = typeof argument === "string" ? (argument === "file" ? "; _files" : "") : argument.words.length > 0 ? `; ${give(argument)}` : "";
    return `    ${quoted(route)}) offered=(${pairs.join(" ")}); _describe flowlogs offered${more} ;;`;
  });
  return `#compdef flowlogs
# zsh completion for flowlogs. ${generated}
_flowlogs() {
  local route="" index
  local -a offered
  for ((index = 2; index < CURRENT; index++)); do
    case "$route \${words[index]}" in
      ${routePatterns(places)}) route="$route \${words[index]}" ;;
    esac
  done
  case "$route \${words[CURRENT-1]}" in
${valueCases(places, give)}
  esac
  case "$route" in
${offers.join("\n")}
  esac
}

# Sourced, it registers itself; found by the shell through fpath, it is called at once.
if [ "\${funcstack[1]}" = "_flowlogs" ]; then _flowlogs "$@"; else compdef _flowlogs flowlogs; fi`;
}

/** A word in single quotes, as both shells read it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
