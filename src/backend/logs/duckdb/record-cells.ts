/** The cells of a record's row: which column holds the value of a key, and which texts it can be. */
import { ActionCode, DirectionCode, recordLine, StatusCode } from "../../record-batch.ts";
import type { Cell, Cells, Listed, NumberCell } from "../condition/cells.ts";
import { recordSource } from "../kept-log.ts";
import type { Field } from "../query/fields.ts";
import type { Dictionaries } from "./dictionaries.ts";
import type { Placement, RuleOfReason } from "../kept-log.ts";
import { sqlText } from "./sql.ts";

const dashed = (codes: Readonly<Record<string, number>>) => () =>
  Object.entries(codes).map(([name, code]) => [code, name === "none" ? "-" : name] as const);

const widest = { byte: 0xff, short: 0xffff, word: 0xffff_ffff, long: Number.MAX_SAFE_INTEGER } as const;

/** The cells of a record, by place and name of the key. */
export class RecordCells implements Cells {
  /** The 14 of the line, in their order. */
  readonly line: readonly Cell[];
  private readonly values: ReadonlyMap<string, Cell>;
  private readonly tags: ReadonlyMap<string, Cell>;
  private readonly internal: ReadonlyMap<string, Cell>;

  constructor(dictionaries: Dictionaries) {
    const ofPlacement = (name: keyof Placement): Listed => ({
      kind: "listed",
      column: "eni",
      lookup: { table: "placement", column: name },
      growing: { size: () => dictionaries.placements.size, revision: () => dictionaries.placements.revision },
      *entries() {
        for (const [id, placement] of dictionaries.placements.entries()) yield [id, placement[name]];
      },
    });
    const ofReason = (name: keyof RuleOfReason): Listed => ({
      kind: "listed",
      column: "reason",
      lookup: { table: "reason", column: name },
      *entries() {
        yield [0, undefined];
        for (const [id, reason] of dictionaries.reasons.entries()) yield [id, String(reason[name])];
      },
    });
    const listed = (column: string | undefined, entries: Listed["entries"]): Listed => ({ kind: "listed", column, entries });
    const number = (column: string, max: number, absent: NumberCell["absent"] = "dash"): NumberCell => ({ kind: "number", column, max, absent });
    this.line = [
      listed(undefined, () => [[0, recordLine.version]]),
      ofPlacement("account"),
      ofPlacement("eni"),
      { kind: "address", column: "src" },
      { kind: "address", column: "dst" },
      number("sport", widest.short),
      number("dport", widest.short),
      number("protocol", widest.byte),
      number("packets", widest.long),
      number("bytes", widest.long),
      number("start_s", widest.word, "never"),
      number("end_s", widest.word, "never"),
      listed("action", dashed(ActionCode)),
      listed("status", dashed(StatusCode)),
    ];
    this.values = new Map(recordLine.names.map((name, place) => [name, this.line[place]!]));
    const direction = () => Object.entries(DirectionCode).map(([name, code]) => [code, name === "none" ? undefined : name] as const);
    this.tags = new Map<string, Cell>([
      ["vpc-id", ofPlacement("vpc")],
      ["subnet-id", ofPlacement("subnet")],
      ["direction", listed("direction", direction)],
      ["decided-by", ofReason("layer")],
      ["decided-in", ofReason("direction")],
      ["decided-id", ofReason("decider")],
      ["decided-rule", ofReason("place")],
      ["decided-because", ofReason("because")],
      ["skipped-packets", number("skipped_packets", widest.long, "missing")],
      ["skipped-bytes", number("skipped_bytes", widest.long, "missing")],
    ]);
    this.internal = new Map<string, Cell>([
      ["__SOURCE__", listed(undefined, () => [[0, recordSource]])],
      ["__FILENAME__", ofPlacement("eni")],
    ]);
  }

  /** The cell of a key; undefined for a key that no record has. */
  of({ place, name }: Pick<Field, "place" | "name">): Cell | undefined {
    return { value: this.values, tag: this.tags, internal: this.internal }[place].get(name);
  }
}

/** The text of an IPv4 address in a column. */
export const ipv4Text = (column: string) =>
  `concat(${column} >> 24, '.', (${column} >> 16) & 255, '.', (${column} >> 8) & 255, '.', ${column} & 255)`;

/** A cell's text in SQL, of a row whose table is called `r`; NULL where the log has no such key. */
export function cellText(cell: Cell): string {
  switch (cell.kind) {
    case "listed":
      return listedText(cell);
    case "text":
      return cell.column;
    case "number": {
      if (cell.absent === "never") return `CAST(${cell.column} AS VARCHAR)`;
      if (cell.absent === "missing") return `(CASE WHEN skipped_packets > 0 THEN CAST(${cell.column} AS VARCHAR) END)`;
      return `(CASE WHEN family = 0 THEN '-' ELSE CAST(${cell.column} AS VARCHAR) END)`;
    }
    case "address":
      return `(CASE family WHEN 0 THEN '-' WHEN 4 THEN ${ipv4Text(cell.column)} ELSE ${cell.column}6 END)`;
  }
}

/** A list of so many is written into the statement: to look it up in its table takes the engine ten times as long to plan. */
const maxWritten = 32;

function isLonger(entries: Iterable<unknown>, most: number): boolean {
  let count = 0;
  for (const _ of entries) if (++count > most) return true;
  return false;
}

function listedText({ column, entries, lookup }: Listed): string {
  if (lookup !== undefined && isLonger(entries(), maxWritten)) return `(SELECT CAST(t.${lookup.column} AS VARCHAR) FROM ${lookup.table} AS t WHERE t.id = r.${column!})`;
  const groups = new Map<string, (number | string)[]>();
  for (const [code, text] of entries()) {
    if (text === undefined) continue;
    if (column === undefined) return sqlText(text);
    groups.set(text, [...(groups.get(text) ?? []), code]);
  }
  if (groups.size === 0) return "NULL";
  const codes = [...groups].flatMap(([text, each]) => each.map((code) => [code, text] as const));
  const keys = codes.map(([code]) => code).join(", ");
  return `map([${keys}], [${codes.map(([, text]) => sqlText(text)).join(", ")}])[CAST(${column} AS INTEGER)]`;
}
