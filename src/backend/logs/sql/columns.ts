/** The columns that the SQL part of a query finds: the keys that the index offers, and what every log has beside them. */
import type { SearchedTopic } from "../log-store.ts";
import type { IndexedKey } from "../topic.ts";
import type { Scope } from "./select.ts";

/** Columns that every log has beside its values. */
export const besideColumns = ["__TIMESTAMP__", "__SOURCE__", "__FILENAME__"] as const;

/** The keys that SQL may use: those that the index of every topic offers with SqlFlag, in the first one's types. */
export function sqlKeys(topics: readonly SearchedTopic[]): IndexedKey[] {
  const [first, ...others] = topics.map(({ index }) => (index.keyValue?.keys ?? []).filter(({ sql }) => sql));
  return (first ?? []).filter(({ key }) => others.every((each) => each.some((other) => other.key === key)));
}

/** What names mean over the logs; `column` gives the SQL of one that there is. A name is found in any case, if not in its own. */
export function logsScope(keys: readonly IndexedKey[], column: (name: string) => string): Scope {
  const names = [...keys.map(({ key }) => key), ...besideColumns];
  return {
    names,
    column(name) {
      const found = names.find((each) => each === name) ?? names.find((each) => each.toLowerCase() === name.toLowerCase());
      return found === undefined ? undefined : column(found);
    },
  };
}
