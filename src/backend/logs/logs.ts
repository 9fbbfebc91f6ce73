/**
 * The log service: logsets, topics and their indexes, and the logs in them.
 *
 * It keeps what is published to a topic and finds it again. It does not know where logs come from.
 */
import type { Collection, Ledger } from "../ledger.ts";
import type { Query, Syntax } from "./query/ast.ts";
import { matcher, type Searchable } from "./query/match.ts";
import type { KeptLog, Log, RecordStore } from "./record-store.ts";
import type { Index, Logset, Topic } from "./topic.ts";

/** Which logs are meant. */
export interface Condition {
  readonly query: Query;
  readonly syntax: Syntax;
  readonly topicIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** What to look for, and how much of it to give. */
export interface Search extends Condition {
  readonly newestFirst: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** What was found, and whether that is all. */
export interface Found {
  readonly logs: readonly KeptLog[];
  readonly isAll: boolean;
}

/** The logsets, topics, indexes and logs of the account. */
export class Logs {
  readonly logsets: Collection<Logset>;
  readonly topics: Collection<Topic>;
  readonly indexes: Collection<Index>;
  /** Logs that came for a topic that was gone by then: dropped, for a deleted topic never comes back. */
  droppedLogs = 0;
  private readonly store: RecordStore;

  constructor(ledger: Ledger, store: RecordStore) {
    this.logsets = ledger.collection("logset");
    this.topics = ledger.collection("topic");
    this.indexes = ledger.collection("index");
    this.store = store;
  }

  topicsOf(logsetId: string): Topic[] {
    return [...this.topics.values()].filter((topic) => topic.logsetId === logsetId);
  }

  /** Keeps logs in a topic; an index decides about what is written after it. */
  write(topicId: string, logs: readonly Log[]): void {
    if (!this.topics.has(topicId)) {
      this.droppedLogs += logs.length;
      return;
    }
    this.store.append(topicId, logs, this.indexes.get(topicId)?.enabled === true);
  }

  /** Searches topics that each have an index; throws a QuerySyntaxError where an index cannot serve the query. */
  search(search: Search): Found {
    const found: KeptLog[] = [];
    let toSkip = search.offset;
    for (const log of this.matching(search, search.newestFirst)) {
      if (toSkip-- > 0) continue;
      if (found.length === search.limit) return { logs: found, isAll: false };
      found.push(log);
    }
    return { logs: found, isAll: true };
  }

  /** How many logs fall into each stretch of time, by the moment at which it begins; empty ones are left out. */
  histogram(condition: Condition, intervalMs: number): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const { timeMs } of this.matching(condition, false)) {
      const begin = Math.floor(timeMs / intervalMs) * intervalMs;
      counts.set(begin, (counts.get(begin) ?? 0) + 1);
    }
    return counts;
  }

  private *matching(condition: Condition, newestFirst: boolean): Generator<KeptLog> {
    const matchers = new Map(
      condition.topicIds.map((id) => [id, matcher(condition.query, this.indexes.get(id)!, condition.syntax)]),
    );
    for (const log of this.store.read({ ...condition, newestFirst })) {
      if (matchers.get(log.topicId)!(searchable(log))) yield log;
    }
  }

  /** The log with this text in a log stream of any topic. */
  findLine(stream: string, text: string): KeptLog | undefined {
    return this.store.findLine(stream, text);
  }

  countLogs(topicId: string): number {
    return this.store.count(topicId);
  }

  countStreams(topicId: string): number {
    return this.store.countStreams(topicId);
  }

  /** Deletes a topic with its index and its logs. */
  deleteTopic(topicId: string): void {
    this.topics.delete(topicId);
    this.indexes.delete(topicId);
    this.store.deleteTopic(topicId);
  }
}

function searchable(log: KeptLog): Searchable {
  return { text: log.text, values: new Map(log.values), tags: new Map(log.tags) };
}
