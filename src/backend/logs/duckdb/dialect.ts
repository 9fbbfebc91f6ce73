/** Conditions as the embedded engine says them. */
import type { ConditionDialect } from "../condition/dialect.ts";
import { LogRows, type LogTexts } from "../condition/log-condition.ts";
import { cellText } from "./record-cells.ts";
import { sqlText } from "./sql.ts";

/** The embedded engine's way to say conditions. */
export const dialect: ConditionDialect = {
  text: sqlText,
  double(value) {
    if (!Number.isFinite(value)) return `CAST('${value > 0 ? "" : "-"}inf' AS DOUBLE)`;
    return `CAST(${sqlText(String(value))} AS DOUBLE)`;
  },
  matches: (text, expression) => `coalesce(regexp_matches(${text}, ${sqlText(expression)}), FALSE)`,
  numberOf(text) {
    // What no double can hold compares as infinity, as it does in every language of this project.
    const infinity = `CAST(if(starts_with(${text}, '-'), '-inf', 'inf') AS DOUBLE)`;
    const number = `coalesce(TRY_CAST(${text} AS DOUBLE), ${infinity})`;
    return `(CASE WHEN regexp_full_match(${text}, '-?[0-9]+(\\.[0-9]+)?') THEN ${number} END)`;
  },
  cellText,
  ipv6Text: (column) => `${column}6`,
  ipv6Is: (column, text) => `(${column}6 = ${sqlText(text)})`,
};

/** Where the embedded store's logs have their texts. */
export const logTexts: LogTexts = {
  whole: "array_to_string(map_values(fields), ' ')",
  value({ place, name }) {
    if (place === "internal") return name === "__SOURCE__" ? "source" : "stream";
    return `${place === "tag" ? "tags" : "fields"}[${sqlText(name)}]`;
  },
};

/** What the embedded store's logs can be asked. */
export const logRows = new LogRows(dialect, logTexts);
