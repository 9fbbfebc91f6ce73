/**
 * The tables of a ClickHouse store, made when they are not there.
 *
 * Records and logs are in tables of their own, spread over the shards where there is a cluster; what is noted of them
 * (batches, index rules, who writes) is on the first server. Absent numbers are zeros and absent texts empty, never NULL.
 * There is no TTL: retention goes by the cloud's clock and may be changed, so rows are removed by `tend`, days that are
 * over for all topics as whole partitions.
 */
import type { StoreAddress } from "./address.ts";

/** The version of the tables; others are refused, never guessed at. */
export const layoutVersion = 1;

/** Inserts whose tokens are remembered, so that one that comes again is passed over. */
const rememberedInserts = 10_000;

type Columns = Readonly<Record<string, string>>;

/** A record. Addresses: IPv4 as a number, IPv6 as its sixteen bytes; `family` 0 where there is no flow (NODATA, SKIPDATA). */
export const recordColumns: Columns = {
  topic: "LowCardinality(String) CODEC(ZSTD(1))",
  sequence: "UInt64 CODEC(Delta, ZSTD(1))",
  rule: "LowCardinality(String) CODEC(ZSTD(1))",
  account: "LowCardinality(String) CODEC(ZSTD(1))",
  eni: "LowCardinality(String) CODEC(ZSTD(1))",
  vpc: "LowCardinality(String) CODEC(ZSTD(1))",
  subnet: "LowCardinality(String) CODEC(ZSTD(1))",
  family: "UInt8 CODEC(ZSTD(1))",
  src: "UInt32 CODEC(ZSTD(1))",
  dst: "UInt32 CODEC(ZSTD(1))",
  src6: "FixedString(16) CODEC(ZSTD(1))",
  dst6: "FixedString(16) CODEC(ZSTD(1))",
  sport: "UInt16 CODEC(ZSTD(1))",
  dport: "UInt16 CODEC(ZSTD(1))",
  protocol: "UInt8 CODEC(ZSTD(1))",
  packets: "UInt64 CODEC(T64, ZSTD(1))",
  bytes: "UInt64 CODEC(T64, ZSTD(1))",
  start_s: "UInt32 CODEC(Delta, ZSTD(1))",
  end_s: "UInt32 CODEC(Delta, ZSTD(1))",
  action: "Enum8('-' = 0, 'ACCEPT' = 1, 'REJECT' = 2) CODEC(ZSTD(1))",
  status: "Enum8('OK' = 0, 'NODATA' = 1, 'SKIPDATA' = 2) CODEC(ZSTD(1))",
  direction: "Enum8('' = 0, 'ingress' = 1, 'egress' = 2) CODEC(ZSTD(1))",
  decided_by: "LowCardinality(String) CODEC(ZSTD(1))",
  decided_in: "LowCardinality(String) CODEC(ZSTD(1))",
  decided_id: "LowCardinality(String) CODEC(ZSTD(1))",
  decided_rule: "Int32 CODEC(ZSTD(1))",
  decided_because: "LowCardinality(String) CODEC(ZSTD(1))",
  skipped_packets: "UInt64 CODEC(T64, ZSTD(1))",
  skipped_bytes: "UInt64 CODEC(T64, ZSTD(1))",
};

/** A log of keys and values. */
export const logColumns: Columns = {
  topic: "LowCardinality(String)",
  sequence: "UInt64 CODEC(Delta, ZSTD(1))",
  rule: "LowCardinality(String)",
  time_ms: "Int64 CODEC(Delta, ZSTD(1))",
  stream: "LowCardinality(String)",
  source: "LowCardinality(String)",
  fields: "Map(LowCardinality(String), String) CODEC(ZSTD(1))",
  tags: "Map(LowCardinality(String), String) CODEC(ZSTD(1))",
};

interface Table {
  readonly columns: Columns;
  readonly rest: string;
}

const filter = (column: string) => `INDEX ${column}_filter ${column} TYPE bloom_filter(0.01) GRANULARITY 1`;

