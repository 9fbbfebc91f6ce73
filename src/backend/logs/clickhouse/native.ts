/** Rows as a block of ClickHouse's Native format: columns one after the other, typed arrays as they lie in memory. */

/** Ways to write a column. Numbers are little-endian, as on every machine that Node runs on. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly parts: readonly Uint8Array[];
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | BigInt64Array | BigUint64Array;

const typeOf = new Map<unknown, string>([
  ...([[Uint8Array, "UInt8"], [Uint16Array, "UInt16"], [Uint32Array, "UInt32"], [Int32Array, "Int32"]] as const),
  ...([[BigInt64Array, "Int64"], [BigUint64Array, "UInt64"]] as const),
]);

/** The block that columns of so many rows are. */
export function nativeBlock(columns: readonly Column[], rows: number): Uint8Array[] {
  const head = Buffer.concat([varint(columns.length), varint(rows)]);
  return [head, ...columns.flatMap(({ name, type, parts }) => [text(name), text(type), ...parts])];
}

/** Numbers as they are. */
export function numbers(name: string, items: Numbers, type = typeOf.get(items.constructor)!): Column {
  return { name, type, parts: [bytesOf(items)] };
}

/** Whole numbers up to 2^53 as 64-bit ones, as their two halves: no BigInt for each row. */
export function wide(name: string, count: number, value: (row: number) => number): Column {
  const halves = new Uint32Array(count * 2);
  for (let row = 0; row < count; row++) {
    const number = value(row);
    halves[row * 2] = number % 0x1_0000_0000;
    halves[row * 2 + 1] = Math.floor(number / 0x1_0000_0000);
  }
  return { name, type: "UInt64", parts: [bytesOf(halves)] };
}

/** Texts that repeat: the different ones, and for each row its place among them. */
export function listed(name: string, texts: readonly string[], places: Uint8Array | Uint32Array): Column {
  const isByte = places instanceof Uint8Array;
  const head = new BigUint64Array([1n, BigInt(isByte ? 0 : 2) | additionalKeys | updatedDictionary, BigInt(texts.length)]);
  const keys = Buffer.concat(texts.map(text));
  const parts = [bytesOf(head), keys, bytesOf(new BigUint64Array([BigInt(places.length)])), bytesOf(places)];
  return { name, type: "LowCardinality(String)", parts };
}

// Flags of the format: the keys come with the block, and make up its dictionary.
const additionalKeys = 1n << 9n;
const updatedDictionary = 1n << 10n;

/** The same text in every row. */
export function same(name: string, value: string, count: number): Column {
  return listed(name, [value], new Uint8Array(count));
}

/** Texts of any length. */
export function texts(name: string, values: readonly string[]): Column {
  return { name, type: "String", parts: [Buffer.concat(values.map(text))] };
}

/** Sixteen bytes each. */
export function sixteens(name: string, items: Uint8Array): Column {
  return { name, type: "FixedString(16)", parts: [items] };
}

/** Maps of text to text, in the order of their entries. */
export function maps(name: string, values: readonly (readonly (readonly [key: string, value: string])[])[]): Column {
  const ends = new BigUint64Array(values.length);
  let end = 0;
  for (const [row, entries] of values.entries()) ends[row] = BigInt((end += entries.length));
  const flat = values.flat();
  const [keys, contents] = [0, 1].map((side) => Buffer.concat(flat.map((entry) => text(entry[side]!))));
  return { name, type: "Map(String, String)", parts: [bytesOf(ends), keys!, contents!] };
}

function bytesOf({ buffer, byteOffset, byteLength }: Numbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}
