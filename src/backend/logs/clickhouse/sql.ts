/** Text as ClickHouse's SQL: nothing reaches a server that was not written by these. */

/** A string literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\0", "\\0")}'`;
}
