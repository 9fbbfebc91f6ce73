/** What commands print: data to standard output, words about the work to standard error. */

/** Prints data for a machine. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Prints data for a person. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Says something about the work, never mixed with data. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A line that is overwritten by the next one; only on a terminal. */
export function showProgress(words: () => string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${words()}`);
}

/** Takes the progress line away. */
export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

/** Rows under a header, columns aligned; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const isNumeric = header.map((_, column) => rows.length > 0 && rows.every((row) => /^[\d,.]*$/.test(row[column]!)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (isNumeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [header, ...rows].map(line).join("\n");
}

/** A count as people read it: 12,345. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A moment in UTC as people read it. */
export function shownTime(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z");
}
