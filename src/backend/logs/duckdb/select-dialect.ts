/** The SQL part of a query as the embedded engine says it. */
import type { Build, SelectDialect } from "../sql/select.ts";
import { sqlName, sqlText } from "./sql.ts";

const aggregate = (name: string): Build => ([value], distinct) => `${name}(${distinct}${value})`;
const same = (name: string): Build => (given) => `${name}(${given.join(", ")})`;

/** The embedded engine's way to write a SELECT. */
export const selectDialect: SelectDialect = {
  text: sqlText,
  alias: (name) => sqlName(name),
  binary: (operator, left, right) => `(${left} ${operator} ${right})`,
  shown: (value) => value,
  among: (value, list, isNegated) => `(${value} ${isNegated ? "NOT IN" : "IN"} (${list.join(", ")}))`,
  cast: (value, type, isMs) => (isMs ? `epoch_ms(${value})` : `CAST(${value} AS ${type.toUpperCase()})`),
  element: (list, place) => `list_extract(${list}, ${place})`,
  isSame: (left, right) => `${left} IS NOT DISTINCT FROM ${right}`,
  functions: {
    count: ([value], distinct) => `count(${value === undefined ? "*" : distinct + value})`,
    count_if: ([condition]) => `count(*) FILTER (WHERE ${condition})`,
    ...{ sum: aggregate("sum"), avg: aggregate("avg"), min: aggregate("min"), max: aggregate("max") },
    approx_distinct: ([value]) => `approx_count_distinct(${value})`,
    approx_percentile: ([value, share]) => `approx_quantile(${value}, ${share})`,
    ...{ max_by: same("arg_max"), min_by: same("arg_min") },
    histogram: ([time, interval]) => `time_bucket(${interval}, ${time}, TIMESTAMP '1970-01-01')`,
    date_trunc: same("date_trunc"),
    from_unixtime: ([seconds]) => `make_timestamp(CAST(${seconds} * 1000000 AS BIGINT))`,
    to_unixtime: ([time]) => `epoch(${time})`,
    ...{ concat: same("concat"), split_part: same("split_part"), regexp_like: same("regexp_matches") },
    ...{ length: same("length"), lower: same("lower"), upper: same("upper"), trim: same("trim") },
    ...{ substr: same("substr"), replace: same("replace"), strpos: same("strpos") },
    ...{ abs: same("abs"), ceil: same("ceil"), floor: same("floor"), round: same("round") },
    ...{ sqrt: same("sqrt"), ln: same("ln"), mod: same("mod") },
    compare(values) {
      // A text is no number here, whatever it says.
      const [now, ...before] = values.map((value) => `CAST(${value} * 1e0 AS DOUBLE)`);
      return `list_value(${[now, ...before, ...before.map((value) => `${now} / nullif(${value}, 0)`)].join(", ")})`;
    },
    if: ([condition, yes, no]) => `CASE WHEN ${condition} THEN ${yes} ELSE ${no ?? "NULL"} END`,
    ...{ coalesce: same("coalesce"), nullif: same("nullif"), greatest: same("greatest"), least: same("least") },
  },
};

/**
 * The same where each row stands for several logs: `logs` is the column that counts them, `sum` gives the column that
 * holds the sum of another, undefined for one that is not summed.
 */
export function groupedDialect(logs: string, sum: (name: string) => string | undefined): SelectDialect {
  const { functions } = selectDialect;
  const count = (condition: string) => `CAST(coalesce(sum(${logs})${condition}, 0) AS BIGINT)`;
  const summed = (plain: Build, of: (column: string) => string): Build => (given, distinct, asked) => {
    const [first] = asked;
    const column = distinct === "" && first?.kind === "column" ? sum(first.name) : undefined;
    return column === undefined ? plain(given, distinct, asked) : of(column);
  };
  return {
    ...selectDialect,
    functions: {
      ...functions,
      count: (given, distinct, asked) =>
        distinct === "" ? count(given[0] === undefined ? "" : ` FILTER (WHERE ${given[0]} IS NOT NULL)`) : functions.count(given, distinct, asked),
      count_if: ([condition]) => count(` FILTER (WHERE ${condition})`),
      sum: summed(functions.sum, (column) => `sum(${column})`),
      avg: summed(functions.avg, (column) => `(CAST(sum(${column}) AS DOUBLE) / sum(${logs}) FILTER (WHERE ${column} IS NOT NULL))`),
    },
  };
}
