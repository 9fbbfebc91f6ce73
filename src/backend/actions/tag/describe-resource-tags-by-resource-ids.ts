import { createHash } from "node:crypto";
import type { Handler } from "../action.ts";
import { page } from "../listing.ts";
import { collectionOf } from "./tagged-resources.ts";

const defaultLimit = 15;

/** The tags of resources of one kind; ids that name nothing have none. */
export const describeResourceTagsByResourceIds: Handler<"DescribeResourceTagsByResourceIds"> = (rooms, request) => {
  const collection = collectionOf(rooms, request.ResourcePrefix)!;
  const tags = request.ResourceIds.flatMap((id) =>
    Object.entries(collection.get(id)?.tags ?? {}).map(([TagKey, TagValue]) => ({
      TagKey,
      TagValue,
      ResourceId: id,
      TagKeyMd5: md5(TagKey),
      TagValueMd5: md5(TagValue),
      ServiceType: request.ServiceType,
      Category: "Custom",
    })),
  );
  const Offset = request.Offset ?? 0;
  const Limit = request.Limit ?? defaultLimit;
  return { TotalCount: tags.length, Offset, Limit, Tags: page(tags, Offset, Limit) };
};

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
