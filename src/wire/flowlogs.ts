/**
 * The `flowlogs` service, version 2026-11-22: what the cloud's API has no word for, in the same envelope behind the
 * same signature. Only this project's backend answers it.
 */
import { type ActionRow, row } from "./action.ts";
import { flag, integer, list, text } from "./fields.ts";

/** What became of the packets of one chunk, or of a whole replay: `read` is the sum of the three that follow it. */
export interface OfferCounts {
  /** Packets in the chunk. */
  Read: number;
  /** Packets that belong to one or two ENIs. */
  Matched: number;
  /** Packets whose addresses belong to no ENI. */
  Unmatched: number;
  /** Frames that hold no readable IP packet. */
  Undecodable: number;
  /** Packets as seen by ENIs (a packet between two ENIs is offered twice, unless the first one drops it). */
  Offered: number;
  Accepted: number;
  Rejected: number;
  /** Answers to packets that never arrived: never sent, so not offered to a verdict. */
  Withheld: number;
  /** DHCP and Windows licence activation, which flow logs leave out. */
  LeftOut: number;
  /** Seen by an ENI that no enabled flow log watched at the packet's time. */
  Unwatched: number;
  /** Too late for their capture window, or beyond what memory may hold; a SKIPDATA record tells of them. */
  Skipped: number;
}

/** The rule that decided, or why none was needed. */
export interface ReasonObject {
  Layer: "security-group" | "network-acl" | "none";
  Direction: "ingress" | "egress";
  /** The group's or ACL's id; empty where no group or ACL is bound. */
  Id: string;
  /** The rule's place in its list, from 0; -1 when no rule matched. */
  RuleIndex: number;
  Words: string;
}

/** One ENI's verdict on a packet. */
export interface VerdictObject {
  NetworkInterfaceId: string;
  Direction: "ingress" | "egress";
  Action: "ACCEPT" | "REJECT";
  Reasons: ReasonObject[];
}

export interface ClockObject {
  Kind: "real" | "virtual";
  NowMs: number;
  WindowSeconds: number;
  PublishDelaySeconds: number;
}

export interface FlowLogStatus {
  FlowLogId: string;
  FlowLogName: string;
  ResourceId: string;
  TrafficType: string;
  CloudLogId: string;
  Enable: boolean;
  NetworkInterfaces: number;
}

export interface TopicStatus {
  TopicId: string;
  TopicName: string;
  LogStreams: number;
  Records: number;
  PendingRecords: number;
  /** Bytes of the logs' text: all that were ever written, and those that are still kept. */
  IngestedBytes: number;
  StoredBytes: number;
}

export interface StatusObject {
  Version: string;
  Clock: ClockObject;
  /** Where the state is kept; empty for a backend that keeps it in memory only. */
  DataFolder: string;
  /** Where the logs are kept: a folder, `memory`, or the address of a log store, its password left out. */
  Store: string;
  Resources: Record<string, number>;
  FlowLogs: FlowLogStatus[];
  Topics: TopicStatus[];
  /** What the log service would bill, summed over the topics: bytes of text that were written, and that are kept. */
  Billed: { IngestedBytes: number; StoredBytes: number };
  Traffic: OfferCounts;
  /** Records that reached a topic deleted before they were published: dropped, and counted here. */
  DroppedRecords: number;
  /** What cannot be read of what is kept, as far as anybody has looked: each names a file. */
  Damage: string[];
}

/** A log as it is exported and followed. */
export interface LineObject {
  Time: number;
  TopicId: string;
  /** The log stream; for records the ENI. */
  FileName: string;
  /** The log as one text: a record's 14 fields. */
  RawLog: string;
  /** Its values by key, what is known beside them under `__TAG__`; empty where only the text was asked for. */
  LogJson: string;
}

/** A part of a topic that cannot be read. */
export interface UnreadObject {
  TopicId: string;
  ErrorMsg: string;
}

/** A page of the logs that a query finds, in order of time. */
export interface ExportObject {
  Results: LineObject[];
  /** Gives the next page; empty with the last one. */
  Context: string;
  ListOver: boolean;
  /** Where TailLogs goes on: behind the last log that was kept when the first page was asked for. */
  Cursor: string;
  /** The keys of all logs that will be exported; where they were asked for. */
  Keys: string[];
  Unread: UnreadObject[];
}

