// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

export interface IndexRuleFullTextArgs {
  caseSensitive: pulumi.Input<boolean>;
  tokenizer: pulumi.Input<string>;
  containZH?: pulumi.Input<boolean>;
}

export interface IndexRuleKeyValueKeyValuesValueArgs {
  type: pulumi.Input<"long" | "text" | "double" | "json">;
  tokenizer?: pulumi.Input<string>;
  sqlFlag?: pulumi.Input<boolean>;
  containZH?: pulumi.Input<boolean>;
  alias?: pulumi.Input<string>;
  openIndexForChildOnly?: pulumi.Input<boolean>;
}

export interface IndexRuleKeyValueKeyValuesArgs {
  key: pulumi.Input<string>;
  value: pulumi.Input<IndexRuleKeyValueKeyValuesValueArgs>;
}

export interface IndexRuleKeyValueArgs {
  caseSensitive: pulumi.Input<boolean>;
  keyValues?: pulumi.Input<pulumi.Input<IndexRuleKeyValueKeyValuesArgs>[]>;
}

export interface IndexRuleTagKeyValuesValueArgs {
  type: pulumi.Input<"long" | "text" | "double" | "json">;
  tokenizer?: pulumi.Input<string>;
  sqlFlag?: pulumi.Input<boolean>;
  containZH?: pulumi.Input<boolean>;
  alias?: pulumi.Input<string>;
  openIndexForChildOnly?: pulumi.Input<boolean>;
}

export interface IndexRuleTagKeyValuesArgs {
  key: pulumi.Input<string>;
  value: pulumi.Input<IndexRuleTagKeyValuesValueArgs>;
}

export interface IndexRuleTagArgs {
  caseSensitive: pulumi.Input<boolean>;
  keyValues: pulumi.Input<pulumi.Input<IndexRuleTagKeyValuesArgs>[]>;
}

export interface IndexRuleDynamicIndexArgs {
  status?: pulumi.Input<boolean>;
}

export interface IndexRuleArgs {
  fullText?: pulumi.Input<IndexRuleFullTextArgs>;
  keyValue?: pulumi.Input<IndexRuleKeyValueArgs>;
  tag?: pulumi.Input<IndexRuleTagArgs>;
  dynamicIndex?: pulumi.Input<IndexRuleDynamicIndexArgs>;
}

export interface IndexRuleFullText {
  caseSensitive: boolean;
  tokenizer: string;
  containZH?: boolean;
}

export interface IndexRuleKeyValueKeyValuesValue {
  type: "long" | "text" | "double" | "json";
  tokenizer?: string;
  sqlFlag?: boolean;
  containZH?: boolean;
  alias?: string;
  openIndexForChildOnly?: boolean;
}

export interface IndexRuleKeyValueKeyValues {
  key: string;
  value: IndexRuleKeyValueKeyValuesValue;
}

export interface IndexRuleKeyValue {
  caseSensitive: boolean;
  keyValues?: IndexRuleKeyValueKeyValues[];
}

export interface IndexRuleTagKeyValuesValue {
  type: "long" | "text" | "double" | "json";
  tokenizer?: string;
  sqlFlag?: boolean;
  containZH?: boolean;
  alias?: string;
  openIndexForChildOnly?: boolean;
}

export interface IndexRuleTagKeyValues {
  key: string;
  value: IndexRuleTagKeyValuesValue;
}

export interface IndexRuleTag {
  caseSensitive: boolean;
  keyValues: IndexRuleTagKeyValues[];
}

export interface IndexRuleDynamicIndex {
  status?: boolean;
}

export interface IndexRule {
  fullText?: IndexRuleFullText;
  keyValue?: IndexRuleKeyValue;
  tag?: IndexRuleTag;
  dynamicIndex?: IndexRuleDynamicIndex;
}

/** The arguments of a {@link Index}. */
export interface IndexArgs {
  /** The topic; it has one index. A change replaces. */
  topicId: pulumi.Input<string>;
  /** What is indexed, and how. */
  rule: pulumi.Input<IndexRuleArgs>;
  /** Whether the index is switched on. Default: true. */
  status?: pulumi.Input<boolean> | undefined;
  /** Whether internal fields are in the full text. Default: false. */
  includeInternalFields?: pulumi.Input<boolean> | undefined;
  /** Which metadata are in the full text. Default: 0. */
  metadataFlag?: pulumi.Input<number> | undefined;
}

/**
 * What of a topic's records can be searched: words anywhere (fullText), and values under their key (keyValue).
 * Without one nothing is found. It is about what is written after it.
 */
export class Index extends FlowLogsResource {
  /** The topic; it has one index. */
  declare readonly topicId: pulumi.Output<string>;
  /** What is indexed, and how. */
  declare readonly rule: pulumi.Output<IndexRule>;
  /** Whether the index is switched on. */
  declare readonly status: pulumi.Output<boolean | undefined>;
  /** Whether internal fields are in the full text. */
  declare readonly includeInternalFields: pulumi.Output<boolean | undefined>;
  /** Which metadata are in the full text. */
  declare readonly metadataFlag: pulumi.Output<number | undefined>;

  constructor(name: string, args: IndexArgs, opts?: pulumi.CustomResourceOptions) {
    super("Index", name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Index {
    return new Index(name, {} as IndexArgs, { ...opts, id });
  }
}
