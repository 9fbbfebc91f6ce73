/** An index's rule between the wire and the rooms. */
import type { ActionRequest } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Index, IndexedKey } from "../../logs/topic.ts";

type Rule = ActionRequest<"CreateIndex">["Rule"];
type KeyValues = NonNullable<NonNullable<Rule["KeyValue"]>["KeyValues"]>;

/** Most keys of one index. */
const maxKeys = 300;

/** What an index finds, read from its rule. */
export function readIndexRule(rule: Rule): Pick<Index, "fullText" | "keyValue" | "tag" | "rule"> {
  const { FullText, KeyValue, Tag } = rule;
  if (FullText === undefined && KeyValue === undefined && Tag === undefined && rule.DynamicIndex?.Status !== true) {
    throw new ApiError("InvalidParameter", "Rule: one of FullText, KeyValue, Tag, DynamicIndex is required");
  }
  return {
    fullText: FullText && { caseSensitive: FullText.CaseSensitive, tokenizer: readTokenizer(FullText.Tokenizer) },
    keyValue: KeyValue && {
      caseSensitive: KeyValue.CaseSensitive,
      keys: readKeys(KeyValue.KeyValues ?? [], "Rule.KeyValue.KeyValues"),
    },
    tag: Tag && { caseSensitive: Tag.CaseSensitive, keys: readKeys(Tag.KeyValues, "Rule.Tag.KeyValues") },
    rule,
  };
}

function readKeys(keyValues: KeyValues, field: string): IndexedKey[] {
  if (keyValues.length > maxKeys) {
    throw new ApiError("LimitExceeded.IndexKeyOverLimit", `${field}: ${keyValues.length} keys are more than ${maxKeys}`);
  }
  const seen = new Set<string>();
  return keyValues.map(({ Key, Value }, index) => {
    const given = `${field}.${index}`;
    if (Key.startsWith("_")) throw new ApiError("InvalidParameter", `${given}.Key: ${JSON.stringify(Key)} must not start with _`);
    if (seen.has(Key)) throw new ApiError("InvalidParameter", `${given}.Key: ${JSON.stringify(Key)} is given twice`);
    seen.add(Key);
    const tokenizer = Value.Tokenizer ?? "";
    if (Value.Type !== "text" && Value.Type !== "json" && tokenizer !== "") {
      throw new ApiError("InvalidParameter", `${given}.Value.Tokenizer: ${JSON.stringify(tokenizer)} must be empty for ${Value.Type}`);
    }
    return { key: Key, type: Value.Type, tokenizer: readTokenizer(tokenizer), sql: Value.SqlFlag ?? false };
  });
}

/** The separators themselves: clients spell line ends and the backslash with a backslash. */
function readTokenizer(text: string): string {
  const spelled: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\" };
  return text.replaceAll(/\\([ntr\\])/g, (_, letter: string) => spelled[letter]!);
}
