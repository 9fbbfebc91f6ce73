/** Listing: ids or filters, an order, a page. Every Describe action goes through here. */
import { ApiError, type ErrorCode } from "../../wire/errors.ts";
import type { Tags } from "../vpc/network.ts";

/** What one filter looks at: the values an item has for it. */
export type FilterReader<T> = (item: T) => readonly string[];

/** A filter by name; a fuzzy one finds its value anywhere in the item's, a cut-off one at its beginning. */
export interface FilterRule<T> {
  readonly read: FilterReader<T>;
  readonly fuzzy?: true;
  readonly cutOff?: true;
}

/** The filters of one kind of thing. */
export type FilterRules<T> = Readonly<Record<string, FilterRule<T>>>;

interface GivenFilter {
  readonly name: string;
  readonly values: readonly string[];
}

/** VPC's filters in the form both families share. */
export function vpcFilters(given: readonly { Name: string; Values: readonly string[] }[] | undefined): GivenFilter[] {
  return (given ?? []).map(({ Name, Values }) => ({ name: Name, values: Values }));
}

/** CLS's filters in the form both families share. */
export function clsFilters(given: readonly { Key: string; Values: readonly string[] }[] | undefined): GivenFilter[] {
  return (given ?? []).map(({ Key, Values }) => ({ name: Key, values: Values }));
}

/** The filters on tags that everything with tags has: `tag-key`, and `tag:KEY` for a value. */
export interface Tagged {
  readonly tags: Tags;
}

/** Keeps the items that pass every filter (several are joined by AND, the values of one by OR). */
export function applyFilters<T extends Tagged>(
  items: Iterable<T>,
  filters: readonly GivenFilter[],
  rules: FilterRules<T>,
  unknownFilter: ErrorCode = "InvalidParameter.FilterInvalidKey",
): T[] {
  const tests = filters.map(({ name, values }, index) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : tagRule<T>(name);
    if (rule === undefined) {
      const known = [...Object.keys(rules), "tag-key", "tag:KEY"].join(", ");
      throw new ApiError(unknownFilter, `Filters.${index}: ${JSON.stringify(name)} must be one of ${known}`);
    }
    const isHit = (found: string, wanted: string) => {
      if (rule.fuzzy) return found.includes(wanted);
      return rule.cutOff ? found.startsWith(wanted) : found === wanted;
    };
    return (item: T) => rule.read(item).some((found) => values.some((wanted) => isHit(found, wanted)));
  });
  return tests.length === 0 ? [...items] : [...items].filter((item) => tests.every((test) => test(item)));
}

function tagRule<T extends Tagged>(name: string): FilterRule<T> | undefined {
  if (name === "tag-key" || name === "tagKey") return { read: (item) => Object.keys(item.tags) };
  if (!name.startsWith("tag:")) return undefined;
  const key = name.slice("tag:".length);
  return { read: (item) => (Object.hasOwn(item.tags, key) ? [item.tags[key]!] : []) };
}

/** Refuses ids and filters together, as the cloud does. */
export function refuseBoth(idsField: string, ids: unknown, filters: unknown): void {
  if (ids !== undefined && filters !== undefined) {
    throw new ApiError("InvalidParameter.Coexist", `${idsField} and Filters cannot be given together`);
  }
}

/** The items with these ids; one that does not exist is refused, as the cloud does. */
export function byIds<T>(get: (id: string) => T | undefined, field: string, ids: readonly string[]): T[] {
  return ids.map((id, index) => {
    const item = get(id);
    if (item === undefined) {
      throw new ApiError("ResourceNotFound", `${field}.${index}: ${JSON.stringify(id)} does not exist`);
    }
    return item;
  });
}

/** One page of a listing. */
export function page<T>(items: readonly T[], offset: number | undefined, limit: number | undefined, defaultLimit = 20): T[] {
  const start = offset ?? 0;
  return items.slice(start, start + (limit ?? defaultLimit));
}

/** Sorted by a text or a number; equal ones stay in the order they were made. */
export function ordered<T>(items: readonly T[], read: (item: T) => string | number, direction: "ASC" | "DESC"): T[] {
  const sign = direction === "ASC" ? 1 : -1;
  return items.toSorted((a, b) => {
    const [left, right] = [read(a), read(b)];
    return left === right ? 0 : left < right ? -sign : sign;
  });
}
