/** How texts and the words of a query are cut into tokens, and how a token is held against a word's pattern. */
import type { Piece } from "./ast.ts";

/** What a token must be: characters and wildcards from its first to its last character. */
export interface TokenPattern {
  readonly pieces: readonly Piece[];
  /** The token itself, where the pattern has no wildcard. */
  readonly literal: string | undefined;
}

/** The tokens of a text: what stands between the tokenizer's characters. */
export function tokensOf(text: string, tokenizer: string): string[] {
  const found: string[] = [];
  let token = "";
  for (const char of text) {
    if (!tokenizer.includes(char)) token += char;
    else if (token !== "") {
      found.push(token);
      token = "";
    }
  }
  if (token !== "") found.push(token);
  return found;
}

/** The patterns of a query's word, which the tokenizer cuts as it cuts the logs. */
export function patternsOf(pieces: readonly Piece[], tokenizer: string): TokenPattern[] {
  const patterns: TokenPattern[] = [];
  let current: Piece[] = [];
  const finish = () => {
    if (current.length > 0) patterns.push({ pieces: current, literal: plain(current) });
    current = [];
  };
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      current.push(piece);
      continue;
    }
    for (const char of piece) {
      const last = current.at(-1);
      if (tokenizer.includes(char)) finish();
      else if (typeof last === "string") current[current.length - 1] = last + char;
      else current.push(char);
    }
  }
  finish();
  return patterns;
}

function plain(pieces: readonly Piece[]): string | undefined {
  const [first, ...more] = pieces;
  return typeof first === "string" && more.length === 0 ? first : undefined;
}

/** Whether a token is what a pattern asks for. */
export function tokenTest(pattern: TokenPattern, caseSensitive: boolean): (token: string) => boolean {
  const source = pattern.pieces.map((piece) => {
    if (typeof piece === "string") return piece.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    return piece.wildcard === "many" ? ".*" : ".";
  });
  const expression = new RegExp(`^${source.join("")}$`, caseSensitive ? "su" : "sui");
  return (token) => expression.test(token);
}

/** A regular expression in RE2's spelling that finds one token, or several in a row, in a whole text. */
export function tokenRun(patterns: readonly TokenPattern[], tokenizer: string, caseSensitive: boolean): string {
  const separators = [...tokenizer].map(escaped).join("");
  const inside = separators === "" ? "." : `[^${separators}]`;
  const tokens = patterns.map(({ pieces }) => {
    // A token has a character at least, also where anything is asked for.
    if (pieces.every((piece) => typeof piece !== "string" && piece.wildcard === "many")) return `${inside}+`;
    return pieces
      .map((piece) => {
        if (typeof piece === "string") return [...piece].map(escaped).join("");
        return piece.wildcard === "many" ? `${inside}*` : inside;
      })
      .join("");
  });
  const [before, between, after] = separators === "" ? ["^", "", "$"] : [`(?:^|[${separators}])`, `[${separators}]+`, `(?:[${separators}]|$)`];
  // Without separators a text is one token: there is no second one.
  const run = separators === "" && tokens.length > 1 ? "[^\\s\\S]" : tokens.join(between);
  return `(?${caseSensitive ? "" : "i"}s)${before}${run}${after}`;
}

function escaped(char: string): string {
  const code = char.codePointAt(0)!;
  const isPlain = /[A-Za-z0-9]/.test(char) || code > 127;
  return isPlain ? char : `\\x${code.toString(16).padStart(2, "0")}`;
}
