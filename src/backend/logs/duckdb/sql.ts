/** Text as SQL: nothing reaches the engine that was not written by these. */

/** A string literal. */
export function sqlText(text: string): string {
  // The engine reads a statement up to its first NUL.
  const parts = text.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts[0]! : `(${parts.join(" || chr(0) || ")})`;
}

/** A name. */
export function sqlName(name: string): string {
  return `"${name.replaceAll("\0", "").replaceAll('"', '""')}"`;
}

/** A list of literals in brackets. */
export function sqlList(texts: readonly string[]): string {
  return `[${texts.map(sqlText).join(", ")}]`;
}
