/** The index of the documentation: every page by its title and its first sentence. */

/** The text of `docs/README.md`, for pages given by their path below docs/. */
export function docsIndex(pages: ReadonlyMap<string, string>): string {
  const sorted = [...pages].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const line = ([path, text]: [string, string]) => `- [${titleOf(text)}](${path}): ${firstSentence(text)}`;
  const isResource = ([path]: [string, string]) => path.startsWith("resources/");
  return `<!-- Written by scripts/generate.ts from the pages themselves. -->
# Documentation

${sorted.filter((page) => !isResource(page)).map(line).join("\n")}

How the code is laid out stands in [ARCHITECTURE.md](../ARCHITECTURE.md), how to begin in the [README](../README.md).

## Resources

For each property: its type, whether it is required, whether a change replaces the resource or updates it, its limits,
and the API's field it becomes.

${sorted.filter(isResource).map(line).join("\n")}
`;
}

function titleOf(text: string): string {
  return /^# (.+)$/m.exec(text)?.[1] ?? "untitled";
}

function firstSentence(text: string): string {
  const paragraph = text.slice(text.search(/^# /m)).split(/\n\s*\n/)[1] ?? "";
  const sentence = /^[\s\S]*?[.:](?=\s|$)/.exec(paragraph.trim())?.[0] ?? paragraph;
  return sentence.replaceAll("\n", " ").replace(/:$/, ".");
}
