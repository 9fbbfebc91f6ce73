/** Where the parts of a query look: in a log's whole text, or in one key's value as its index says. */
import type { IndexRule } from "../log-store.ts";
import { type PhraseNode, type Piece, type Query, QuerySyntaxError, type WordNode } from "./ast.ts";

/** A key that an index offers. */
export interface Field {
  /** Where the value stands: among the log's values, among its tags, or beside both. */
  readonly place: "value" | "tag" | "internal";
  readonly name: string;
  readonly type: "long" | "double" | "text" | "json";
  readonly tokenizer: string;
  readonly caseSensitive: boolean;
}

const tagPrefix = "__TAG__.";

/** Keys that every log has beside its values; they can be searched without being named in the index. */
const internalKeys: ReadonlySet<string> = new Set(["__SOURCE__", "__FILENAME__"]);

/** The key as the index offers it; undefined where it does not. */
export function fieldOf(key: string, rule: IndexRule): Field | undefined {
  if (internalKeys.has(key)) return { place: "internal", name: key, type: "text", tokenizer: "", caseSensitive: true };
  const isTag = key.startsWith(tagPrefix);
  const name = isTag ? key.slice(tagPrefix.length) : key;
  const rules = isTag ? rule.tag : rule.keyValue;
  const found = rules?.keys.find((each) => each.key === name);
  if (rules === undefined || found === undefined) return undefined;
  const { type, tokenizer } = found;
  return { place: isTag ? "tag" : "value", name, type, tokenizer, caseSensitive: rules.caseSensitive };
}

/** Whether a key's values are numbers. */
export function isNumeric({ type }: Field): boolean {
  return type === "long" || type === "double";
}

/** The number that a text is; undefined for every other text. */
export function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** The text of a word without wildcards. */
export function plainText(pieces: readonly Piece[]): string | undefined {
  return pieces.length === 1 && typeof pieces[0] === "string" ? pieces[0] : undefined;
}

/**
 * Refuses what an index cannot find, with a {@link QuerySyntaxError} at its place: words without a full-text index,
 * keys that are not indexed, text where numbers are kept.
 */
export function checkQuery(query: Query, rule: IndexRule): void {
  switch (query.kind) {
    case "all":
      return;
    case "and":
    case "or":
      for (const part of query.parts) checkQuery(part, rule);
      return;
    case "not":
      return checkQuery(query.part, rule);
    case "range": {
      const field = indexed(query.key, query.at, rule);
      if (!isNumeric(field)) {
        throw new QuerySyntaxError(`${query.key} is indexed as ${field.type}: only long and double compare`, query.at);
      }
      return;
    }
    case "exists":
    case "empty":
      indexed(query.key, query.at, rule);
      return;
    case "word":
    case "phrase":
      return checkWords(query, rule);
  }
}

function checkWords(query: WordNode | PhraseNode, rule: IndexRule): void {
  if (query.key === undefined) {
    if (rule.fullText !== undefined) return;
    throw new QuerySyntaxError("the topic has no full-text index: search a key, or create one", query.at);
  }
  const field = indexed(query.key, query.at, rule);
  if (isNumeric(field) && numberIn(plainText(query.pieces)) === undefined) {
    throw new QuerySyntaxError(`${query.key} is indexed as ${field.type}: its value must be a number`, query.at);
  }
}

function indexed(key: string, at: number, rule: IndexRule): Field {
  const field = fieldOf(key, rule);
  if (field === undefined) {
    throw new QuerySyntaxError(`there is no key-value index on ${key}: create one to search it`, at);
  }
  return field;
}
