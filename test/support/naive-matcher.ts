/** Holds one log against a search condition: the plain meaning of a query, token by token. What the store finds is held against it. */
import type { IndexRule } from "../../src/backend/logs/log-store.ts";
import type { IndexedKey } from "../../src/backend/logs/topic.ts";
import { type PhraseNode, type Piece, type Query, QuerySyntaxError, type RangeNode, type Syntax, type WordNode } from "../../src/backend/logs/query/ast.ts";

/** What a query can look at in a log. */
export interface Searchable {
  /** The log as one text: what words without a key are looked for in. */
  readonly text: string;
  readonly values: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly source?: string;
  readonly stream?: string;
}

/** A query made ready for one index. */
export type Matcher = (log: Searchable) => boolean;

/** The same for an index that stood when the logs were written: what it did not offer is not found, and nothing is refused. */
export function pastMatcher(query: Query, index: IndexRule, syntax: Syntax): Matcher {
  switch (query.kind) {
    case "and": {
      const parts = query.parts.map((part) => pastMatcher(part, index, syntax));
      return (log) => parts.every((part) => part(log));
    }
    case "or": {
      const parts = query.parts.map((part) => pastMatcher(part, index, syntax));
      return (log) => parts.some((part) => part(log));
    }
    case "not": {
      const part = pastMatcher(query.part, index, syntax);
      return (log) => !part(log);
    }
    default:
      try {
        return matcher(query, index, syntax);
      } catch (error) {
        if (error instanceof QuerySyntaxError) return () => false;
        throw error;
      }
  }
}

/**
 * Prepares a query against an index; throws a {@link QuerySyntaxError} where it asks for what the index cannot find:
 * words without a full-text index, or keys that are not indexed.
 */
export function matcher(query: Query, index: IndexRule, syntax: Syntax): Matcher {
  switch (query.kind) {
    case "all":
      return () => true;
    case "and": {
      const parts = query.parts.map((part) => matcher(part, index, syntax));
      return (log) => parts.every((part) => part(log));
    }
    case "or": {
      const parts = query.parts.map((part) => matcher(part, index, syntax));
      return (log) => parts.some((part) => part(log));
    }
    case "not": {
      const part = matcher(query.part, index, syntax);
      return (log) => !part(log);
    }
    case "range":
      return rangeMatcher(query, index);
    case "exists":
    case "empty":
      return presenceMatcher(query.kind, fieldOf(query.key, query.at, index));
    case "word":
    case "phrase":
      return wordsMatcher(query, index, syntax);
  }
}

/** Where a condition looks: one key's value, or the whole text. */
interface Field {
  readonly rule: IndexedKey | undefined;
  readonly tokenizer: string;
  readonly caseSensitive: boolean;
  readonly read: (log: Searchable) => string | undefined;
}

const tagPrefix = "__TAG__.";

function fieldOf(key: string, at: number, index: IndexRule): Field {
  const beside = { __SOURCE__: "source", __FILENAME__: "stream" } as const;
  if (Object.hasOwn(beside, key)) {
    const read = (log: Searchable) => log[beside[key as keyof typeof beside]];
    return { rule: undefined, tokenizer: "", caseSensitive: true, read };
  }
  const isTag = key.startsWith(tagPrefix);
  const name = isTag ? key.slice(tagPrefix.length) : key;
  const rules = isTag ? index.tag : index.keyValue;
  const rule = rules?.keys.find((each) => each.key === name);
  if (rules === undefined || rule === undefined) {
    throw new QuerySyntaxError(`there is no key-value index on ${key}: create one to search it`, at);
  }
  const read = (log: Searchable) => (isTag ? log.tags : log.values).get(name);
  return { rule, tokenizer: rule.tokenizer, caseSensitive: rules.caseSensitive, read };
}

function fullText(at: number, index: IndexRule): Field {
  if (index.fullText === undefined) {
    throw new QuerySyntaxError("the topic has no full-text index: search a key, or create one", at);
  }
  return { rule: undefined, ...index.fullText, read: (log) => log.text };
}

