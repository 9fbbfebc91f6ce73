/** The SQL part of a query as ClickHouse says it, with the answers that the embedded engine gives. */
import { QueryFailure } from "../log-store.ts";
import type { Expression } from "../sql/ast.ts";
import type { Build, SelectDialect } from "../sql/select.ts";
import { sqlText } from "./sql.ts";

const aggregate = (name: string): Build => ([value], distinct) => `${name}(${distinct}${value})`;
const same = (name: string): Build => (given) => `${name}(${given.join(", ")})`;

/** A text as a whole number, rounded where it has a fraction; NULL where it is no number. */
export function wholeNumber(text: string): string {
  return `coalesce(toInt64OrNull(trimBoth(${text})), accurateCastOrNull(${halfUp(double(text), "1")}, 'Int64'))`;
}

/** A text as a number; NULL where it is none. */
export function double(text: string): string {
  return `toFloat64OrNull(trimBoth(${text}))`;
}

/** A number rounded as people do, halves away from zero; ClickHouse's own way goes to the even neighbour. */
function halfUp(value: string, scale: string): string {
  return `(sign(${value}) * floor(abs(${value}) * ${scale} + 0.5) / ${scale})`;
}

const unitMs: Readonly<Record<string, number>> = { SECOND: 1000, MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000, WEEK: 604_800_000 };

/** The beginning of the stretch of time that a moment falls into, counted from 1970. */
const histogram: Build = ([time], _, [, interval]) => {
  if (interval?.kind !== "interval") throw new QueryFailure("histogram takes a time and an interval such as INTERVAL 1 MINUTE");
  const ms = unitMs[interval.unit];
  if (ms !== undefined) return `fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(${asTime(time!)}), ${ms * interval.count}) * ${ms * interval.count}, 'UTC')`;
  const origin = "toDateTime64('1970-01-01 00:00:00', 3, 'UTC')";
  return `addMonths(${origin}, intDiv(dateDiff('month', ${origin}, ${asTime(time!)}), ${interval.count}) * ${interval.count})`;
};

const asTime = (value: string) => `toDateTime64(${value}, 3, 'UTC')`;

function dateTrunc([unit, time]: readonly string[], _: string, [asked]: readonly Expression[]): string {
  if (asked?.kind !== "text") throw new QueryFailure("date_trunc takes a unit such as 'minute', and a time");
  return asTime(`dateTrunc(${unit}, ${time})`);
}

/** ClickHouse's way to write a SELECT. Names are its own: none that a user has chosen stands in a statement. */
export const selectDialect: SelectDialect = {
  text: sqlText,
  alias: (_, place, depth) => `a${depth}_${place}`,
  binary(operator, left, right) {
    if (operator === "%") return `moduloOrNull(${left}, ${right})`;
    return `(${left} ${operator} ${right})`;
  },
  // Conditions are numbers to ClickHouse.
  shown: (value, isCondition) => (isCondition ? `CAST(${value} AS Nullable(Bool))` : value),
  // A list may hold columns, which ClickHouse's own IN does not take.
  among(value, list, isNegated) {
    const is = list.map((each) => `${value} = ${each}`).join(" OR ");
    return isNegated ? `(NOT (${is}))` : `(${is})`;
  },
  cast(value, type, isMs) {
    if (isMs) return `fromUnixTimestamp64Milli(${value}, 'UTC')`;
    switch (type) {
      case "bigint":
        return `accurateCast(${strict(wholeNumber(`toString(${value})`), `toString(${value})`)}, 'Nullable(Int64)')`;
      case "double":
        return `CAST(${value} AS Nullable(Float64))`;
      case "varchar":
        return `toString(${value})`;
      case "boolean":
        return `CAST(${value} AS Nullable(Bool))`;
      case "timestamp":
        return `CAST(toString(${value}) AS Nullable(DateTime64(3, 'UTC')))`;
    }
  },
  element: (list, place) => `arrayElement(${list}, ${place})`,
  isSame: (left, right) => `isNotDistinctFrom(${left}, ${right})`,
  functions: {
    count: ([value], distinct) => (value === undefined ? "count()" : `count(${distinct}${value})`),
    count_if: ([condition]) => `ifNull(countIf(${condition}), 0)`,
    ...{ sum: aggregate("sum"), avg: aggregate("avg"), min: aggregate("min"), max: aggregate("max") },
    approx_distinct: ([value]) => `ifNull(uniq(${value}), 0)`,
    approx_percentile: ([value, share]) => `quantile(${share})(${value})`,
    ...{ max_by: same("argMax"), min_by: same("argMin") },
    histogram,
    date_trunc: dateTrunc,
    from_unixtime: ([seconds]) => `fromUnixTimestamp64Micro(toInt64(${seconds} * 1000000), 'UTC')`,
    to_unixtime: ([time]) => `(toUnixTimestamp64Milli(${asTime(time!)}) / 1000)`,
    // What is NULL is left out of it.
    concat: (given) => `concat('', ${given.map((each) => `ifNull(toString(${each}), '')`).join(", ")})`,
    split_part: ([text, separator, place]) => `arrayElement(splitByString(${separator}, assumeNotNull(${text})), ${place})`,
    regexp_like: same("match"),
    ...{ length: same("lengthUTF8"), lower: same("lowerUTF8"), upper: same("upperUTF8"), trim: same("trimBoth") },
    ...{ substr: same("substringUTF8"), replace: same("replaceAll"), strpos: same("positionUTF8") },
    ...{ abs: same("abs"), ceil: same("ceil"), floor: same("floor"), sqrt: same("sqrt"), ln: same("log") },
    round: ([value, digits]) => halfUp(value!, digits === undefined ? "1" : `exp10(${digits})`),
    mod: ([value, by]) => `moduloOrNull(${value}, ${by})`,
    compare(values) {
      // A text is no number here, whatever it says.
      const [now, ...before] = values.map((value) => `CAST(${value} * 1e0 AS Nullable(Float64))`);
      return `array(${[now, ...before, ...before.map((value) => `${now} / nullIf(${value}, 0)`)].join(", ")})`;
    },
    if: ([condition, yes, no]) => `CASE WHEN ${condition} THEN ${yes} ELSE ${no ?? "NULL"} END`,
    ...{ coalesce: same("coalesce"), nullif: same("nullIf"), greatest: same("greatest"), least: same("least") },
  },
};

/** A number that must be one wherever there is a text. */
function strict(number: string, text: string): string {
  return `(${number} + throwIf(${text} IS NOT NULL AND ${number} IS NULL, 'a text is no number'))`;
}
