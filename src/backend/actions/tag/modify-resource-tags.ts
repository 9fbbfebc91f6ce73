import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";
import { collectionOf } from "./tagged-resources.ts";

/** Sets and removes tags of one resource, named in six parts. */
export const modifyResourceTags: Handler<"ModifyResourceTags"> = (rooms, request) => {
  const { Resource, ReplaceTags, DeleteTags } = request;
  const [prefix = "", id = ""] = Resource.split(":").at(-1)!.split("/");
  const collection = collectionOf(rooms, prefix);
  if (collection === undefined) {
    throw new ApiError("InvalidParameterValue", `Resource: ${JSON.stringify(Resource)} names no kind of resource that has tags here`);
  }
  if ((ReplaceTags ?? []).length + (DeleteTags ?? []).length === 0) {
    throw new ApiError("MissingParameter", "one of ReplaceTags, DeleteTags is required");
  }
  const tags = new Map(Object.entries(found(collection.get(id), "Resource", Resource).tags));
  for (const { TagKey } of DeleteTags ?? []) tags.delete(TagKey);
  for (const { TagKey, TagValue } of ReplaceTags ?? []) tags.set(TagKey, TagValue);
  collection.setTags(id, Object.fromEntries(tags));
  return {};
};
