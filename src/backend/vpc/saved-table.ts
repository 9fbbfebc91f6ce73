/** A table's rows as plain values, to be kept while the backend is stopped: base64 of little-endian words. */

/** A table as it is kept. */
export interface SavedTable {
  readonly count: number;
  readonly rows: string;
}

/** The rows at some places. */
export function saveRows(rows: Int32Array, rowWords: number, places: readonly number[]): SavedTable {
  const saved = new Int32Array(places.length * rowWords);
  for (const [row, place] of places.entries()) saved.set(rows.subarray(place * rowWords, (place + 1) * rowWords), row * rowWords);
  return { count: places.length, rows: Buffer.from(saved.buffer).toString("base64") };
}

/** Rows that were kept, as words and as floats. */
export function savedRows({ rows }: SavedTable): { readonly rows: Int32Array; readonly floats: Float64Array } {
  const { buffer } = Uint8Array.from(Buffer.from(rows, "base64"));
  return { rows: new Int32Array(buffer), floats: new Float64Array(buffer) };
}
