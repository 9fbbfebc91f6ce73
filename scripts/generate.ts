/**
 * Writes what is derived from the model's tables: the resource classes with their arguments (src/pulumi/<kind>.ts) and
 * the reference pages (docs/resources/<kind>.md); from the tree of commands docs/cli.md; from the pages
 * themselves their index (docs/README.md). `--check` writes nothing and fails where a file is not as it would be.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { cliPage } from "./generate/cli-page.ts";
import { docsIndex } from "./generate/docs-index.ts";
import { resourceClass } from "./generate/resource-class.ts";
import { resourcePage } from "./generate/resource-page.ts";
import { wholeProgram } from "../src/cli/program.ts";
import { resources } from "../src/model/resources.ts";

const kebab = (name: string) => name.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

const files = new Map<string, string>();
for (const model of Object.values(resources)) {
  // A file called index.ts would be taken for a folder's entry.
  const file = model.name === "Index" ? "index-resource" : kebab(model.name);
  files.set(`src/pulumi/${file}.ts`, resourceClass(model));
  files.set(`docs/resources/${kebab(model.name)}.md`, resourcePage(model));
}

files.set("docs/cli.md", cliPage(await wholeProgram()));

const pages = new Map<string, string>();
for (const name of readdirSync("docs", { recursive: true, encoding: "utf8" })) {
  if (name.endsWith(".md") && name !== "README.md") pages.set(name, readFileSync(`docs/${name}`, "utf8"));
}
for (const [path, text] of files) if (path.startsWith("docs/")) pages.set(path.slice("docs/".length), text);
files.set("docs/README.md", docsIndex(pages));

const isChecking = process.argv.includes("--check");
const stale: string[] = [];
for (const [path, text] of files) {
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  stale.push(path);
  if (isChecking) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
if (isChecking && stale.length > 0) {
  console.error(`not as the tables say (run npm run generate): ${stale.join(", ")}`);
  process.exitCode = 1;
} else console.log(`${stale.length} of ${files.size} generated files ${isChecking ? "are stale" : "written"}`);
