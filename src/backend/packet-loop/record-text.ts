/** The text of records, in the formats of `flowlogs aggregate`, a piece of a window at a time. */
import { literalAbsent, literalBytes, literalLength, maxRecordText, segmentBits, textTableBytes } from "./layout.ts";
import type { LoopMemory } from "./module.ts";

/** The formats that records can be written in. */
export const recordFormats = ["text", "csv", "json"] as const;

/** One of {@link recordFormats}. */
export type RecordFormat = (typeof recordFormats)[number];

/** What stands before each of the nine fields, at the end, and for an absent value. */
const literals: Readonly<Record<RecordFormat, readonly string[]>> = {
  text: ["2 - - ", " ", " ", " ", " ", " ", " ", " ", " ", " ACCEPT OK\n", "-"],
  csv: ["", ",", ",", ",", ",", ",", ",", ",", ",", "\n", ""],
  json: [
    '{"srcaddr":"',
    '","dstaddr":"',
    '","srcport":',
    ',"dstport":',
    ',"protocol":',
    ',"packets":',
    ',"bytes":',
    ',"start":',
    ',"end":',
    "}\n",
    "null",
  ],
};

/** What records are written, and how. */
export interface TextOptions {
  readonly format: RecordFormat;
  /** Also what flow logs leave out: DHCP, licence activation. */
  readonly withAll: boolean;
  /** The address of the licence activation service, as its four bytes in a little-endian word. */
  readonly activation: number;
}

/** A complete window on its way into text: its units in turn, or those of a list. */
export interface WindowText {
  readonly window: number;
  /** The list's address; 0 for the units as they lie. */
  readonly list: number;
  /** Units, or places of the list. */
  readonly count: number;
}

/** Units, or places of a list, that become text at one time: a segment, so that no flow lies in two pieces. */
const pieceUnits = 1 << segmentBits;

/** Room for the text of any piece. */
export const pieceBytes = pieceUnits * maxRecordText;

/** How many pieces a window's text has. */
export function piecesOf({ count }: WindowText): number {
  return Math.ceil(count / pieceUnits);
}

/** Makes the tables for text, which several instances over one memory may use. */
export function textTables(memory: LoopMemory, format: RecordFormat): number {
  const { loop } = memory;
  const tables = memory.allocate(textTableBytes);
  loop.prepareText(tables);
  for (const [place, text] of literals[format].entries()) {
    const bytes = memory.bytes(loop.literalAt(place), literalBytes);
    bytes.fill(0);
    bytes[literalLength] = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, literalLength).write(text, "latin1");
    if (place > literalAbsent || text.length >= literalLength) throw new RangeError(`literal ${place} is too long: ${text}`);
  }
  return tables;
}

/** Writes a piece at an address of the memory; gives the text's end. The loop's `written` says how many records it has. */
export function writePiece(memory: LoopMemory, { list, count }: WindowText, piece: number, at: number, options: TextOptions): number {
  const { loop } = memory;
  const { activation, withAll } = options;
  const from = piece * pieceUnits;
  const until = Math.min(count, from + pieceUnits);
  if (list === 0) return loop.writeFlows(from, until, at, activation, withAll) >>> 0;
  return loop.writeList(list, from, until, at, activation, withAll) >>> 0;
}