function isNumeric(field: Field): boolean {
  return field.rule?.type === "long" || field.rule?.type === "double";
}

function rangeMatcher(query: RangeNode, index: IndexRule): Matcher {
  const field = fieldOf(query.key, query.at, index);
  if (!isNumeric(field)) {
    throw new QuerySyntaxError(`${query.key} is indexed as ${field.rule?.type}: only long and double compare`, query.at);
  }
  const { above, below } = query;
  return (log) => {
    const number = numberIn(field.read(log));
    if (number === undefined) return false;
    const isAbove = above === undefined || number > above.value || (above.inclusive && number === above.value);
    const isBelow = below === undefined || number < below.value || (below.inclusive && number === below.value);
    return isAbove && isBelow;
  };
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function presenceMatcher(kind: "exists" | "empty", field: Field): Matcher {
  if (isNumeric(field)) {
    const has = (log: Searchable) => numberIn(field.read(log)) !== undefined;
    return kind === "exists" ? has : (log) => !has(log);
  }
  return (log) => (kind === "exists" ? field.read(log) !== undefined : field.read(log) === "");
}

function wordsMatcher(query: WordNode | PhraseNode, index: IndexRule, syntax: Syntax): Matcher {
  const field = query.key === undefined ? fullText(query.at, index) : fieldOf(query.key, query.at, index);
  if (isNumeric(field)) return numberMatcher(query, field);
  const wanted = tokenPatterns(query.pieces, field);
  if (wanted.length === 0) return () => false;
  const tokensOf = (log: Searchable) => tokens(field.read(log) ?? "", field.tokenizer);
  if (query.kind === "phrase") return (log) => hasRun(tokensOf(log), wanted);
  // A word that the tokenizer splits: CQL wants all its parts, Lucene any.
  const joined = syntax === "cql" ? ("every" as const) : ("some" as const);
  return (log) => {
    const found = tokensOf(log);
    return wanted[joined]((pattern) => found.some((token) => pattern.test(token)));
  };
}

function numberMatcher(query: WordNode | PhraseNode, field: Field): Matcher {
  const text = query.pieces.length === 1 && typeof query.pieces[0] === "string" ? query.pieces[0] : undefined;
  const wanted = numberIn(text);
  if (wanted === undefined) {
    throw new QuerySyntaxError(`${query.key} is indexed as ${field.rule?.type}: its value must be a number`, query.at);
  }
  return (log) => numberIn(field.read(log)) === wanted;
}

/** The words of a text: what stands between the tokenizer's characters. */
function tokens(text: string, tokenizer: string): string[] {
  const words: string[] = [];
  let word = "";
  for (const char of text) {
    if (!tokenizer.includes(char)) word += char;
    else if (word !== "") {
      words.push(word);
      word = "";
    }
  }
  if (word !== "") words.push(word);
  return words;
}

/** A pattern for each token of the query's own text, which the tokenizer splits as it splits the logs. */
function tokenPatterns(pieces: readonly Piece[], field: Field): RegExp[] {
  const sources: string[] = [];
  let source = "";
  const finish = () => {
    if (source !== "") sources.push(source);
    source = "";
  };
  for (const piece of pieces) {
    if (typeof piece !== "string") source += piece.wildcard === "many" ? ".*" : ".";
    else {
      for (const char of piece) {
        if (field.tokenizer.includes(char)) finish();
        else source += char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
      }
    }
  }
  finish();
  return sources.map((each) => new RegExp(`^${each}$`, field.caseSensitive ? "su" : "sui"));
}

function hasRun(found: readonly string[], wanted: readonly RegExp[]): boolean {
  for (let start = 0; start + wanted.length <= found.length; start++) {
    if (wanted.every((pattern, offset) => pattern.test(found[start + offset]!))) return true;
  }
  return false;
}
