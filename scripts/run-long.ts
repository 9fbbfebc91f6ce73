/** Runs one of the long runs: `run-long.ts FOLDER NAME [OPTIONS]` loads `FOLDER/NAME.ts` and calls its `run`. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [folder = "", name = "", ...options] = process.argv.slice(2);
const names = readdirSync(fileURLToPath(new URL(folder, import.meta.url)))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));

if (names.includes(name)) {
  const module = (await import(`./${folder}/${name}.ts`)) as { run: (options: string[]) => Promise<void> };
  await module.run(options);
} else {
  console.error(`${JSON.stringify(name)} is no run of ${folder}; there are: ${names.join(", ")}`);
  process.exitCode = 2;
}
