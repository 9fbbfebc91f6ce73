/** Logs as they are given back, whatever store kept them: a record's line, values and tags, and the text of any log. */
import { ActionCode, DirectionCode, recordLine, StatusCode } from "../record-batch.ts";
import type { KeptLog, Log } from "./log-store.ts";

/** A log's text: its values in their order. Assumed: the documents do not say what the text of several values is. */
export function textOf(values: Log["values"]): string {
  return values.map(([, value]) => value).join(" ");
}

/** What the source of every record is called. Assumed: the documents do not say what a flow log's source is. */
export const recordSource = "flow-log";

/** An ENI in its place, and the account that owns it. */
export interface Placement {
  readonly account: string;
  readonly eni: string;
  readonly vpc: string;
  readonly subnet: string;
}

/** What decided about a record's packets: the reason without its action, which is the record's own. */
export interface RuleOfReason {
  readonly layer: string;
  readonly direction: string;
  /** The security group or network ACL; empty where none is bound. */
  readonly decider: string;
  /** The rule's place in its list, -1 where none decided. */
  readonly place: number;
  readonly because: string;
}

/** What a record's addresses are; 0 where the record has no flow. */
export type Family = 0 | 4 | 6;

/** A record as a store has read it: sums as they are written, codes as in RecordBatch. */
export interface StoredRecord extends Placement {
  readonly topicId: string;
  readonly sequence: number;
  readonly family: Family;
  readonly src: string;
  readonly dst: string;
  readonly ports: readonly [source: string, destination: string];
  readonly protocol: string;
  readonly packets: string;
  readonly bytes: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly action: number;
  readonly status: number;
  readonly direction: number;
  readonly reason: RuleOfReason | undefined;
  readonly skippedPackets: string;
  readonly skippedBytes: string;
}

const actionNames = namesOf(ActionCode);
const statusNames = namesOf(StatusCode);
const directionNames = namesOf(DirectionCode);

function namesOf(codes: Readonly<Record<string, number>>): string[] {
  return Object.entries(codes).toSorted(([, a], [, b]) => a - b).map(([name]) => name);
}

/** A record as a log; where only its text is wanted, without its values and tags. */
export function keptRecord(record: StoredRecord, textOnly = false): KeptLog {
  const values = lineOf(record);
  return {
    topicId: record.topicId,
    sequence: record.sequence,
    timeMs: record.startSeconds * 1000,
    stream: record.eni,
    source: recordSource,
    text: values.join(" "),
    values: textOnly ? [] : recordLine.names.map((name, place) => [name, values[place]!]),
    tags: textOnly ? [] : tagsOf(record),
  };
}

/** The 14 values of a record's line. */
function lineOf(record: StoredRecord): string[] {
  const action = actionNames[record.action]!;
  const flow = [record.src, record.dst, ...record.ports, record.protocol, record.packets, record.bytes];
  return [
    recordLine.version,
    record.account,
    record.eni,
    ...(record.family === 0 ? flow.map(() => "-") : flow),
    String(record.startSeconds),
    String(record.endSeconds),
    action === "none" ? "-" : action,
    statusNames[record.status]!,
  ];
}

function tagsOf({ vpc, subnet, direction, reason, skippedPackets, skippedBytes }: StoredRecord): [string, string][] {
  const tags: [string, string][] = [
    ["vpc-id", vpc],
    ["subnet-id", subnet],
  ];
  const way = directionNames[direction]!;
  if (way !== "none") tags.push(["direction", way]);
  if (reason !== undefined) {
    tags.push(
      ["decided-by", reason.layer],
      ["decided-in", reason.direction],
      ["decided-id", reason.decider],
      ["decided-rule", String(reason.place)],
      ["decided-because", reason.because],
    );
  }
  if (skippedPackets !== "0") tags.push(["skipped-packets", skippedPackets], ["skipped-bytes", skippedBytes]);
  return tags;
}
