/**
 * Roll-ups: the records of a segment summed by some of their columns, in a file beside it, so that who sent most and
 * how many there were each minute is answered from a tenth of the rows. A roll-up is exact, or it is not there.
 */
import { sqlList, sqlText } from "./sql.ts";

/** The columns that each roll-up keeps apart, by its name. */
const keysOf = {
  "by-start": ["family", "action", "start_s"],
  "by-src": ["family", "action", "src", "src6"],
  "by-dst": ["family", "action", "dst", "dst6"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A roll-up's name, which is part of its file's name. */
export type RollUp = keyof typeof keysOf;

/** All roll-ups of a segment of records. */
export const rollUpNames = Object.keys(keysOf) as readonly RollUp[];

/** Columns that are summed; beside them `logs` counts the records. */
export const summedColumns = ["packets", "bytes"] as const;

/** No sum of a roll-up may come near what its column cannot hold. */
export const isSummable = "coalesce(sum(bytes) + sum(packets), 0) < 4611686018427387904";

/** Writes a roll-up of some rows. */
export function rollUpCopy(name: RollUp, rows: string, path: string): string {
  const keys = keysOf[name].join(", ");
  const sums = summedColumns.map((column) => `CAST(sum(${column}) AS UBIGINT) AS ${column}`).join(", ");
  const select = `SELECT ${keys}, CAST(count(*) AS UINTEGER) AS logs, ${sums} FROM ${rows} GROUP BY ALL ORDER BY ${keys}`;
  // The keys are sorted and rarely come twice: their differences are shorter than any dictionary.
  return `COPY (${select}) TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 4096, WRITE_BLOOM_FILTER false)`;
}

/** A roll-up that keeps all these columns apart; undefined where none does. */
export function rollUpFor(columns: ReadonlySet<string>): RollUp | undefined {
  return rollUpNames.find((name) => {
    const keys: readonly string[] = keysOf[name];
    return [...columns].every((column) => keys.includes(column));
  });
}

/** The rows of roll-ups. */
export function rollUpRows(paths: readonly string[]): string {
  return `read_parquet(${sqlList(paths)})`;
}
