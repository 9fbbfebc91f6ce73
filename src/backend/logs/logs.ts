/**
 * The log service: logsets, topics and their indexes, and the logs in them.
 *
 * It keeps what is published to a topic and finds it again. It does not know where logs come from.
 */
import type { Clock } from "../clock.ts";
import type { Collection, Ledger } from "../ledger.ts";
import type { RecordBatch } from "../record-batch.ts";
import { type Analysis, type Arrivals, type Condition, type Counts, type Found, type KeptLog, type Log, type LogStore, type Search, StoreFailure, type Usage } from "./log-store.ts";
import { checkQuery } from "./query/fields.ts";
import type { Select } from "./sql/ast.ts";
import { Tending } from "./tending.ts";
import { type Index, keepsFor, type Logset, type Topic } from "./topic.ts";
import type { Upload } from "./upload/upload.ts";

/** A condition on topics by their ids; each must have an index. */
export type OnTopics<C extends Pick<Condition, "query" | "topics">> = Omit<C, "topics"> & { readonly topicIds: readonly string[] };

/**
 * Which logs these are: others after a reset, or after a snapshot was loaded. Whoever follows the logs of another
 * lineage goes on behind `fromSequence`.
 */
export interface Lineage {
  readonly id: string;
  readonly fromSequence: number;
}

/** Most searches of one topic at a time. Source: SearchLog's limits. */
const maxSearchesOfTopic = 15;

/** More searches of a topic at a time than there may be. */
export class TooManySearches extends Error {
  override readonly name = "TooManySearches";
}

/** The logsets, topics, indexes and logs of the account. */
export class Logs {
  readonly logsets: Collection<Logset>;
  readonly topics: Collection<Topic>;
  readonly indexes: Collection<Index>;
  readonly store: LogStore;
  private readonly lineages: Collection<Lineage>;
  private readonly dropped: Collection<{ readonly logs: number }>;
  private readonly clock: Clock;
  private readonly tending: Tending;
  /** Searches that are running, by topic. */
  private readonly running = new Map<string, number>();

  constructor(ledger: Ledger, store: LogStore, clock: Clock) {
    this.logsets = ledger.collection("logset");
    this.topics = ledger.collection("topic");
    this.indexes = ledger.collection("index");
    this.lineages = ledger.collection("lineage");
    this.dropped = ledger.collection("dropped");
    this.store = store;
    this.clock = clock;
    this.tending = new Tending(clock, () => this.tend());
  }

  /** Logs that came for a topic that was gone by then: dropped, for a deleted topic never comes back. */
  get droppedLogs(): number {
    return this.dropped.get("all")?.logs ?? 0;
  }

  topicsOf(logsetId: string): Topic[] {
    return [...this.topics.values()].filter((topic) => topic.logsetId === logsetId);
  }

  /** Keeps records in a topic; an index decides about what is written after it. */
  async writeRecords(topicId: string, batch: RecordBatch): Promise<void> {
    if (!this.topics.has(topicId)) {
      this.dropped.put("all", { logs: this.droppedLogs + batch.count });
      return;
    }
    await this.store.writeRecords(topicId, this.ruleOf(topicId), batch);
    this.tending.expectMore();
  }

  /** Keeps logs of keys and values in a topic. */
  async writeLogs(topicId: string, logs: readonly Log[]): Promise<void> {
    await this.store.writeLogs(topicId, this.ruleOf(topicId), logs);
    this.tending.expectMore();
  }

  /** Keeps the logs of an upload in a topic, and says how many they are. */
  async writeUpload(topicId: string, upload: Upload): Promise<number> {
    const kept = await this.store.writeUpload(topicId, this.ruleOf(topicId), upload);
    this.tending.expectMore();
    return kept;
  }

  private ruleOf(topicId: string): Index | undefined {
    const index = this.indexes.get(topicId);
    return index?.enabled === true ? index : undefined;
  }

  /** Searches topics; throws a QuerySyntaxError where an index cannot serve the query. */
  async search(search: OnTopics<Search>): Promise<Found> {
    const onTopics: Search = this.onTopics(search);
    return this.asking(search.topicIds, () => this.store.search(onTopics));
  }

