// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

/** The arguments of a {@link Topic}. */
export interface TopicArgs {
  /** The logset it belongs to. A change replaces. */
  logsetId: pulumi.Input<string>;
  /** What the topic is called; its own in the logset. A change replaces. */
  topicName?: pulumi.Input<string> | undefined;
  /** An id of your own choice: 3 to 40 of a-z, 0-9 and -, then - and the APPID. A change replaces. */
  topicId?: pulumi.Input<string> | undefined;
  /** Days that records are kept: 1 to 3600 in hot storage, 7 to 3600 in cold, 3640 for ever. */
  period?: pulumi.Input<number> | undefined;
  /** hot or cold. Default: "hot". */
  storageType?: pulumi.Input<"hot" | "cold"> | undefined;
  /** Days in hot storage before records sink to cold; 0 for all of them. Default: 0. */
  hotPeriod?: pulumi.Input<number> | undefined;
  /** Partitions at the start. Default: 1. */
  partitionCount?: pulumi.Input<number> | undefined;
  /** Whether partitions split under load. Default: true. */
  autoSplit?: pulumi.Input<boolean> | undefined;
  /** Most partitions after splitting. Default: 50. */
  maxSplitPartitions?: pulumi.Input<number> | undefined;
  /** What the topic is for. */
  describes?: pulumi.Input<string> | undefined;
  /** 0 for logs, 1 for metrics. A change replaces. Default: 0. */
  bizType?: pulumi.Input<number> | undefined;
  /** 1 to encrypt at rest. A change replaces. Default: 0. */
  encryption?: pulumi.Input<number> | undefined;
  /** Up to 8 tags by key (the provider adds two of its own to the ten the cloud allows). */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Lets the topic go (deleted or replaced) although it holds records; must be in the state before that. Default:
   * false.
   */
  forceDestroy?: pulumi.Input<boolean> | undefined;
}

/** Where records are kept and searched; each ENI's records are one log stream in it. */
export class Topic extends FlowLogsResource {
  /** The logset it belongs to. */
  declare readonly logsetId: pulumi.Output<string>;
  /** What the topic is called; its own in the logset. */
  declare readonly topicName: pulumi.Output<string>;
  /** An id of your own choice: 3 to 40 of a-z, 0-9 and -, then - and the APPID. */
  declare readonly topicId: pulumi.Output<string>;
  /** Days that records are kept: 1 to 3600 in hot storage, 7 to 3600 in cold, 3640 for ever. */
  declare readonly period: pulumi.Output<number>;
  /** hot or cold. */
  declare readonly storageType: pulumi.Output<"hot" | "cold" | undefined>;
  /** Days in hot storage before records sink to cold; 0 for all of them. */
  declare readonly hotPeriod: pulumi.Output<number | undefined>;
  /** Partitions at the start. */
  declare readonly partitionCount: pulumi.Output<number | undefined>;
  /** Whether partitions split under load. */
  declare readonly autoSplit: pulumi.Output<boolean | undefined>;
  /** Most partitions after splitting. */
  declare readonly maxSplitPartitions: pulumi.Output<number | undefined>;
  /** What the topic is for. */
  declare readonly describes: pulumi.Output<string | undefined>;
  /** 0 for logs, 1 for metrics. */
  declare readonly bizType: pulumi.Output<number | undefined>;
  /** 1 to encrypt at rest. */
  declare readonly encryption: pulumi.Output<number | undefined>;
  /** Up to 8 tags by key (the provider adds two of its own to the ten the cloud allows). */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** Lets the topic go (deleted or replaced) although it holds records; must be in the state before that. */
  declare readonly forceDestroy: pulumi.Output<boolean | undefined>;
  /** When it was made, as the API spells it. */
  declare readonly createTime: pulumi.Output<string>;

  constructor(name: string, args: TopicArgs, opts?: pulumi.CustomResourceOptions) {
    super("Topic", name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Topic {
    return new Topic(name, {} as TopicArgs, { ...opts, id });
  }
}
