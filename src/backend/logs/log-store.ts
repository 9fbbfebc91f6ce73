/**
 * What the log service asks of a store: keep logs durably, find them by a condition, count them, forget them.
 *
 * The embedded store (`duckdb/`) is one; a store for more than one machine answers the same questions.
 */
import type { RecordBatch } from "../record-batch.ts";
import type { Query, Syntax } from "./query/ast.ts";
import type { Select } from "./sql/ast.ts";
import type { Index } from "./topic.ts";
import type { Upload } from "./upload/upload.ts";

/** One log that a client uploads. */
export interface Log {
  readonly timeMs: number;
  /** The log stream: where the log comes from. For records, the ENI. */
  readonly stream: string;
  readonly source: string;
  /** The log's values by key, in their order. */
  readonly values: readonly (readonly [key: string, value: string])[];
  /** What is known of the log beside its values: for records, ENI placement, direction and the reason. */
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/** A log as it is kept. */
export interface KeptLog extends Log {
  readonly topicId: string;
  /** Grows with every log kept: its place among logs of the same time. */
  readonly sequence: number;
  /** The log as one text: a record's line, or the values joined by spaces. */
  readonly text: string;
}

/** What an index says of how logs are searched; logs keep to the one that stood when they were written. */
export type IndexRule = Pick<Index, "fullText" | "keyValue" | "tag">;

/** A topic that is searched. */
export interface SearchedTopic {
  readonly id: string;
  /** The index that stands now: what it does not offer is refused. */
  readonly index: IndexRule;
  /** Logs before this moment have outlived the topic's retention. */
  readonly keptFromMs: number;
}

/** Which logs are meant: from one moment on, up to but not with another. */
export interface Condition {
  readonly query: Query;
  readonly syntax: Syntax;
  readonly topics: readonly SearchedTopic[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** A log's place in the order of a search. */
export interface Place {
  readonly timeMs: number;
  readonly sequence: number;
}

/** Which logs are looked for, and how many of them are to be given. */
export interface Search extends Condition {
  readonly newestFirst: boolean;
  readonly limit: number;
  /** How many are passed over first. */
  readonly offset?: number;
  /** Only logs behind this place. */
  readonly after?: Place;
  /** Only logs kept up to this one: a search that goes on from page to page looks at what its first page saw. */
  readonly upToSequence?: number;
  /** Only logs of this stream. */
  readonly stream?: string;
  /** All pages will be asked for, from the oldest log on: a store may read ahead. */
  readonly isExport?: boolean;
  /** Of an export only the logs' text is wanted: their values and tags may be left out. */
  readonly textOnly?: boolean;
}

/** A part of the store that cannot be read. */
export interface Damage {
  readonly topicId: string;
  /** Names the file and what is wrong with it. */
  readonly words: string;
}

/** What was found. */
export interface Found {
  readonly logs: readonly KeptLog[];
  /** No log that was looked for is left out. */
  readonly isAll: boolean;
  /** The last log kept when this was answered. */
  readonly upToSequence: number;
  readonly damage: readonly Damage[];
}

/** Which logs are followed as they arrive, whatever their times. */
export interface Arrivals extends Pick<Condition, "query" | "syntax" | "topics"> {
  /** Only logs that were kept after this one. */
  readonly afterSequence: number;
  readonly limit: number;
}

/** Counts by stretches of time. */
export interface Counts {
  /** By the moment at which each stretch begins; those without logs are left out. */
  readonly byBegin: ReadonlyMap<number, number>;
  readonly damage: readonly Damage[];
}

/** The answer of the SQL part of a query. */
export interface Analysis {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly damage: readonly Damage[];
}

/** What a topic holds and has taken in. */
export interface Usage {
  readonly logs: number;
  /** Bytes of the logs' text: of those kept now, and of all that were ever written. */
  readonly storedBytes: number;
  readonly ingestedBytes: number;
  /** Bytes of the files that hold them, without what is still in the hot table. */
  readonly segmentBytes: number;
}

/** The store cannot do what it was asked: the disk is full, a file is damaged, memory ran out. */
export class StoreFailure extends Error {
  override readonly name: string = "StoreFailure";
}

/** The disk takes no more logs. */
export class StoreFull extends StoreFailure {
  override readonly name = "StoreFull";
}

/** The store is not in this process, and does not answer. */
export class StoreUnreachable extends StoreFailure {}

/** The SQL part of a query asks for what cannot be: a sum of texts, a column that is not grouped by. */
export class QueryFailure extends Error {
  override readonly name = "QueryFailure";
}

/** A read took longer than it may. */
export class SearchTooSlow extends Error {
  override readonly name = "SearchTooSlow";
}

/** Keeps logs and finds them. */
export interface LogStore {
  /** Where the logs are, as a person reads it: nothing secret stands in it. */
  readonly place: string;
  /**
   * Keeps records; resolves when they are durable. A batch whose id the topic has seen is not kept again.
   * `rule`: the index that governs them, undefined where they will not be searched.
   */
  writeRecords(topicId: string, rule: IndexRule | undefined, batch: RecordBatch): Promise<void>;
  writeLogs(topicId: string, rule: IndexRule | undefined, logs: readonly Log[]): Promise<void>;
  /** Reads an upload and keeps its logs, and says how many they are: where the store works, for reading takes its time. */
  writeUpload(topicId: string, rule: IndexRule | undefined, upload: Upload): Promise<number>;
  search(search: Search): Promise<Found>;
  /**
   * The next logs in the order in which they were kept. `upToSequence`: every wanted log up to this one has been given,
   * now or before; the next question goes on from there, and none is then given twice or left out.
   */
  arrivals(wanted: Arrivals): Promise<Found>;
  /** The keys that the values of the wanted logs have, as columns of a table. */
  keys(condition: Condition, upToSequence: number): Promise<readonly string[]>;
  count(condition: Condition, intervalMs: number): Promise<Counts>;
  /** Answers the SQL part of a query; a sampling rate below 1 looks at that share of the logs only. */
  analyse(condition: Condition, select: Select, samplingRate: number): Promise<Analysis>;
  /** The log with this text in a log stream of any topic. */
  findLine(stream: string, timeMs: number, text: string): Promise<KeptLog | undefined>;
  usage(topicId: string): Promise<Usage>;
  countStreams(topicId: string): Promise<number>;
  /** Makes ready to be asked what holds logs already; rejects when that cannot be read. */
  open(): Promise<void>;
  /** Parts that cannot be read, as far as reads have met them. */
  damage(): readonly Damage[];
  deleteTopic(topicId: string): Promise<void>;
  /** Deletes the logs of all topics but these: those of topics that went while the store was not told. */
  keepOnly(topicIds: ReadonlySet<string>): Promise<void>;
  /**
   * Does what is due at that moment, and says when there will be more to do. `keptFromMs`, by topic: the moment before
   * which logs have outlived its retention; those of a topic that is not named stay.
   */
  tend(nowMs: number, keptFromMs: ReadonlyMap<string, number>): Promise<number | undefined>;
  /**
   * Begins a copy of everything that the store holds now, for {@link LogStore.takeUp}; resolves when it is settled what
   * is in it, so that writes may go on. One copy at a time; {@link LogStore.finishCopy} ends it.
   */
  beginCopy(folder: string): Promise<void>;
  /** Resolves when the copy that was begun is in its folder. */
  finishCopy(): Promise<void>;
  /** Takes up a copy, of which files are moved away, and gives its last log's sequence; only while the store holds nothing. */
  takeUp(folder: string): Promise<number>;
  close(): Promise<void>;
}
