/** Logs as lines of output: their own text, JSON, comma-separated values, rows of a table. */
import { recordFieldNames } from "../backend/flow/record.ts";
import type { LineObject } from "../wire/flowlogs.ts";
import { shownTime } from "./output.ts";

/** A log as it is shown, with its topic's name. */
export type ShownLog = Omit<LineObject, "TopicId"> & { readonly TopicName: string };

/** How logs can be shown, one a line. */
export const lineFormats = ["raw", "json", "csv", "table"] as const;

/** One of them. */
export type LineFormat = (typeof lineFormats)[number];

type Values = Record<string, string> & { __TAG__?: Record<string, string> };

function valuesOf(log: ShownLog): Values {
  return JSON.parse(log.LogJson) as Values;
}

/** The keys of a log's values. */
export function keysOf(log: ShownLog): string[] {
  return Object.keys(valuesOf(log)).filter((key) => key !== "__TAG__");
}

/** A log as one object. */
export function asObject(log: ShownLog): object {
  return { time: log.Time, topic: log.TopicName, stream: log.FileName, ...valuesOf(log) };
}

/** Cells as a line of comma-separated values. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(",");
}

/** The columns of a table of records. */
export const tableHeader = ["START", "ENI", "ACTION", "PROTO", "SOURCE", "PORT", "DESTINATION", "PORT", "PACKETS", "BYTES", "DECIDED BY"] as const;

/** A record's cells in such a table. */
export function tableCells(log: ShownLog): string[] {
  const values = valuesOf(log);
  const get = (key: string) => values[key] ?? "";
  return [
    shownTime(log.Time),
    get("interface-id"),
    get("action") === "-" ? get("log-status") : get("action"),
    get("protocol"),
    get("srcaddr"),
    get("srcport"),
    get("dstaddr"),
    get("dstport"),
    get("packets"),
    get("bytes"),
    decidedBy(values),
  ];
}

/** What decided, in a few words; the whole story is `flowlogs explain`'s. */
function decidedBy({ __TAG__: tags }: Values): string {
  const [layer, id, rule, because] = ["decided-by", "decided-id", "decided-rule", "decided-because"].map((key) => tags?.[key] ?? "");
  if (layer === "") return "";
  if (because === "rule") return `${id} ${tags?.["decided-in"]} rule ${rule}`;
  if (because === "no-rule-matched") return `${id || layer} no ${tags?.["decided-in"]} rule`;
  return because!;
}

/** Widths of a table whose rows are not all known when the first is shown. */
const tableWidths = [20, 12, 8, 5, 15, 5, 15, 5, 9, 11] as const;

function alignedLine(cells: readonly string[]): string {
  return cells.map((cell, column) => cell.padEnd(tableWidths[column] ?? 0)).join("  ").trimEnd();
}

/** Makes lines of logs that come one after the other. */
export class LogLines {
  private readonly format: LineFormat;
  private readonly keys: readonly string[];

  /** `keys`: the columns of comma-separated values; those of a record where there is no log yet. */
  constructor(format: LineFormat, keys: readonly string[]) {
    this.format = format;
    this.keys = keys.length > 0 ? keys : recordFieldNames;
  }

  /** What stands above the first line. */
  header(): string[] {
    if (this.format === "csv") return [csvLine(["topic", ...this.keys])];
    return this.format === "table" ? [alignedLine(tableHeader)] : [];
  }

  line(log: ShownLog): string {
    switch (this.format) {
      case "raw":
        return log.RawLog;
      case "json":
        return JSON.stringify(asObject(log));
      case "csv": {
        const values = valuesOf(log);
        return csvLine([log.TopicName, ...this.keys.map((key) => values[key] ?? "")]);
      }
      case "table":
        return alignedLine(tableCells(log));
    }
  }
}