/** Tables that are spread over the shards. */
export const spread = {
  record: {
    columns: recordColumns,
    indexes: ["src", "dst", "src6", "dst6"].map(filter),
    order: "(topic, intDiv(start_s, 3600), eni, start_s)",
    partition: "intDiv(start_s, 86400)",
    shard: "sipHash64(eni)",
  },
  log: {
    columns: logColumns,
    indexes: [],
    order: "(topic, intDiv(time_ms, 3600000), stream, time_ms)",
    partition: "intDiv(time_ms, 86400000)",
    shard: "sipHash64(stream)",
  },
} as const;

/** A table that is spread over the shards. */
export type SpreadTable = keyof typeof spread;

const notes: Readonly<Record<string, Table>> = {
  /** What a write has added to each hour it falls into, and the batch it was; a batch that comes again is known by it. */
  arrival: {
    columns: {
      topic: "LowCardinality(String)",
      batch: "String",
      kind: "UInt8",
      hour: "Int64",
      first_sequence: "UInt64",
      next_sequence: "UInt64",
      logs: "UInt64",
      text_bytes: "UInt64",
      ipv6_logs: "UInt64",
    },
    rest: "ORDER BY (topic, batch, first_sequence, hour)",
  },
  /** The index rules that logs of a topic were written under. */
  rule: { columns: { topic: "LowCardinality(String)", id: "String", body: "String" }, rest: "ORDER BY (topic, id)" },
  /** How far a topic's logs have been removed: those of hours before this one. */
  expiry: { columns: { topic: "LowCardinality(String)", hour: "Int64" }, rest: "ORDER BY (topic, hour)" },
  /** Topics that were deleted, each time: what is written to one of that name later is new. */
  deletion: { columns: { topic: "LowCardinality(String)" }, rest: "ORDER BY topic" },
  /** Stretches of sequences, each handed out to one writer; the newest one writes. */
  claim: { columns: { number: "UInt32", writer: "String" }, rest: "ORDER BY number" },
  /** The control plane that the logs belong to, and the version of the tables. */
  owner: { columns: { id: "String", layout: "UInt32" }, rest: "ORDER BY id" },
};

/** Where a server stands in its cluster. */
export interface Seat {
  /** Whether it is of the first server's shard, where the notes are. */
  readonly keepsNotes: boolean;
  /** Whether shards have replicas, which then copy from each other. */
  readonly isReplicated: boolean;
  /** Whether records are spread over several shards. */
  readonly isSpread: boolean;
}

/** The statements that make a server's tables. */
export function tableStatements({ database, cluster }: StoreAddress, seat: Seat): string[] {
  const engine = (table: string) => (seat.isReplicated ? `ReplicatedMergeTree('/clickhouse/tables/{shard}/${database}/${table}', '{replica}')` : "MergeTree");
  const settings = `${seat.isReplicated ? "replicated" : "non_replicated"}_deduplication_window = ${rememberedInserts}, fsync_after_insert = 1, fsync_part_directory = 1`;
  const statements = [`CREATE DATABASE IF NOT EXISTS ${database}`];
  for (const [name, { columns, indexes, order, partition, shard }] of Object.entries(spread)) {
    const lines = [...columnLines(columns), ...indexes].join(", ");
    const local = `${database}.${name}_local`;
    statements.push(`CREATE TABLE IF NOT EXISTS ${local} (${lines}) ENGINE = ${engine(`${name}_local`)} PARTITION BY ${partition} ORDER BY ${order} SETTINGS ${settings}`);
    if (seat.isSpread) statements.push(`CREATE TABLE IF NOT EXISTS ${database}.${name} AS ${local} ENGINE = Distributed(${cluster!}, ${database}, ${name}_local, ${shard})`);
  }
  for (const [name, { columns, rest }] of Object.entries(notes)) {
    if (seat.keepsNotes) statements.push(`CREATE TABLE IF NOT EXISTS ${database}.${name} (${columnLines(columns).join(", ")}) ENGINE = ${engine(name)} ${rest} SETTINGS ${settings}`);
  }
  return statements;
}

function columnLines(columns: Columns): string[] {
  return Object.entries(columns).map(([name, type]) => `${name} ${type}`);
}
