/** Results of long runs, written by the command itself into a page: a section for each, replaced by its next run. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const intros: Readonly<Record<string, string>> = {
  "docs/benchmarks.md":
    "# Benchmarks\n\nEach section is written by `npm run bench -- NAME`, both sides measured in the same run. The machine is shared and noisy: only ratios mean anything.\n",
  "docs/reliability.md":
    "# Reliability\n\nEach section is written by the long run that it names, with its seeds, cases and failures. What missed its target stands here too.\n",
};

/** Which commit, when, and on what machine: the line under a section's heading. */
export function provenance(command: string): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  // The pages themselves do not count: other runs write theirs meanwhile.
  const isDirty = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs") !== "";
  const commit = `${git("rev-parse", "--short", "HEAD")}${isDirty ? " with uncommitted changes" : ""}`;
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  const memory = Math.round(totalmem() / 2 ** 30);
  return `\`${command}\`, ${date} UTC, commit ${commit}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${memory} GiB.`;
}

/** Replaces (or appends) the section of that name in a page. */
export function writeSection(page: "docs/benchmarks.md" | "docs/reliability.md", name: string, title: string, text: string): void {
  const path = `${root}${page}`;
  const before = existsSync(path) ? readFileSync(path, "utf8") : intros[page]!;
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const section = `${open}\n## ${title}\n\n${text.trim()}\n${close}`;
  const start = before.indexOf(open);
  const end = before.indexOf(close);
  const after = start === -1 ? `${before.trimEnd()}\n\n${section}\n` : before.slice(0, start) + section + before.slice(end + close.length);
  writeFileSync(path, after);
}

/** Rows under a header as a Markdown table. */
export function markdownTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