/** Logs as they arrived. */
export interface TailObject {
  Results: LineObject[];
  /** Where to go on. */
  Cursor: string;
  /** Nothing more has arrived yet. */
  ListOver: boolean;
  /** The cursor was of other logs: those of before a reset, or before a snapshot was loaded. These are the first of the new ones. */
  Anew: boolean;
  Unread: UnreadObject[];
}

/** Which logs: of topics that have an index, by the condition of a query. */
const wantedLogs = {
  QueryString: text({ maxBytes: 12 * 1024 }),
  QuerySyntax: integer({ min: 0, max: 1 }),
  TopicIds: list(text({ notEmpty: true }), { required: true, minItems: 1, maxItems: 50 }),
  Limit: integer({ min: 1, max: 10_000 }),
  /** Only the logs' text. */
  TextOnly: flag(),
} as const;

const searchCodes = [
  "FailedOperation",
  "FailedOperation.SearchTimeout",
  "FailedOperation.SyntaxError",
  "LimitExceeded.LogSearch",
  "ResourceNotFound.IndexNotExist",
  "ResourceNotFound.TopicNotExist",
] as const;

const address = text({ required: true });

/** The body of PushPackets is a packet chunk (`traffic/packet-chunk.ts`), at most this many bytes. */
export const maxChunkBytes = 4 * 1024 * 1024;

const pushPackets: ActionRow<Readonly<Record<string, never>>, OfferCounts & { Chunk: number }> = {
  service: "flowlogs",
  request: {},
  codes: [],
  octetStream: true,
};

/** What a snapshot brought, when its last chunk has come. */
export interface LoadedObject {
  Topics: number;
  NowMs: number;
}

/** The body of LoadSnapshot is a chunk of a snapshot (`snapshot/intake.ts`), with at most this many of its bytes. */
export const maxSnapshotChunkBytes = 4 * 1024 * 1024;

const saveSnapshot: ActionRow<Readonly<Record<string, never>>, object> = {
  service: "flowlogs",
  request: {},
  codes: ["FailedOperation"],
  answersBytes: true,
};

const loadSnapshot: ActionRow<Readonly<Record<string, never>>, Partial<LoadedObject>> = {
  service: "flowlogs",
  request: {},
  codes: ["FailedOperation"],
  octetStream: true,
};

/** Every action of the project's own service. */
export const flowlogsActions = {
  PushPackets: pushPackets,
  SaveSnapshot: saveSnapshot,
  LoadSnapshot: loadSnapshot,
  ResetCloud: row<ClockObject>()("flowlogs", {}, ["FailedOperation"]),
  DescribeClock: row<ClockObject>()("flowlogs", {}),
  AdvanceClock: row<ClockObject>()("flowlogs", {
    Seconds: integer({ min: 0, max: 366 * 86_400 }),
    ToMs: integer({ min: 0 }),
  }),
  ExplainVerdict: row<{ Verdicts: VerdictObject[]; Words: string }>()("flowlogs", {
    SrcAddr: address,
    DstAddr: address,
    Protocol: text({ required: true }),
    SrcPort: integer({ min: 0, max: 65_535 }),
    DstPort: integer({ min: 0, max: 65_535 }),
  }),
  ExplainRecord: row<{ Reason: ReasonObject | null; TopicId: string; Record: string; Words: string }>()("flowlogs", {
    Record: text({ required: true, notEmpty: true }),
  }),
  DescribeStatus: row<StatusObject>()("flowlogs", {}),
  ExportLogs: row<ExportObject>()(
    "flowlogs",
    {
      ...wantedLogs,
      From: integer({ min: 0 }),
      To: integer({ min: 0 }),
      Sort: text({ oneOf: ["asc", "desc"] }),
      Context: text(),
      WithKeys: flag(),
    },
    [...searchCodes, "FailedOperation.InvalidContext"],
  ),
  TailLogs: row<TailObject>()("flowlogs", { ...wantedLogs, Cursor: text() }, searchCodes),
  DescribeTopicUsage: row<{ Records: number; PendingRecords: number }>()(
    "flowlogs",
    { TopicId: text({ required: true }), IncludePending: flag() },
    ["ResourceNotFound.TopicNotExist"],
  ),
} as const;
