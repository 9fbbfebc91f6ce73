/**
 * SELECTs that want the first few of many groups: who sent the most bytes, who reached the most addresses. Only groups
 * that can be among these are looked at, and the answer is the same.
 *
 * A group's sum comes from a bounded number of rows: a group that reaches a sum has a row that reaches the sum's part.
 */
import type { Expression, Select } from "../sql/ast.ts";
import { logsColumn, type RowsWanted, rowsParts, rowsSql } from "./analysed-rows.ts";
import { aliasesOf } from "./grouping.ts";
import type { Snapshot } from "./reading.ts";
import { rowsOf, sealedRows } from "./schema.ts";
import { sqlName } from "./sql.ts";

/** The first groups of a SELECT, ordered by a sum or by how many different values there are of something. */
interface Foremost {
  readonly group: string;
  /** The column that is summed; undefined where logs are counted. */
  readonly summed: string | undefined;
  /** The column whose different values are counted. */
  readonly different: string | undefined;
  readonly groups: number;
}

/** Most groups that are looked for in this way. */
const maxGroups = 1000;
/** Rows with the largest values, from which a first guess is made. */
const guessRows = 1000;
const guessesPerGroup = 8;
/** The part of the segments in which different values are counted for a first guess. */
const partsOfGuess = 8;
/** More candidates than these are found again where they are needed, rather than named one by one. */
const mostNamed = 2000;
/** With fewer of the logs in roll-ups it is not worth it. */
const leastRolledShare = 0.8;

type NameOf = (name: string) => string | undefined;

/** The rows of the groups that can be wanted; all rows where that cannot be told. */
export async function narrowed(snapshot: Snapshot, rows: RowsWanted, select: Select, nameOf: NameOf): Promise<RowsWanted> {
  const foremost = foremostOf(select, nameOf);
  if (foremost === undefined || !rows.asNumbers.has(foremost.group) || foremost.groups === 0) return rows;
  const { group, summed, different, groups } = foremost;
  const sums = new Set(summed === undefined ? [] : [summed]);
  const keys = new Set([group]);
  const { parts, rolledShare, rowsOfGroup } = await rowsParts(snapshot, { ...rows, used: new Set([group, ...sums]), grouping: { keys, sums, untouched: keys } });
  if (rolledShare < leastRolledShare) return rows;
  const value = summed === undefined ? logsColumn : sqlName(summed);
  const values = parts
    .map(({ sql, isRolledUp }) => (isRolledUp ? `SELECT ${sqlName(group)} AS g, ${value} AS v FROM (${sql})` : `SELECT ${sqlName(group)} AS g, sum(${value}) AS v FROM (${sql}) GROUP BY ALL`))
    .join(" UNION ALL ");
  const guess = `SELECT g, sum(v) AS v FROM (SELECT * FROM (${values}) WHERE v IS NOT NULL ORDER BY v DESC LIMIT ${guessRows + groups * guessesPerGroup}) GROUP BY g ORDER BY v DESC LIMIT ${groups * guessesPerGroup}`;
  const guessed = await rowsOf(snapshot.run, guess);
  if (guessed.length < groups) return rows;
  const numbers = guessed.map(({ g }) => Number(g));
  const least = different === undefined ? Number(guessed[groups - 1]!["v"]) : await differentOf(snapshot, only(someOf(rows, snapshot), group, numbers), foremost, different);
  // A millionth less, for what a double rounds.
  const part = Math.floor((least / rowsOfGroup) * (1 - 1e-6));
  const reaching = `SELECT g FROM (${values}) WHERE v >= ${part}`;
  const candidates = await rowsOf(snapshot.run, `SELECT DISTINCT g FROM (${reaching}) LIMIT ${mostNamed + 1}`);
  if (candidates.length > mostNamed) return only(rows, group, reaching);
  const named = candidates.map(({ g }) => Number(g));
  return only(rows, group, different === undefined || named.length === 0 ? named : await withAsMany(snapshot, `SELECT g, v FROM (${values}) WHERE g IN (${named.join(", ")})`, least));
}

/** Those groups that have as many logs: a group has no more different values than logs. */
async function withAsMany({ run }: Snapshot, values: string, least: number): Promise<number[]> {
  return (await rowsOf(run, `SELECT g FROM (${values}) GROUP BY g HAVING sum(v) >= ${least}`)).map(({ g }) => Number(g));
}

/** How many different values the last of the wanted groups has in these rows: at least so many groups have as many. */
async function differentOf(snapshot: Snapshot, rows: RowsWanted, { group, groups }: Foremost, different: string): Promise<number> {
  const counts = `SELECT count(DISTINCT ${sqlName(different)}) AS found FROM (${await rowsSql(snapshot, rows)}) GROUP BY ${sqlName(group)}`;
  const [row] = await rowsOf(snapshot.run, `${counts} ORDER BY found DESC LIMIT 1 OFFSET ${groups - 1}`);
  return Number(row?.["found"] ?? 0);
}

/** The rows of the largest segments: a group has no more different values in them than in all. */
function someOf(rows: RowsWanted, { ground }: Snapshot): RowsWanted {
  const legs = rows.legs.map((leg) => {
    if (leg.segments.length === 0) return leg;
    const segments = leg.segments.toSorted((a, b) => b.logs - a.logs).slice(0, Math.ceil(leg.segments.length / partsOfGuess));
    return { ...leg, segments, from: sealedRows(leg.kind, segments.map(({ id }) => ground.files!.path(id))) };
  });
  return { ...rows, legs };
}

function only(rows: RowsWanted, key: string, numbers: readonly number[] | string): RowsWanted {
  return { ...rows, only: { key, numbers } };
}

function foremostOf(select: Select, nameOf: NameOf): Foremost | undefined {
  const [group, ...otherGroups] = select.groupBy;
  const [order] = select.orderBy;
  const groups = select.limit === undefined ? Number.POSITIVE_INFINITY : select.limit + select.offset;
  const isPlain = select.where === undefined && select.having === undefined && otherGroups.length === 0;
  if (!isPlain || group?.kind !== "column" || order?.descending !== true || groups > maxGroups) return undefined;
  const aliases = aliasesOf(select);
  const item = order.value.kind === "number" ? select.items[Number(order.value.text) - 1] : undefined;
  const named = order.value.kind === "column" ? aliases.get(order.value.name.toLowerCase()) : undefined;
  const measure = item !== undefined && !item.star ? item.value : (named ?? order.value);
  const groupName = aliases.has(group.name.toLowerCase()) ? undefined : nameOf(group.name);
  const found = measure.kind === "call" ? measured(measure, nameOf) : undefined;
  return groupName === undefined || found === undefined ? undefined : { group: groupName, groups, ...found };
}

function measured(call: Expression & { kind: "call" }, nameOf: NameOf): Pick<Foremost, "summed" | "different"> | undefined {
  const name = call.name.toLowerCase();
  const [first] = call.arguments;
  const column = first?.kind === "column" ? nameOf(first.name) : undefined;
  if (name === "count" && first === undefined) return { summed: undefined, different: undefined };
  if (name === "count" && call.distinct && column !== undefined) return { summed: undefined, different: column };
  return name === "sum" && !call.distinct && column !== undefined ? { summed: column, different: undefined } : undefined;
}
