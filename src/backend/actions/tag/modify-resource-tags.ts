import { maxTags } from "../../../wire/parts.ts";
import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";
import { readTags } from "../tags.ts";
import { collectionOf } from "./tagged-resources.ts";

/** Sets and removes tags of one resource, named in six parts. */
export const modifyResourceTags: Handler<"ModifyResourceTags"> = (rooms, request) => {
  const { Resource, ReplaceTags = [], DeleteTags = [] } = request;
  const [prefix = "", ...id] = Resource.split(":").at(-1)!.split("/");
  const collection = collectionOf(rooms, prefix);
  if (collection === undefined) {
    const words = `Resource: ${JSON.stringify(Resource)} names no kind of resource that has tags here`;
    throw new ApiError("InvalidParameterValue.ResourceDescriptionError", words);
  }
  if (ReplaceTags.length + DeleteTags.length === 0) {
    throw new ApiError("MissingParameter", "one of ReplaceTags, DeleteTags is required");
  }
  const given = readTags(ReplaceTags.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue })), "tag", "ReplaceTags");
  const gone = new Set(DeleteTags.map(({ TagKey }) => TagKey));
  const both = Object.keys(given).find((key) => gone.has(key));
  if (both !== undefined) {
    throw new ApiError("InvalidParameter.Tag", `DeleteTags: the key ${JSON.stringify(both)} is in ReplaceTags too`);
  }
  const { tags } = found(collection.get(id.join("/")), "Resource", Resource);
  const kept = Object.entries(tags).filter(([key]) => !gone.has(key));
  const changed = { ...Object.fromEntries(kept), ...given };
  if (Object.keys(changed).length > maxTags) {
    const words = `ReplaceTags: ${Resource} would have ${Object.keys(changed).length} tags, more than ${maxTags}`;
    throw new ApiError("LimitExceeded.ResourceAttachedTags", words);
  }
  collection.setTags(id.join("/"), changed);
  return {};
};
