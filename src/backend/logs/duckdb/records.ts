/** Flow log records as rows: a batch's columns into the hot table, and a row back into its line, values and tags. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { formatIpv4, formatIpv6 } from "../../../net/address.ts";
import { noReason, type RecordBatch } from "../../record-batch.ts";
import { type Family, keptRecord } from "../kept-log.ts";
import type { KeptLog } from "../log-store.ts";
import type { Dictionaries } from "./dictionaries.ts";
import type { Writer } from "./engine.ts";
import { recordColumns, type Row } from "./schema.ts";

/** Rows of one piece of an append: the engine's own vector size. */
const pieceRows = 2048;

/** Pieces after which others have their turn: a few milliseconds. */
const piecesOfTurn = 4;

/** What a batch's rows have in common. */
export interface Shared {
  readonly topic: number;
  readonly firstSequence: number;
  readonly rule: number;
}

type Typed = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Appends a batch to the hot table, as typed arrays from one end to the other. */
export async function appendRecords(writer: Writer, batch: RecordBatch, shared: Shared, dictionaries: Dictionaries): Promise<void> {
  const columns = columnsOf(batch, shared, dictionaries);
  const types = vectorTypes(writer);
  const appender = await writer.connection.createAppender("record");
  try {
    let chunk = writer.library.DuckDBDataChunk.create(types, Math.min(pieceRows, batch.count));
    let isFresh = true;
    for (let from = 0; from < batch.count; from += pieceRows) {
      const rows = Math.min(pieceRows, batch.count - from);
      // The engine copies what is appended: the next piece goes into the same chunk, in which texts would pile up.
      if (from > 0 && (rows < pieceRows || batch.ipv6.length > 0)) [chunk, isFresh] = [writer.library.DuckDBDataChunk.create(types, rows), true];
      for (const [place, { fill, isSame }] of columns.entries()) if (isFresh || !isSame) fill(chunk.getColumnVector(place), from, rows);
      appender.appendDataChunk(chunk);
      isFresh = false;
      if ((from / pieceRows) % piecesOfTurn !== piecesOfTurn - 1) continue;
      // Reads wait for this thread between their steps: what is appended goes into the table a part at a time.
      appender.flushSync();
      await nextTurn();
    }
  } finally {
    appender.closeSync();
  }
}

type Vector = ReturnType<InstanceType<Writer["library"]["DuckDBDataChunk"]>["getColumnVector"]>;

/** Fills a column's vector with rows from a place on. */
type Fill = (vector: Vector, from: number, rows: number) => void;

/** A column of the table. */
interface Column {
  readonly fill: Fill;
  /** All rows of the batch have the same value. */
  readonly isSame: boolean;
}

function vectorTypes({ library }: Writer) {
  const byName = {
    UTINYINT: library.UTINYINT,
    USMALLINT: library.USMALLINT,
    UINTEGER: library.UINTEGER,
    UBIGINT: library.UBIGINT,
    VARCHAR: library.VARCHAR,
  };
  return Object.values(recordColumns).map((type) => byName[type as keyof typeof byName]);
}

function columnsOf(batch: RecordBatch, shared: Shared, dictionaries: Dictionaries): Column[] {
  const placements = Uint32Array.from(batch.enis, ({ id, vpcId, subnetId }) =>
    dictionaries.placements.idOf({ account: batch.accountId, eni: id, vpc: vpcId, subnet: subnetId }),
  );
  const reasons = batch.reasons.map(({ layer, direction, id, ruleIndex, because }) =>
    dictionaries.reasons.idOf({ layer, direction, decider: id, place: ruleIndex, because }),
  );
  const ipv6 = ipv6Texts(batch);
  const isIpv4 = batch.family[0] === 4 && isSame(batch.family, batch.count);
  const same = (fill: Fill): Column => ({ fill, isSame: true });
  const changing = (fill: Fill): Column => ({ fill, isSame: false });
  const of = (source: Typed, fill: Fill): Column => ({ fill, isSame: isSame(source, batch.count) });
  const columns: Record<keyof typeof recordColumns, Column> = {
    topic: same((vector, _, rows) => put(vector, (items) => items.fill(shared.topic, 0, rows))),
    sequence: changing(wide((row) => shared.firstSequence + row)),
    rule: same((vector, _, rows) => put(vector, (items) => items.fill(shared.rule, 0, rows))),
    eni: of(batch.eni, mapped((row) => placements[batch.eni[row]!]!)),
    family: of(batch.family, copied(batch.family)),
    // An IPv6 record's places in the batch's own list mean nothing here.
    src: isIpv4 ? of(batch.src, copied(batch.src)) : changing(mapped((row) => (batch.family[row] === 4 ? batch.src[row]! : 0))),
    dst: isIpv4 ? of(batch.dst, copied(batch.dst)) : changing(mapped((row) => (batch.family[row] === 4 ? batch.dst[row]! : 0))),
    src6: { fill: texts((row) => (batch.family[row] === 6 ? ipv6[batch.src[row]!]! : undefined)), isSame: isIpv4 },
    dst6: { fill: texts((row) => (batch.family[row] === 6 ? ipv6[batch.dst[row]!]! : undefined)), isSame: isIpv4 },
    sport: of(batch.srcPort, copied(batch.srcPort)),
    dport: of(batch.dstPort, copied(batch.dstPort)),
    protocol: of(batch.protocol, copied(batch.protocol)),
    packets: of(batch.packets, wide((row) => batch.packets[row]!)),
    bytes: of(batch.bytes, wide((row) => batch.bytes[row]!)),
    start_s: of(batch.start, copied(batch.start)),
    end_s: of(batch.end, copied(batch.end)),
    action: of(batch.action, copied(batch.action)),
    status: of(batch.status, copied(batch.status)),
    direction: of(batch.direction, copied(batch.direction)),
    reason: of(batch.reason, mapped((row) => (batch.reason[row] === noReason ? 0 : reasons[batch.reason[row]!]!))),
    skipped_packets: of(batch.skippedPackets, wide((row) => batch.skippedPackets[row]!)),
    skipped_bytes: of(batch.skippedBytes, wide((row) => batch.skippedBytes[row]!)),
  };
  return Object.keys(recordColumns).map((name) => columns[name]!);
}

