/**
 * Runs one of the long runs: `run-long.ts FOLDER NAME [OPTIONS]` loads `FOLDER/NAME.ts` and calls its `run`. `--help` shows
 * the words at the head of its file; an option that it does not know ends with 2.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [folder = "", name = "", ...options] = process.argv.slice(2);

const textOf = (run: string) => readFileSync(fileURLToPath(new URL(`${folder}/${run}.ts`, import.meta.url)), "utf8");

/** What the head of a run's file says of it. */
function wordsOf(run: string): string {
  const [, comment = ""] = /^\/\*\*(.*?)\*\//s.exec(textOf(run)) ?? [];
  return comment.replaceAll(/^ *\* ?/gm, "").trim();
}

const runs = readdirSync(fileURLToPath(new URL(folder, import.meta.url)))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3))
  .filter((run) => textOf(run).includes("export async function run("));

if (!runs.includes(name)) {
  const isQuestion = name === "--help" || name === "";
  console.error(isQuestion ? `the runs of ${folder}, each with a --help of its own: ${runs.join(", ")}` : `${JSON.stringify(name)} is no run of ${folder}; there are: ${runs.join(", ")}`);
  process.exitCode = name === "--help" ? 0 : 2;
} else if (options.includes("--help")) {
  console.log(wordsOf(name));
} else {
  const module = (await import(`./${folder}/${name}.ts`)) as { run: (options: string[]) => Promise<void> };
  await module.run(options).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith("ERR_PARSE_ARGS_")) throw error;
    console.error(`${message}\n\n${wordsOf(name)}`);
    process.exitCode = 2;
  });
}
