/** The tag service, version 2018-08-13: the two actions that Terraform and this provider need. */
import { row } from "./action.ts";
import { group, integer, list, text } from "./fields.ts";

export interface ResourceTag {
  TagKey: string;
  TagValue: string;
  ResourceId: string;
  TagKeyMd5: string;
  TagValueMd5: string;
  ServiceType: string;
  Category: string;
}

const key = text({ required: true, notEmpty: true, maxChars: 127 });

/** Every tag service action that the backend answers. */
export const tagActions = {
  DescribeResourceTagsByResourceIds: row<{
    TotalCount: number;
    Offset: number;
    Limit: number;
    Tags: ResourceTag[];
  }>()("tag", {
    ServiceType: text({ required: true, oneOf: ["vpc", "cls"] }),
    ResourcePrefix: text({
      required: true,
      oneOf: ["fl", "vpc", "subnet", "eni", "sg", "acl", "logset", "topic"],
    }),
    ResourceIds: list(text(), { required: true, maxItems: 50 }),
    ResourceRegion: text({ required: true }),
    Offset: integer({ min: 0 }),
    Limit: integer({ min: 1, max: 400 }),
    Category: text(),
  }),
  ModifyResourceTags: row<object>()("tag", {
    Resource: text({
      required: true,
      // Terraform leaves the account out: qcs::vpc:ap-guangzhou:uin/:fl/fl-1a2b3c4d
      pattern: /^qcs:[^:]*:(vpc|cls):[^:]*:[^:]*:[a-z]+\/.+$/,
      patternWords: "must be a six-part resource name such as qcs::vpc:ap-guangzhou:uin/:fl/fl-1a2b3c4d",
    }),
    ReplaceTags: list(group({ TagKey: key, TagValue: text({ required: true, maxChars: 255 }) }), { maxItems: 10 }),
    DeleteTags: list(group({ TagKey: key }), { maxItems: 10 }),
  }),
} as const;
