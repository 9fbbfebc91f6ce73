/** The cells of a record in ClickHouse's table: ids and reasons stand there as texts, so that there is no dictionary to share. */
import { ActionCode, DirectionCode, recordLine, StatusCode } from "../../record-batch.ts";
import type { AddressCell, Cell, Cells, Listed, NumberCell, TextCell } from "../condition/cells.ts";
import { recordSource } from "../kept-log.ts";
import type { Field } from "../query/fields.ts";
import { sqlText } from "./sql.ts";

const id = (column: string): TextCell => ({ kind: "text", column, shape: "id", present: undefined });
const ofReason = (column: string): TextCell => ({ kind: "text", column, shape: "text", present: "(decided_by <> '')" });
const number = (column: string, max: number, absent: NumberCell["absent"] = "dash"): NumberCell => ({ kind: "number", column, max, absent });
const address = (column: AddressCell["column"]): AddressCell => ({ kind: "address", column });
const constant = (text: string): Listed => ({ kind: "listed", column: undefined, entries: () => [[0, text]] });

/** A column of an enum; `none` is written `none` of its codes' table, and shown as `shown`. */
function listed(column: string, codes: Readonly<Record<string, number>>, none: string, shown: string | undefined): Listed {
  const entries = Object.keys(codes).map((name) => (name === "none" ? ([sqlText(none), shown] as const) : ([sqlText(name), name] as const)));
  return { kind: "listed", column, entries: () => entries };
}

const widest = { byte: 0xff, short: 0xffff, word: 0xffff_ffff, long: Number.MAX_SAFE_INTEGER } as const;

const line: readonly Cell[] = [
  constant(recordLine.version),
  id("account"),
  id("eni"),
  address("src"),
  address("dst"),
  number("sport", widest.short),
  number("dport", widest.short),
  number("protocol", widest.byte),
  number("packets", widest.long),
  number("bytes", widest.long),
  number("start_s", widest.word, "never"),
  number("end_s", widest.word, "never"),
  listed("action", ActionCode, "-", "-"),
  listed("status", StatusCode, "", undefined),
];

const tags: ReadonlyMap<string, Cell> = new Map<string, Cell>([
  ["vpc-id", id("vpc")],
  ["subnet-id", id("subnet")],
  ["direction", listed("direction", DirectionCode, "", undefined)],
  ["decided-by", ofReason("decided_by")],
  ["decided-in", ofReason("decided_in")],
  ["decided-id", ofReason("decided_id")],
  ["decided-rule", ofReason("toString(decided_rule)")],
  ["decided-because", ofReason("decided_because")],
  ["skipped-packets", number("skipped_packets", widest.long, "missing")],
  ["skipped-bytes", number("skipped_bytes", widest.long, "missing")],
]);

const places: Readonly<Record<Field["place"], ReadonlyMap<string, Cell>>> = {
  value: new Map(recordLine.names.map((name, place) => [name, line[place]!])),
  tag: tags,
  internal: new Map<string, Cell>([
    ["__SOURCE__", constant(recordSource)],
    ["__FILENAME__", id("eni")],
  ]),
};

/** The cells of a record. */
export const cells: Cells = { line, of: ({ place, name }) => places[place].get(name) };
