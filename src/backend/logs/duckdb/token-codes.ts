/** Which codes of a long list stand for texts with a token: kept by token, so that a word is not held against every ENI. */
import { type TokenPattern, tokensOf, tokenTest } from "../query/tokens.ts";
import type { Tokens } from "./condition.ts";
import type { Listed } from "./record-cells.ts";

/** The tokens of a list's texts under one tokenizer, as far as they have been read. */
interface Index {
  readonly revision: number;
  read: number;
  readonly exact: Map<string, number[]>;
  /** In lower case; tokens with other characters than ASCII's stand apart, for their cases are not as simple. */
  readonly folded: Map<string, number[]>;
  readonly unusual: Set<string>;
}

const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text);

/** The codes by token of some lists. */
export class TokenCodes {
  private readonly indexes = new WeakMap<Listed, Map<string, Index>>();

  /** The codes whose texts have a token that the pattern asks for. */
  codesOf(cell: Listed, pattern: TokenPattern, { tokenizer, caseSensitive }: Tokens): number[] {
    const index = this.indexOf(cell, tokenizer);
    const test = tokenTest(pattern, caseSensitive);
    const { literal } = pattern;
    const found = new Set<number>();
    const add = (codes: Iterable<number> = []) => {
      for (const code of codes) found.add(code);
    };
    if (literal !== undefined && isAscii(literal)) {
      add(caseSensitive ? index.exact.get(literal) : index.folded.get(literal.toLowerCase()));
      for (const token of index.unusual) if (test(token)) add(index.exact.get(token));
    } else {
      for (const [token, codes] of index.exact) if (test(token)) add(codes);
    }
    return [...found].toSorted((a, b) => a - b);
  }

  private indexOf(cell: Listed, tokenizer: string): Index {
    const { revision } = cell.growing!;
    const ofCell = this.indexes.get(cell) ?? new Map<string, Index>();
    this.indexes.set(cell, ofCell);
    let index = ofCell.get(tokenizer);
    if (index === undefined || index.revision !== revision()) {
      index = { revision: revision(), read: 0, exact: new Map(), folded: new Map(), unusual: new Set() };
      ofCell.set(tokenizer, index);
    }
    this.readOn(index, cell, tokenizer);
    return index;
  }

  private readOn(index: Index, { entries, growing }: Listed, tokenizer: string): void {
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
}

function put(codes: Map<string, number[]>, token: string, code: number): void {
  const known = codes.get(token);
  if (known === undefined) codes.set(token, [code]);
  else known.push(code);
}
