/** Conditions in SQL, joined: what is known to be true or false beforehand never reaches an engine. */

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

/** The opposite of a condition. */
export function not(condition: string): string {
  if (condition === "TRUE") return "FALSE";
  return condition === "FALSE" ? "TRUE" : `(NOT ${condition})`;
}
