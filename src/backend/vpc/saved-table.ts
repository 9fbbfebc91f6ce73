/** A table's things as plain values, to be kept while the backend is stopped: columns as base64 of little-endian numbers. */

type Column = Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A table as it is kept. */
export interface SavedTable {
  readonly count: number;
  readonly columns: Readonly<Record<string, string>>;
}

/** Columns by their names; `width` numbers of each belong to a thing. */
export type Columns = Readonly<Record<string, { readonly column: Column; readonly width: number }>>;

/** What stands at some places of the columns. */
export function saveColumns(columns: Columns, places: readonly number[]): SavedTable {
  const saved = Object.entries(columns).map(([name, { column, width }]) => {
    const picked = new (column.constructor as new (length: number) => Column)(places.length * width);
    for (const [row, place] of places.entries()) {
      for (let at = 0; at < width; at++) picked[row * width + at] = column[place * width + at]!;
    }
    return [name, Buffer.from(picked.buffer).toString("base64")] as const;
  });
  return { count: places.length, columns: Object.fromEntries(saved) };
}

/** A column that was kept. */
export function savedColumn<C extends Column>(saved: SavedTable, name: string, kind: new (buffer: ArrayBuffer) => C): C {
  return new kind(Uint8Array.from(Buffer.from(saved.columns[name]!, "base64")).buffer);
}
