/**
 * Records on their way from aggregation to a topic: columns of one publication, so that a million of them are a few
 * typed arrays and no objects. Aggregation fills it, the topic store takes it over; neither knows the other.
 */
import type { Placement } from "./flow/flow-log.ts";
import { recordFieldNames, recordVersion } from "./flow/record.ts";
import type { Reason } from "./vpc/reason.ts";

/** The 14 fields of a record's line in their order, and the version that stands in the first. */
export const recordLine = { names: recordFieldNames, version: recordVersion } as const;

/** What a record's columns say in numbers. */
export const ActionCode = { none: 0, ACCEPT: 1, REJECT: 2 } as const;
export const StatusCode = { OK: 0, NODATA: 1, SKIPDATA: 2 } as const;
export const DirectionCode = { none: 0, ingress: 1, egress: 2 } as const;

/** No reason travels with this record. */
export const noReason = 0xffffffff;

/** Records of one topic that are published together. Place `i` of every column is record `i`. */
export interface RecordBatch {
  /** Names the batch for ever: publishing it again, after a crash, stores nothing twice. */
  readonly id: string;
  readonly count: number;
  /** The account's APPID, the same for all. */
  readonly accountId: string;
  /** The ENIs spoken of; `eni` holds places in it. */
  readonly enis: readonly Placement[];
  readonly eni: Uint32Array;
  /** 4 or 6; 0 for NODATA and SKIPDATA, whose addresses, ports, protocol and sums are absent. */
  readonly family: Uint8Array;
  /** IPv4: the address as a number. IPv6: a place in `ipv6`. */
  readonly src: Uint32Array;
  readonly dst: Uint32Array;
  /** Sixteen bytes an IPv6 address, in network byte order. */
  readonly ipv6: Uint8Array;
  readonly srcPort: Uint16Array;
  readonly dstPort: Uint16Array;
  readonly protocol: Uint8Array;
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  /** Unix seconds. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  readonly action: Uint8Array;
  readonly status: Uint8Array;
  readonly direction: Uint8Array;
  /** Why: `reason` holds places in `reasons`, or `noReason`. */
  readonly reasons: readonly Reason[];
  readonly reason: Uint32Array;
  /** Of SKIPDATA records: what was not counted. */
  readonly skippedPackets: Float64Array;
  readonly skippedBytes: Float64Array;
}
