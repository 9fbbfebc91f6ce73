/** Batches of records and uploaded logs as blocks of the store's tables. */
import { noReason, type RecordBatch } from "../../record-batch.ts";
import { StoreFailure, type Log } from "../log-store.ts";
import { type Column, listed, maps, nativeBlock, numbers, same, sixteens, texts, wide } from "./native.ts";

/** A block with the columns it is made of. */
export interface Block {
  readonly columns: readonly string[];
  readonly parts: readonly Uint8Array[];
}

/** What the rows of one write have in common. */
export interface Shared {
  readonly topicId: string;
  readonly firstSequence: number;
  /** The index rule's id; empty where none governs them. */
  readonly rule: string;
}

function blockOf(columns: readonly Column[], rows: number): Block {
  return { columns: columns.map(({ name }) => name), parts: nativeBlock(columns, rows) };
}

/** What the ids of ENIs, VPCs, subnets and accounts are made of: conditions on them rely on it. */
const idPattern = /^[a-z0-9-]*$/;

/** A batch of records as a block. */
export function recordBlock(batch: RecordBatch, { topicId, firstSequence, rule }: Shared): Block {
  const { count, enis, reasons } = batch;
  for (const each of [batch.accountId, ...enis.flatMap(({ id, vpcId, subnetId }) => [id, vpcId, subnetId])]) {
    if (!idPattern.test(each)) throw new StoreFailure(`${JSON.stringify(each)} is no id: lower-case letters, digits and dashes`);
  }
  // Behind the reasons of the batch stands the one that is none.
  const reason = batch.reason.map((place) => (place === noReason ? reasons.length : place));
  const ofReason = (name: string, text: (each: (typeof reasons)[number]) => string) => listed(name, [...reasons.map(text), ""], reason);
  const rulePlaces = Int32Array.from(reason, (place) => reasons[place]?.ruleIndex ?? 0);
  const ipv4 = (column: Uint32Array) => column.map((word, row) => (batch.family[row] === 4 ? word : 0));
  const columns = [
    same("topic", topicId, count),
    wide("sequence", count, (row) => firstSequence + row),
    same("rule", rule, count),
    same("account", batch.accountId, count),
    ...(["eni", "vpc", "subnet"] as const).map((name) => listed(name, enis.map((each) => ({ eni: each.id, vpc: each.vpcId, subnet: each.subnetId })[name]), batch.eni)),
    numbers("family", batch.family),
    numbers("src", ipv4(batch.src)),
    numbers("dst", ipv4(batch.dst)),
    sixteens("src6", ipv6(batch, batch.src)),
    sixteens("dst6", ipv6(batch, batch.dst)),
    numbers("sport", batch.srcPort),
    numbers("dport", batch.dstPort),
    numbers("protocol", batch.protocol),
    wide("packets", count, (row) => batch.packets[row]!),
    wide("bytes", count, (row) => batch.bytes[row]!),
    numbers("start_s", batch.start),
    numbers("end_s", batch.end),
    ...(["action", "status", "direction"] as const).map((name) => numbers(name, batch[name], "Int8")),
    ofReason("decided_by", ({ layer }) => layer),
    ofReason("decided_in", ({ direction }) => direction),
    ofReason("decided_id", ({ id }) => id),
    numbers("decided_rule", rulePlaces),
    ofReason("decided_because", ({ because }) => because),
    wide("skipped_packets", count, (row) => batch.skippedPackets[row]!),
    wide("skipped_bytes", count, (row) => batch.skippedBytes[row]!),
  ];
  return blockOf(columns, count);
}

/** The sixteen bytes of each row's address; zeros where it is no IPv6 one. */
function ipv6({ count, family, ipv6: addresses }: RecordBatch, places: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(count * 16);
  for (let row = 0; row < count; row++) {
    if (family[row] === 6) bytes.set(addresses.subarray(places[row]! * 16, places[row]! * 16 + 16), row * 16);
  }
  return bytes;
}

/** Logs of one topic that are written together. */
export interface LogsOfTopic extends Shared {
  readonly logs: readonly Log[];
}

/** Uploaded logs as a block. */
export function logBlock(groups: readonly LogsOfTopic[]): Block {
  const rows = groups.flatMap(({ logs, ...shared }) => logs.map((log, place) => ({ ...log, ...shared, sequence: shared.firstSequence + place })));
  const columns = [
    texts("topic", rows.map(({ topicId }) => topicId)),
    wide("sequence", rows.length, (row) => rows[row]!.sequence),
    texts("rule", rows.map(({ rule }) => rule)),
    numbers("time_ms", BigInt64Array.from(rows, ({ timeMs }) => BigInt(timeMs))),
    texts("stream", rows.map(({ stream }) => stream)),
    texts("source", rows.map(({ source }) => source)),
    maps("fields", rows.map(({ values }) => values)),
    maps("tags", rows.map(({ tags }) => tags)),
  ];
  return blockOf(columns, rows.length);
}
