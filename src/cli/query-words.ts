/** A query told in words: how the backend reads it. */
import type { Piece, Query } from "../backend/logs/query/ast.ts";

/** The query as lines, each part of it indented below what joins it. */
export function queryWords(query: Query, depth = 0): string[] {
  const line = (words: string) => [`${"  ".repeat(depth)}${words}`];
  const below = (parts: readonly Query[]) => parts.flatMap((part) => queryWords(part, depth + 1));
  switch (query.kind) {
    case "all":
      return line("every log");
    case "and":
      return [...line("all of:"), ...below(query.parts)];
    case "or":
      return [...line("any of:"), ...below(query.parts)];
    case "not":
      return [...line("not:"), ...below([query.part])];
    case "word":
      return line(`the word ${text(query.pieces)}${inside(query.key)}`);
    case "phrase":
      return line(`the words ${text(query.pieces)}, one after the other${inside(query.key)}`);
    case "range": {
      const bounds = [
        query.above && `${query.above.inclusive ? "at least" : "above"} ${query.above.value}`,
        query.below && `${query.below.inclusive ? "at most" : "below"} ${query.below.value}`,
      ].filter((each) => each !== undefined);
      return line(`${query.key} is ${bounds.join(" and ") || "any number"}`);
    }
    case "exists":
      return line(`there is a ${query.key}`);
    case "empty":
      return line(`${query.key} is there and empty`);
  }
}

function inside(key: string | undefined): string {
  return key === undefined ? " anywhere" : ` in ${key}`;
}

function text(pieces: readonly Piece[]): string {
  const shown = pieces.map((piece) => (typeof piece === "string" ? piece : piece.wildcard === "many" ? "*" : "?"));
  return JSON.stringify(shown.join(""));
}
