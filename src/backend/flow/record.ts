/**
 * The flow log record: one flow's traffic at one ENI in one capture window, with one action, as a line of 14 fields.
 *
 * Source: the product document, 流日志记录. We write version `2`; the reader also takes the documents' older `V1`.
 */

/** What the record says of its window: whole, without traffic, or with some of the traffic not counted. */
export type LogStatus = "OK" | "NODATA" | "SKIPDATA";

/** The 14 fields in the order of the line; what a line shows as `-` is undefined. */
export interface FlowRecord {
  readonly version: string;
  /** The APPID of the account that owns the ENI. */
  readonly accountId: string;
  readonly interfaceId: string;
  readonly srcAddr: string | undefined;
  readonly dstAddr: string | undefined;
  readonly srcPort: number | undefined;
  readonly dstPort: number | undefined;
  /** The IANA protocol number. */
  readonly protocol: number | undefined;
  readonly packets: number | undefined;
  /** The sum of the packets' IP total lengths. */
  readonly bytes: number | undefined;
  /** Unix seconds. */
  readonly start: number;
  readonly end: number;
  readonly action: "ACCEPT" | "REJECT" | undefined;
  readonly logStatus: LogStatus;
}

/** The version that this project writes. */
export const recordVersion = "2";

/** The names of the 14 fields, as the product document spells them and as a search asks for them. */
export const recordFieldNames = [
  "version",
  "account-id",
  "interface-id",
  "srcaddr",
  "dstaddr",
  "srcport",
  "dstport",
  "protocol",
  "packets",
  "bytes",
  "start",
  "end",
  "action",
  "log-status",
] as const;

/** The 14 fields as they stand in the line, absent ones as `-`. */
export function recordValues(record: FlowRecord): string[] {
  const values = [
    record.version,
    record.accountId,
    record.interfaceId,
    record.srcAddr,
    record.dstAddr,
    record.srcPort,
    record.dstPort,
    record.protocol,
    record.packets,
    record.bytes,
    record.start,
    record.end,
    record.action,
    record.logStatus,
  ];
  return values.map((value) => (value === undefined ? "-" : String(value)));
}

/** The record as its line, without a line end. */
export function formatRecord(record: FlowRecord): string {
  return recordValues(record).join(" ");
}

/** A line that is no record, or a field of it that cannot be; the message names the field and the value. */
export class MalformedRecord extends Error {
  override readonly name = "MalformedRecord";
}

/** Reads a line; every line that {@link formatRecord} writes and every line of the product document comes back. */
export function parseRecord(line: string): FlowRecord {
  const values = line.split(" ");
  if (values.length !== recordFieldNames.length) {
    throw new MalformedRecord(`a record has ${recordFieldNames.length} fields, this line has ${values.length}: ${line.slice(0, 200)}`);
  }
  const field = new Reader(values);
  return {
    version: field.oneOf("version", ["2", "V1"])!,
    accountId: field.matching("account-id", /^\d{1,19}$/),
    interfaceId: field.matching("interface-id", /^eni-[0-9a-z]+$/),
    srcAddr: field.optional("srcaddr"),
    dstAddr: field.optional("dstaddr"),
    srcPort: field.optionalNumber("srcport", 65_535),
    dstPort: field.optionalNumber("dstport", 65_535),
    protocol: field.optionalNumber("protocol", 255),
    packets: field.optionalNumber("packets"),
    bytes: field.optionalNumber("bytes"),
    start: field.number("start"),
    end: field.number("end"),
    action: field.oneOf("action", ["ACCEPT", "REJECT", "-"]),
    logStatus: field.oneOf("log-status", ["OK", "NODATA", "SKIPDATA"]) as LogStatus,
  };
}

type FieldName = (typeof recordFieldNames)[number];

class Reader {
  private readonly values: readonly string[];

  constructor(values: readonly string[]) {
    this.values = values;
  }

  private text(name: FieldName): string {
    return this.values[recordFieldNames.indexOf(name)]!;
  }

  private refuse(name: FieldName, wanted: string): never {
    throw new MalformedRecord(`${name}: ${JSON.stringify(this.text(name))} ${wanted}`);
  }

  matching(name: FieldName, pattern: RegExp): string {
    return pattern.test(this.text(name)) ? this.text(name) : this.refuse(name, `must match ${pattern}`);
  }

  oneOf<V extends string>(name: FieldName, allowed: readonly V[]): Exclude<V, "-"> | undefined {
    const found = allowed.find((value) => value === this.text(name));
    if (found === undefined) this.refuse(name, `must be one of ${allowed.join(", ")}`);
    return found === "-" ? undefined : (found as Exclude<V, "-">);
  }

  optional(name: FieldName): string | undefined {
    const text = this.text(name);
    if (text === "-") return undefined;
    return /^[0-9a-fA-F:.]+$/.test(text) ? text : this.refuse(name, "must be an IP address or -");
  }

  number(name: FieldName, max = Number.MAX_SAFE_INTEGER): number {
    const text = this.text(name);
    const isPlain = /^(0|[1-9]\d*)$/.test(text);
    if (!isPlain || Number(text) > max) this.refuse(name, `must be a whole number up to ${max}`);
    return Number(text);
  }

  optionalNumber(name: FieldName, max?: number): number | undefined {
    return this.text(name) === "-" ? undefined : this.number(name, max);
  }
}
