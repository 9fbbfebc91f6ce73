/** The columns that the SQL part of a query finds: the keys that the index offers, and what every log has beside them. */
import type { SearchedTopic } from "../log-store.ts";
import type { IndexedKey } from "../topic.ts";
import type { Scope } from "./scope.ts";

/** Columns that every log has beside its values. */
export const besideColumns = ["__TIMESTAMP__", "__SOURCE__", "__FILENAME__"] as const;

/** The keys that SQL may use: those that the index of every topic offers with SqlFlag, in the first one's types. */
export function sqlKeys(topics: readonly SearchedTopic[]): IndexedKey[] {
  const [first, ...others] = topics.map(({ index }) => (index.keyValue?.keys ?? []).filter(({ sql }) => sql));
  return (first ?? []).filter(({ key }) => others.every((each) => each.some((other) => other.key === key)));
}

/** The name of the column that is meant by a name; undefined where there is none. A name is found in any case, if not in its own. */
export function namesOf(keys: readonly IndexedKey[]): (name: string) => string | undefined {
  const names = [...keys.map(({ key }) => key), ...besideColumns];
  return (name) => names.find((each) => each === name) ?? names.find((each) => each.toLowerCase() === name.toLowerCase());
}

/** What names mean over the logs; `column` gives the SQL of one that there is. */
export function logsScope(keys: readonly IndexedKey[], column: (name: string) => string): Scope {
  const nameOf = namesOf(keys);
  return {
    names: [...keys.map(({ key }) => key), ...besideColumns],
    nature: () => "plain",
    column(name) {
      const found = nameOf(name);
      return found === undefined ? undefined : column(found);
    },
  };
}
