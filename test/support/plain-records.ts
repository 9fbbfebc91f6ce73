/** Records of a batch as plain logs, one object each: what the store must give back of them. */
import { formatIpv4, formatIpv6 } from "../../src/net/address.ts";
import { type FlowRecord, formatRecord, type LogStatus, recordFieldNames, recordValues, recordVersion } from "../../src/backend/flow/record.ts";
import { DirectionCode, noReason, type RecordBatch, StatusCode } from "../../src/backend/record-batch.ts";
import type { Reason } from "../../src/backend/vpc/reason.ts";

/** A log written down plainly. */
export interface PlainLog {
  readonly timeMs: number;
  readonly stream: string;
  readonly source: string;
  readonly text: string;
  readonly values: readonly (readonly [key: string, value: string])[];
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/** The logs that a topic keeps of a publication's records. A log's time is the record's start; its stream is the ENI's. */
export function recordLogs(batch: RecordBatch): PlainLog[] {
  return Array.from({ length: batch.count }, (_, row) => recordLog(batch, row));
}

function recordLog(batch: RecordBatch, row: number): PlainLog {
  const eni = batch.enis[batch.eni[row]!]!;
  const record = recordAt(batch, row);
  const values = recordValues(record);
  const tags: [string, string][] = [
    ["vpc-id", eni.vpcId],
    ["subnet-id", eni.subnetId],
  ];
  if (batch.direction[row] !== DirectionCode.none) tags.push(["direction", batch.direction[row] === DirectionCode.egress ? "egress" : "ingress"]);
  if (batch.reason[row] !== noReason) tags.push(...reasonTags(batch.reasons[batch.reason[row]!]!));
  if (batch.skippedPackets[row]! > 0) {
    tags.push(["skipped-packets", String(batch.skippedPackets[row])], ["skipped-bytes", String(batch.skippedBytes[row])]);
  }
  return {
    timeMs: record.start * 1000,
    stream: eni.id,
    source: "flow-log",
    text: formatRecord(record),
    values: recordFieldNames.map((name, index) => [name, values[index]!]),
    tags,
  };
}

const statuses: readonly LogStatus[] = ["OK", "NODATA", "SKIPDATA"];
const actions = [undefined, "ACCEPT", "REJECT"] as const;

function recordAt(batch: RecordBatch, row: number): FlowRecord {
  const isFlow = batch.status[row] === StatusCode.OK;
  const number = (column: ArrayLike<number>) => (isFlow ? column[row] : undefined);
  return {
    version: recordVersion,
    accountId: batch.accountId,
    interfaceId: batch.enis[batch.eni[row]!]!.id,
    srcAddr: isFlow ? addressText(batch, row, batch.src[row]!) : undefined,
    dstAddr: isFlow ? addressText(batch, row, batch.dst[row]!) : undefined,
    srcPort: number(batch.srcPort),
    dstPort: number(batch.dstPort),
    protocol: number(batch.protocol),
    packets: number(batch.packets),
    bytes: number(batch.bytes),
    start: batch.start[row]!,
    end: batch.end[row]!,
    action: actions[batch.action[row]!],
    logStatus: statuses[batch.status[row]!]!,
  };
}

function addressText(batch: RecordBatch, row: number, word: number): string {
  if (batch.family[row] === 4) return formatIpv4(word);
  const bytes = batch.ipv6.subarray(word * 16, word * 16 + 16);
  return formatIpv6(BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
}

function reasonTags(reason: Reason): [string, string][] {
  return [
    ["decided-by", reason.layer],
    ["decided-in", reason.direction],
    ["decided-id", reason.id],
    ["decided-rule", String(reason.ruleIndex)],
    ["decided-because", reason.because],
  ];
}
