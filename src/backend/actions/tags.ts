/** Tags between the wire and the rooms. */
import { ApiError } from "../../wire/errors.ts";
import type { Tag } from "../../wire/objects.ts";
import type { Tags } from "../vpc/network.ts";

interface GivenTag {
  readonly Key: string;
  readonly Value?: string | undefined;
}

const duplicateCodes = {
  vpc: "InvalidParameterValue.TagDuplicateKey",
  eip: "InvalidParameterValue.InvalidTag",
  cls: "InvalidParameter",
} as const;

/** Tags by key; a key given twice is refused. */
export function readTags(given: readonly GivenTag[] | undefined, family: keyof typeof duplicateCodes = "vpc"): Tags {
  const tags = new Map<string, string>();
  for (const [index, { Key, Value }] of (given ?? []).entries()) {
    if (tags.has(Key)) {
      throw new ApiError(duplicateCodes[family], `Tags.${index}.Key: ${JSON.stringify(Key)} is given twice`);
    }
    tags.set(Key, Value ?? "");
  }
  return Object.fromEntries(tags);
}

/** Tags as the API answers them. */
export function shownTags(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
