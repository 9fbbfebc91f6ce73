/** A search condition as a tree: what both query syntaxes are read into, and what every store is asked with. */

/** A piece of a word: text, or a wildcard for any number of characters or for exactly one. */
export type Piece = string | { readonly wildcard: "many" | "one" };

/** Where a part of the query stands in its text, from 0, for error messages. */
export interface Placed {
  readonly at: number;
}

/** A word to be found as a whole token; with a key, in that key's value only. */
export interface WordNode extends Placed {
  readonly kind: "word";
  readonly key: string | undefined;
  readonly pieces: readonly Piece[];
}

/** Words to be found one after the other. */
export interface PhraseNode extends Placed {
  readonly kind: "phrase";
  readonly key: string | undefined;
  readonly pieces: readonly Piece[];
}

/** A number compared: either bound may be missing. */
export interface RangeNode extends Placed {
  readonly kind: "range";
  readonly key: string;
  readonly above: { readonly value: number; readonly inclusive: boolean } | undefined;
  readonly below: { readonly value: number; readonly inclusive: boolean } | undefined;
}

/** The key is there (`key:*`), or there and empty (`key:""`). */
export interface PresenceNode extends Placed {
  readonly kind: "exists" | "empty";
  readonly key: string;
}

/** A search condition. */
export type Query =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly parts: readonly Query[] }
  | { readonly kind: "not"; readonly part: Query }
  | WordNode
  | PhraseNode
  | RangeNode
  | PresenceNode;

/** The two query syntaxes of the log service. */
export type Syntax = "cql" | "lucene";

/** A query that cannot be read: what is wrong and where, from 0. */
export class QuerySyntaxError extends Error {
  override readonly name = "QuerySyntaxError";
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
