/** Where a query hit: the tokens of a key's value that made it match, put between marks. */
import type { Query } from "./ast.ts";
import { fieldOf, isNumeric, numberIn, plainText } from "./fields.ts";
import type { IndexRule, KeptLog } from "../log-store.ts";
import { patternsOf, tokenTest } from "./tokens.ts";

const [open, close] = ["<cls_highlight>", "</cls_highlight>"];

/** A key and its value with the hits marked. */
export interface Highlight {
  readonly key: string;
  readonly value: string;
}

type Test = (token: string) => boolean;

/** The hits of a query in a log, by key; words without a key are not shown (the API's page: key-value hits only). */
export function highlights(query: Query, rule: IndexRule, log: KeptLog): Highlight[] {
  const tests = new Map<string, { readonly tokenizer: string; readonly tests: Test[] }>();
  collect(query, rule, tests);
  const values = new Map([...log.values, ...log.tags.map(([name, value]) => [`__TAG__.${name}`, value] as const)]);
  return [...tests].flatMap(([key, { tokenizer, tests: each }]) => {
    const value = values.get(key);
    if (value === undefined) return [];
    const marked = mark(value, tokenizer, (token) => each.some((test) => test(token)));
    return marked === value ? [] : [{ key, value: marked }];
  });
}

function collect(query: Query, rule: IndexRule, found: Map<string, { readonly tokenizer: string; readonly tests: Test[] }>): void {
  if (query.kind === "and" || query.kind === "or") for (const part of query.parts) collect(part, rule, found);
  if (query.kind !== "word" && query.kind !== "phrase" && query.kind !== "range") return;
  const field = query.key === undefined ? undefined : fieldOf(query.key, rule);
  if (field === undefined) return;
  const tests: Test[] = found.get(query.key!)?.tests ?? [];
  found.set(query.key!, { tokenizer: field.tokenizer, tests });
  if (query.kind === "range") {
    const { above, below } = query;
    tests.push((token) => {
      const number = numberIn(token);
      if (number === undefined) return false;
      const isAbove = above === undefined || number > above.value || (above.inclusive && number === above.value);
      return isAbove && (below === undefined || number < below.value || (below.inclusive && number === below.value));
    });
  } else if (isNumeric(field)) tests.push((token) => numberIn(token) === numberIn(plainText(query.pieces)));
  else for (const pattern of patternsOf(query.pieces, field.tokenizer)) tests.push(tokenTest(pattern, field.caseSensitive));
}

function mark(text: string, tokenizer: string, test: Test): string {
  let [marked, token] = ["", ""];
  const finish = () => {
    marked += token !== "" && test(token) ? open + token + close : token;
    token = "";
  };
  for (const char of text) {
    if (!tokenizer.includes(char)) token += char;
    else {
      finish();
      marked += char;
    }
  }
  finish();
  return marked;
}
