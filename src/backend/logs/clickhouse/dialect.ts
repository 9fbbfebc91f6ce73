/** Conditions as ClickHouse says them. */
import { formatIpv6, parseIpv6 } from "../../../net/address.ts";
import type { AddressCell, Cell, Listed } from "../condition/cells.ts";
import type { ConditionDialect } from "../condition/dialect.ts";
import { LogRows, type LogTexts } from "../condition/log-condition.ts";
import { sqlText } from "./sql.ts";

const number = String.raw`^-?[0-9]+(\.[0-9]+)?$`;

/** ClickHouse's way to say conditions. */
export const dialect: ConditionDialect = {
  text: sqlText,
  double: (value) => (Number.isFinite(value) ? `toFloat64(${sqlText(String(value))})` : `toFloat64('${value > 0 ? "" : "-"}inf')`),
  matches: (text, expression) => `ifNull(match(${text}, ${sqlText(expression)}), FALSE)`,
  numberOf(text) {
    // What no double can hold compares as infinity, as it does in every language of this project.
    const infinity = `if(startsWith(assumeNotNull(${text}), '-'), toFloat64('-inf'), toFloat64('inf'))`;
    return `if(match(${text}, ${sqlText(number)}), coalesce(toFloat64OrNull(${text}), ${infinity}), NULL)`;
  },
  cellText,
  ipv6Text,
  ipv6Is(column, text) {
    // Only the canonical spelling is what a record's line holds.
    const bits = parseIpv6(text);
    if (bits === undefined || formatIpv6(bits) !== text) return "FALSE";
    return `(${column}6 = unhex('${bits.toString(16).padStart(32, "0")}'))`;
  },
};

function cellText(cell: Cell): string {
  switch (cell.kind) {
    case "listed":
      return listedText(cell);
    case "text":
      return cell.present === undefined ? cell.column : `if(${cell.present}, ${cell.column}, NULL)`;
    case "number": {
      if (cell.absent === "never") return `toString(${cell.column})`;
      if (cell.absent === "missing") return `if(skipped_packets > 0, toString(${cell.column}), NULL)`;
      return `if(family = 0, '-', toString(${cell.column}))`;
    }
    case "address":
      return `multiIf(family = 0, '-', family = 4, IPv4NumToString(${cell.column}), ${ipv6Text(cell.column)})`;
  }
}

/** Enums show themselves; one of their names may stand for what is absent. */
function listedText({ column, entries }: Listed): string {
  const all = [...entries()];
  if (column === undefined) return sqlText(all[0]![1]!);
  const missing = all.filter(([, text]) => text === undefined).map(([code]) => `${column} = ${code}`);
  return missing.length === 0 ? `toString(${column})` : `if(${missing.join(" OR ")}, NULL, toString(${column}))`;
}

/**
 * The text of an IPv6 address as RFC 5952 has it. ClickHouse writes those that begin with six groups of zeros with a
 * dotted tail, as IPv4-compatible addresses once were.
 */
function ipv6Text(column: AddressCell["column"]): string {
  const group = (from: number) => `replaceRegexpOne(lower(hex(substring(${column}6, ${from}, 2))), '^0{1,3}', '')`;
  const isCompatible = `substring(${column}6, 1, 12) = unhex('${"00".repeat(12)}') AND substring(${column}6, 13, 2) <> unhex('0000')`;
  return `if(${isCompatible}, concat('::', ${group(13)}, ':', ${group(15)}), IPv6NumToString(${column}6))`;
}

/** Where ClickHouse's table of logs has their texts. */
export const logTexts: LogTexts = {
  whole: "arrayStringConcat(mapValues(fields), ' ')",
  value({ place, name }) {
    if (place === "internal") return name === "__SOURCE__" ? "source" : "stream";
    const map = place === "tag" ? "tags" : "fields";
    return `if(mapContains(${map}, ${sqlText(name)}), ${map}[${sqlText(name)}], NULL)`;
  },
};

/** What logs of keys and values can be asked. */
export const logRows = new LogRows(dialect, logTexts);
