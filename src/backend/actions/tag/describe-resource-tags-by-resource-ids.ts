import { createHash } from "node:crypto";
import { ApiError } from "../../../wire/errors.ts";
import { regions } from "../../../wire/regions.ts";
import { resourcePrefixes } from "../../../wire/tag.ts";
import type { Handler } from "../action.ts";
import { page } from "../listing.ts";
import { collectionOf } from "./tagged-resources.ts";

const defaultLimit = 15;

/** The tags of resources of one kind; ids that name nothing have none. */
export const describeResourceTagsByResourceIds: Handler<"DescribeResourceTagsByResourceIds"> = (rooms, request) => {
  const { ServiceType, ResourcePrefix, ResourceRegion } = request;
  if (resourcePrefixes[ResourcePrefix] !== ServiceType) {
    const words = `ResourcePrefix: ${JSON.stringify(ResourcePrefix)} is of service ${resourcePrefixes[ResourcePrefix]}, not of ${ServiceType}`;
    throw new ApiError("InvalidParameterValue.ResourcePrefixInvalid", words);
  }
  if (!regions.has(ResourceRegion)) {
    throw new ApiError("InvalidParameterValue.RegionInvalid", `ResourceRegion: ${JSON.stringify(ResourceRegion)} is not a region`);
  }
  const collection = collectionOf(rooms, ResourcePrefix)!;
  const tags = request.ResourceIds.flatMap((id) =>
    Object.entries(collection.get(id)?.tags ?? {}).map(([TagKey, TagValue]) => ({
      TagKey,
      TagValue,
      ResourceId: id,
      TagKeyMd5: md5(TagKey),
      TagValueMd5: md5(TagValue),
      ServiceType,
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
