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

/** All conditions together. */
export function allOf(conditions: readonly string[]): string {
  const needed = conditions.filter((each) => each !== "TRUE");
  if (needed.includes("FALSE")) return "FALSE";
  if (needed.length === 0) return "TRUE";
  return needed.length === 1 ? needed[0]! : `(${needed.join(" AND ")})`;
}

/** Any of the conditions. */
export function anyOf(conditions: readonly string[]): string {
  const possible = conditions.filter((each) => each !== "FALSE");
  if (possible.includes("TRUE")) return "TRUE";
  if (possible.length === 0) return "FALSE";
  return possible.length === 1 ? possible[0]! : `(${possible.join(" OR ")})`;
}
