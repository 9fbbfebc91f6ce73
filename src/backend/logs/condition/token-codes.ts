/** Which codes of a long list stand for texts with a token: kept by token, so that a word is not held against every ENI. */
import { type TokenPattern, tokensOf, tokenTest } from "../query/tokens.ts";
import type { Listed } from "./cells.ts";
import type { Tokens } from "./compiler.ts";

type Code = number | string;

/** The tokens of a list's texts under one tokenizer, as far as they have been read. */
interface Index {
  readonly revision: number;
  read: number;
  readonly exact: Map<string, Code[]>;
  /** In lower case; tokens with other characters than ASCII's stand apart, for their cases are not as simple. */
  readonly folded: Map<string, Code[]>;
  readonly unusual: Set<string>;
}

const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text);

/** By list and tokenizer; a list that is gone takes its own with it. */
const indexes = new WeakMap<Listed, Map<string, Index>>();

/** The codes of a growing list whose texts have a token that the pattern asks for. */
export function codesWithToken(cell: Listed, pattern: TokenPattern, { tokenizer, caseSensitive }: Tokens): Code[] {
  const index = indexOf(cell, tokenizer);
  const test = tokenTest(pattern, caseSensitive);
  const { literal } = pattern;
  const found = new Set<Code>();
  const add = (codes: Iterable<Code> = []) => {
    for (const code of codes) found.add(code);
  };
  if (literal !== undefined && isAscii(literal)) {
    add(caseSensitive ? index.exact.get(literal) : index.folded.get(literal.toLowerCase()));
    for (const token of index.unusual) if (test(token)) add(index.exact.get(token));
  } else {
    for (const [token, codes] of index.exact) if (test(token)) add(codes);
  }
  return [...found];
}

function indexOf(cell: Listed, tokenizer: string): Index {
  const revision = cell.growing!.revision();
  const ofCell = indexes.get(cell) ?? new Map<string, Index>();
  indexes.set(cell, ofCell);
  let index = ofCell.get(tokenizer);
  if (index?.revision !== revision) {
    index = { revision, read: 0, exact: new Map(), folded: new Map(), unusual: new Set() };
    ofCell.set(tokenizer, index);
  }
  readOn(index, cell, tokenizer);
  return index;
}

function readOn(index: Index, { entries, growing }: Listed, tokenizer: string): void {
  if (index.read === growing!.size()) return;
  let place = 0;
  for (const [code, text] of entries()) {
    if (place++ < index.read || text === undefined) continue;
    for (const token of new Set(tokensOf(text, tokenizer))) {
      put(index.exact, token, code);
      if (isAscii(token)) put(index.folded, token.toLowerCase(), code);
      else index.unusual.add(token);
    }
  }
  index.read = place;
}

function put(codes: Map<string, Code[]>, token: string, code: Code): void {
  const known = codes.get(token);
  if (known === undefined) codes.set(token, [code]);
  else known.push(code);
}
