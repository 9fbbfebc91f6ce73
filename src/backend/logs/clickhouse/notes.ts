/** What has arrived in a store, by topic, kind and hour, in memory as the server's notes have it: this process is the only writer. */
import type { Arrival } from "../arrival.ts";
import type { IndexRule, Usage } from "../log-store.ts";
import type { SpreadTable } from "./schema.ts";

/** The tables of logs, in the order in which the notes number them. */
export const kinds = ["record", "log"] as const satisfies readonly SpreadTable[];

/** What a topic holds of one kind. */
export interface Holding {
  readonly kind: SpreadTable;
  /** The hours that hold logs, in order. */
  readonly hours: readonly number[];
  readonly hasIpv6: boolean;
}

interface TopicNotes {
  readonly hours: Record<SpreadTable, Map<number, Arrival>>;
  readonly rules: Map<string, IndexRule>;
  ingestedBytes: number;
  /** Logs of hours before this one are removed. */
  removedBefore: number;
}

/** The notes of all topics. */
export class Notes {
  private readonly topics = new Map<string, TopicNotes>();
  private readonly deletions = new Map<string, number>();

  clear(): void {
    this.topics.clear();
    this.deletions.clear();
  }

  private of(topicId: string): TopicNotes {
    let notes = this.topics.get(topicId);
    if (notes === undefined) {
      notes = { hours: { record: new Map(), log: new Map() }, rules: new Map(), ingestedBytes: 0, removedBefore: Number.NEGATIVE_INFINITY };
      this.topics.set(topicId, notes);
    }
    return notes;
  }

  topicIds(): string[] {
    return [...this.topics.keys()];
  }

  /** Counts what has arrived. */
  arrive(topicId: string, kind: SpreadTable, arrivals: readonly Arrival[]): void {
    const notes = this.of(topicId);
    for (const { hour, logs, textBytes, ipv6Logs } of arrivals) {
      notes.ingestedBytes += textBytes;
      const known = notes.hours[kind].get(hour) ?? { hour, logs: 0, textBytes: 0, ipv6Logs: 0 };
      known.logs += logs;
      known.textBytes += textBytes;
      known.ipv6Logs += ipv6Logs;
      notes.hours[kind].set(hour, known);
    }
  }

  /** Notes that the logs of hours before one are removed. */
  removeBefore(topicId: string, hour: number): void {
    const notes = this.of(topicId);
    notes.removedBefore = Math.max(notes.removedBefore, hour);
    for (const kind of kinds) for (const each of notes.hours[kind].keys()) if (each < notes.removedBefore) notes.hours[kind].delete(each);
  }

  /** A topic is deleted, with all that was noted of it. */
  drop(topicId: string): void {
    this.topics.delete(topicId);
    this.countDeletions(topicId, 1);
  }

  countDeletions(topicId: string, count: number): void {
    this.deletions.set(topicId, this.timesDeleted(topicId) + count);
  }

  timesDeleted(topicId: string): number {
    return this.deletions.get(topicId) ?? 0;
  }

  /** Logs of a kind in all topics. */
  logsOf(kind: SpreadTable, topicIds: readonly string[] = this.topicIds()): number {
    return topicIds.flatMap((id) => [...(this.topics.get(id)?.hours[kind].values() ?? [])]).reduce((sum, { logs }) => sum + logs, 0);
  }

  rules(topicId: string): ReadonlyMap<string, IndexRule> {
    return this.topics.get(topicId)?.rules ?? new Map<string, IndexRule>();
  }

  addRule(topicId: string, id: string, rule: IndexRule): void {
    this.of(topicId).rules.set(id, rule);
  }

  /** What topics hold together, by kind; kinds of which there is nothing are left out. */
  holdings(topicIds: readonly string[]): Holding[] {
    return kinds.flatMap((kind) => {
      const arrivals = topicIds.flatMap((id) => [...(this.topics.get(id)?.hours[kind].values() ?? [])]);
      if (arrivals.length === 0) return [];
      const hours = [...new Set(arrivals.map(({ hour }) => hour))].toSorted((a, b) => a - b);
      return [{ kind, hours, hasIpv6: arrivals.some(({ ipv6Logs }) => ipv6Logs > 0) }];
    });
  }

  /** The hours of a topic that hold logs. */
  hours(topicId: string): number[] {
    return this.holdings([topicId]).flatMap(({ hours }) => hours);
  }

  usage(topicId: string): Omit<Usage, "segmentBytes"> {
    const notes = this.topics.get(topicId);
    const usage = { logs: 0, storedBytes: 0, ingestedBytes: notes?.ingestedBytes ?? 0 };
    for (const kind of kinds) {
      for (const { logs, textBytes } of notes?.hours[kind].values() ?? []) {
        usage.logs += logs;
        usage.storedBytes += textBytes;
      }
    }
    return usage;
  }
}
