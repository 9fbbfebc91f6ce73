/** Writes the files of a segment, under their temporary names: its rows, the roll-ups beside them, the filter's bytes. */
import { parseIpv4 } from "../../../net/address.ts";
import { filterFile } from "./bloom.ts";
import type { Segment } from "./catalogue.ts";
import type { Run } from "./engine.ts";
import { checksumOf } from "./integrity.ts";
import { isSummable, rollUpCopy, rollUpNames, rollUpRows } from "./roll-ups.ts";
import { Kind, type Row, rowsOf, sealedSelect } from "./schema.ts";
import { type SegmentFiles, temporary } from "./segment-files.ts";
import { sqlText } from "./sql.ts";

/** Rows of a row group. */
const rowGroupRows = 122_880;

/**
 * How many different values a column may have for each of a row group's rows to be kept in a dictionary: enough for
 * addresses, too little for numbers that hardly come twice (measured).
 */
const dictionaryShare = 0.65;

/** Rows that become a segment. */
interface Rows {
  readonly id: number;
  readonly kind: Kind;
  readonly from: string;
  /** About how many there are. */
  readonly rows: number;
}

/** What is known of a segment when its files are written. */
type Written = Pick<Segment, "logs" | "ipv6Logs" | "lastSequence" | "rules" | "checksum" | "rollUpChecksums"> & { readonly filter: Uint8Array | undefined };

/** Writes them; undefined where there was no row. */
export async function writeSegment(run: Run, files: SegmentFiles, { id, kind, from, rows }: Rows): Promise<Written | undefined> {
  const path = temporary(files.path(id));
  const sum = await copyRows(run, { kind, from, rows }, path);
  const [logs, ipv6Logs, lastSequence] = [Number(sum["logs"]), Number(sum["ipv6_logs"]), Number(sum["last_sequence"])];
  if (logs === 0) return undefined;
  const rules = (sum["rules"] as { readonly items: readonly number[] }).items;
  const counted = { logs, ipv6Logs, lastSequence, rules, checksum: await checksumOf(path) };
  if (kind === Kind.log) return { ...counted, rollUpChecksums: [], filter: undefined };
  if (sum["is_summable"] !== true) return { ...counted, rollUpChecksums: [], filter: await filterOf(run, path) };
  const rollUpChecksums: number[] = [];
  for (const name of rollUpNames) {
    const rollUp = temporary(files.rollUpPath(id, name));
    await run(rollUpCopy(name, rollUpRows([path]), rollUp));
    rollUpChecksums.push(await checksumOf(rollUp));
  }
  const [sources, destinations] = (["by-src", "by-dst"] as const).map((name) => temporary(files.rollUpPath(id, name)));
  return { ...counted, rollUpChecksums, filter: await filterOf(run, sources!, destinations) };
}

/** Copies rows into a file and says what there is in them. */
async function copyRows(run: Run, { kind, from, rows }: Omit<Rows, "id">, path: string): Promise<Row> {
  // The copy and what is said of it must see the same rows.
  await run("BEGIN TRANSACTION READ ONLY");
  try {
    const dictionaryLimit = Math.ceil(Math.min(rows, rowGroupRows) * dictionaryShare);
    // No bloom filters of the engine's own: the segment's filter costs a tenth of theirs and tells before the file is opened.
    const settings = `FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, ROW_GROUP_SIZE ${rowGroupRows}, DICTIONARY_SIZE_LIMIT ${dictionaryLimit}, WRITE_BLOOM_FILTER false`;
    await run(`COPY (${sealedSelect(kind, from)}) TO ${sqlText(path)} (${settings})`);
    return await summary(run, kind, from);
  } finally {
    await run("ROLLBACK").catch(() => {});
  }
}

async function summary(run: Run, kind: Kind, from: string): Promise<Row> {
  const [ipv6, isSummed] = kind === Kind.record ? ["count(*) FILTER (WHERE family = 6)", isSummable] : ["0", "FALSE"];
  const columns = ["count(*) AS logs", `${ipv6} AS ipv6_logs`, "max(sequence) AS last_sequence", "list(DISTINCT rule ORDER BY rule) AS rules", `${isSummed} AS is_summable`];
  return (await rowsOf(run, `SELECT ${columns.join(", ")} FROM ${from}`))[0]!;
}

/** The filter of the addresses in a segment's file, or in its roll-ups by source and destination. */
export async function filterOf(run: Run, sources: string, destinations = sources): Promise<Uint8Array> {
  return filterFile(await addressesOf(run, sources, destinations));
}

/** The addresses that a filter tells of, each once. */
export async function addressesOf(run: Run, sources: string, destinations = sources): Promise<number[]> {
  const [from, to] = [rollUpRows([sources]), rollUpRows([destinations])];
  const result = await run(`SELECT src FROM ${from} WHERE family = 4 UNION SELECT dst FROM ${to} WHERE family = 4`);
  const [addresses = []] = await result.getColumns();
  const texts = await rowsOf(run, `SELECT src6 AS text FROM ${from} WHERE contains(src6, '.') UNION SELECT dst6 FROM ${to} WHERE contains(dst6, '.')`);
  // The text of an IPv6 address may end in that of an IPv4 one, which is then found in it.
  const within = texts.map(({ text }) => parseIpv4(String(text).slice(String(text).lastIndexOf(":") + 1))).filter((address) => address !== undefined);
  return within.length === 0 ? (addresses as number[]) : [...new Set([...(addresses as number[]), ...within])];
}