function isSame(source: Typed, count: number): boolean {
  const first = source[0];
  for (let row = 1; row < count; row++) if (source[row] !== first) return false;
  return true;
}

// The vectors' own setters check and mark every row; writing into the arrays behind them is five times faster.
function put(vector: Vector, work: (items: Typed) => void): void {
  work((vector as unknown as { items: Typed }).items);
  vector.flush();
}

function copied(source: Typed): Fill {
  return (vector, from, rows) => put(vector, (items) => items.set(source.subarray(from, from + rows)));
}

function mapped(value: (row: number) => number): Fill {
  return (vector, from, rows) =>
    put(vector, (items) => {
      for (let row = 0; row < rows; row++) items[row] = value(from + row);
    });
}

/** 64-bit numbers, as their two halves: no BigInt for each row. */
function wide(value: (row: number) => number): Fill {
  return (vector, from, rows) =>
    put(vector, (items) => {
      const halves = new Uint32Array(items.buffer, items.byteOffset, rows * 2);
      for (let row = 0; row < rows; row++) {
        const number = value(from + row);
        halves[row * 2] = number;
        halves[row * 2 + 1] = number < 0x1_0000_0000 ? 0 : Math.floor(number / 0x1_0000_0000);
      }
    });
}

/** Texts; most rows have none. What a fresh vector holds is not text, so all are marked as NULL at once. */
function texts(value: (row: number) => string | undefined): Fill {
  return (vector, from, rows) => {
    vector.setItem(0, null);
    (vector as unknown as { validity: { data: BigUint64Array } }).validity.data.fill(0n);
    for (let row = 0; row < rows; row++) {
      const text = value(from + row);
      if (text !== undefined) vector.setItem(row, text);
    }
    vector.flush();
  };
}

function ipv6Texts(batch: RecordBatch): string[] {
  const view = new DataView(batch.ipv6.buffer, batch.ipv6.byteOffset, batch.ipv6.byteLength);
  return Array.from({ length: batch.ipv6.length / 16 }, (_, place) =>
    formatIpv6((view.getBigUint64(place * 16) << 64n) | view.getBigUint64(place * 16 + 8)),
  );
}

/** A row as a log. */
export function recordLog(row: Row, dictionaries: Dictionaries, textOnly = false): KeptLog {
  const family = Number(row["family"]) as Family;
  const address = (name: string) => (family === 4 ? formatIpv4(Number(row[name])) : String(row[`${name}6`]));
  return keptRecord({
    ...dictionaries.placements.get(Number(row["eni"]))!,
    topicId: dictionaries.topics.get(Number(row["topic"]))!,
    sequence: Number(row["sequence"]),
    family,
    src: address("src"),
    dst: address("dst"),
    ports: [String(row["sport"]), String(row["dport"])],
    protocol: String(row["protocol"]),
    packets: String(row["packets"]),
    bytes: String(row["bytes"]),
    startSeconds: Number(row["start_s"]),
    endSeconds: Number(row["end_s"]),
    action: Number(row["action"]),
    status: Number(row["status"]),
    direction: Number(row["direction"]),
    reason: dictionaries.reasons.get(Number(row["reason"])),
    skippedPackets: String(row["skipped_packets"]),
    skippedBytes: String(row["skipped_bytes"]),
  }, textOnly);
}
