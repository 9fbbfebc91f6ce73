/** Tags between the wire and the rooms. */
import { ApiError } from "../../wire/errors.ts";
import type { Tag } from "../../wire/objects.ts";
import type { Tags } from "../vpc/network.ts";

interface GivenTag {
  readonly Key: string;
  readonly Value?: string | undefined;
}

/** How each family of actions says what is wrong with a list of tags. */
const codes = {
  vpc: { twice: "InvalidParameterValue.TagDuplicateKey", reserved: "UnsupportedOperation.TagSystemReservedTagKey" },
  eip: { twice: "InvalidParameterValue.InvalidTag", reserved: "InvalidParameterValue.InvalidTag" },
  cls: { twice: "InvalidParameter", reserved: "InvalidParameter" },
  tag: { twice: "InvalidParameter.Tag", reserved: "InvalidParameter.ReservedTagKey" },
} as const;

/** What the keys of the cloud's own tags begin with. */
const reservedPrefix = "qcs:";

/** Tags by key; a key given twice and one that only the cloud may use are refused. */
export function readTags(given: readonly GivenTag[] | undefined, family: keyof typeof codes = "vpc", field = "Tags"): Tags {
  const tags = new Map<string, string>();
  for (const [index, { Key, Value }] of (given ?? []).entries()) {
    if (tags.has(Key)) {
      throw new ApiError(codes[family].twice, `${field}.${index}: the key ${JSON.stringify(Key)} is given twice`);
    }
    if (Key.startsWith(reservedPrefix)) {
      const words = `${field}.${index}: the key ${JSON.stringify(Key)} must not begin with ${reservedPrefix}, which is the cloud's own`;
      throw new ApiError(codes[family].reserved, words);
    }
    tags.set(Key, Value ?? "");
  }
  return Object.fromEntries(tags);
}

/** Tags as the API answers them. */
export function shownTags(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
