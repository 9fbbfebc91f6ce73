/** The ledger as a file of a snapshot: a row a line. */
import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import type { LedgerRow } from "../ledger.ts";
import { MalformedSnapshot } from "./container.ts";

/** Text that is written at a time. */
const pieceChars = 1024 * 1024;

/** Writes rows to a file. */
export function writeRows(path: string, rows: Iterable<LedgerRow>): void {
  const file = openSync(path, "wx", 0o600);
  try {
    let text = "";
    const write = () => {
      for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(file, rest));
      text = "";
    };
    for (const { collection, id, place, body } of rows) {
      text += `${JSON.stringify([collection, id, place])}\t${body}\n`;
      if (text.length > pieceChars) write();
    }
    write();
  } finally {
    closeSync(file);
  }
}

/** Reads them back. */
export async function* readRows(path: string): AsyncGenerator<LedgerRow> {
  for await (const line of linesOf(path)) {
    const tab = line.indexOf("\t");
    if (tab === -1) throw new MalformedSnapshot("a line of its ledger cannot be read");
    const [collection, id, place] = JSON.parse(line.slice(0, tab)) as [string, string, number];
    yield { collection, id, place, body: line.slice(tab + 1) };
  }
}

/** The lines of a file; only a line feed ends one. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of createReadStream(path, { encoding: "utf8", highWaterMark: pieceChars })) {
    const lines = (rest + String(piece)).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