  /** The lineage of the logs; made by `id` where nobody has asked before. */
  lineage(id: () => string): Lineage {
    const known = this.lineages.get("now");
    if (known !== undefined) return known;
    this.beginLineage({ id: id(), fromSequence: 0 });
    return this.lineages.get("now")!;
  }

  beginLineage(lineage: Lineage): void {
    this.lineages.put("now", lineage);
  }

  /** The next logs of topics in the order in which they were kept. */
  async arrivals(wanted: OnTopics<Arrivals>): Promise<Found> {
    const onTopics: Arrivals = this.onTopics(wanted);
    return this.asking(wanted.topicIds, () => this.store.arrivals(onTopics));
  }

  /** The keys that the values of logs have, of those kept up to one. */
  async keys(condition: OnTopics<Condition>, upToSequence: number): Promise<readonly string[]> {
    const onTopics: Condition = this.onTopics(condition);
    return this.asking(condition.topicIds, () => this.store.keys(onTopics, upToSequence));
  }

  /** Counts logs by stretches of time. */
  async count(condition: OnTopics<Condition>, intervalMs: number): Promise<Counts> {
    const onTopics: Condition = this.onTopics(condition);
    return this.asking(condition.topicIds, () => this.store.count(onTopics, intervalMs));
  }

  /** Answers the SQL part of a query over the logs that its condition finds. */
  async analyse(condition: OnTopics<Condition>, select: Select, samplingRate: number): Promise<Analysis> {
    const onTopics: Condition = this.onTopics(condition);
    return this.asking(condition.topicIds, () => this.store.analyse(onTopics, select, samplingRate));
  }

  /** Runs a search while there are not too many of its topics. */
  private async asking<R>(topicIds: readonly string[], work: () => Promise<R>): Promise<R> {
    const busy = topicIds.find((id) => (this.running.get(id) ?? 0) >= maxSearchesOfTopic);
    if (busy !== undefined) throw new TooManySearches(`TopicId: ${JSON.stringify(busy)} has ${maxSearchesOfTopic} searches running: wait for one to end`);
    const count = (change: number) => {
      for (const id of topicIds) this.running.set(id, (this.running.get(id) ?? 0) + change);
    };
    count(1);
    try {
      return await work();
    } finally {
      count(-1);
    }
  }

  private onTopics<C extends Pick<Condition, "query" | "topics">>({ topicIds, ...condition }: OnTopics<C>): C {
    const topics = topicIds.map((id) => ({ id, index: this.indexes.get(id)!, keptFromMs: this.keptFromMs(id) }));
    for (const { index } of topics) checkQuery(condition.query, index);
    return { ...condition, topics } as unknown as C;
  }

  /** The moment before which a topic's logs have outlived its retention. */
  private keptFromMs(topicId: string): number {
    const topic = this.topics.get(topicId);
    return topic === undefined ? Number.NEGATIVE_INFINITY : this.clock.nowMs() - keepsFor(topic);
  }

  private async tend(): Promise<number | undefined> {
    await this.store.keepOnly(new Set([...this.topics.values()].map(({ id }) => id)));
    return this.store.tend(this.clock.nowMs(), new Map([...this.topics.values()].map(({ id }) => [id, this.keptFromMs(id)])));
  }

  /** The log with this text in a log stream of any topic. */
  findLine(stream: string, timeMs: number, text: string): Promise<KeptLog | undefined> {
    return this.store.findLine(stream, timeMs, text);
  }

  /** What of the logs cannot be read, in words. */
  async damage(): Promise<string[]> {
    try {
      await this.store.open();
      return this.store.damage().map(({ words }) => words);
    } catch (error) {
      if (error instanceof StoreFailure) return [error.message];
      throw error;
    }
  }

  usage(topicId: string): Promise<Usage> {
    return this.store.usage(topicId);
  }

  countStreams(topicId: string): Promise<number> {
    return this.store.countStreams(topicId);
  }

  /** Deletes a topic with its index, and then its logs. */
  async deleteTopic(topicId: string): Promise<void> {
    this.topics.delete(topicId);
    this.indexes.delete(topicId);
    await this.store.deleteTopic(topicId);
  }

  /** Takes back all appointments and closes the store. */
  async close(): Promise<void> {
    this.tending.stop();
    await this.store.close();
  }
}
