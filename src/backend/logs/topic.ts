/** Logsets, topics and indexes: where lines are kept, for how long, and what of them can be searched. */
import type { Tags } from "../vpc/network.ts";

/** A group of topics. */
export interface Logset {
  readonly id: string;
  readonly name: string;
  readonly tags: Tags;
  readonly createdMs: number;
}

/** Where lines are kept and searched; each ENI's lines are one log stream in it. */
export interface Topic {
  readonly id: string;
  readonly logsetId: string;
  readonly name: string;
  readonly partitionCount: number;
  readonly autoSplit: boolean;
  readonly maxSplitPartitions: number;
  readonly storageType: "hot" | "cold";
  /** Retention in days; 3640 is for ever. */
  readonly periodDays: number;
  readonly hotPeriodDays: number;
  readonly description: string;
  readonly bizType: number;
  readonly encryption: number;
  readonly webTracking: boolean;
  readonly collecting: boolean;
  readonly tags: Tags;
  readonly createdMs: number;
}

/** `Period`'s number of days for a retention that never ends. */
const foreverDays = 3640;

/** How long a topic keeps its logs, in milliseconds. */
export function keepsFor({ periodDays }: Topic): number {
  return periodDays === foreverDays ? Number.POSITIVE_INFINITY : periodDays * 86_400_000;
}

/** How one key's values are indexed. */
export interface IndexedKey {
  readonly key: string;
  readonly type: "long" | "text" | "double" | "json";
  readonly tokenizer: string;
  readonly sql: boolean;
}

/** What of a topic's lines can be searched: words anywhere, and values under their key. */
export interface Index {
  readonly topicId: string;
  readonly enabled: boolean;
  readonly fullText: { readonly caseSensitive: boolean; readonly tokenizer: string } | undefined;
  readonly keyValue: { readonly caseSensitive: boolean; readonly keys: readonly IndexedKey[] } | undefined;
  readonly tag: { readonly caseSensitive: boolean; readonly keys: readonly IndexedKey[] } | undefined;
  /** The rule as it was given, so that it is described back unchanged. */
  readonly rule: unknown;
  readonly includeInternalFields: boolean;
  readonly metadataFlag: number;
  readonly coverageField: string;
  readonly modifiedMs: number;
}
