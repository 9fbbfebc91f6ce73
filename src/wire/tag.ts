/** The tag service, version 2018-08-13: the two actions that Terraform and this provider need. */
import { rowsOf } from "./action.ts";
import { group, integer, list, text } from "./fields.ts";

const action = rowsOf("tag");

/** The prefixes that the tag service knows resources by, and the service each belongs to. */
export const resourcePrefixes = {
  fl: "vpc",
  vpc: "vpc",
  subnet: "vpc",
  eni: "vpc",
  eip: "vpc",
  sg: "vpc",
  acl: "vpc",
  rtb: "vpc",
  logset: "cls",
  topic: "cls",
} as const;

const prefixes = Object.keys(resourcePrefixes) as (keyof typeof resourcePrefixes)[];

const printable = { pattern: /^\P{Cc}*$/u, patternWords: "must not contain control characters" } as const;

const key = text({
  required: true,
  notEmpty: true,
  maxChars: 127,
  ...printable,
  codes: {
    empty: "InvalidParameterValue.TagKeyEmpty",
    tooLong: "InvalidParameterValue.TagKeyLengthExceeded",
    malformed: "InvalidParameterValue.TagKeyCharacterIllegal",
  },
});

const value = text({
  required: true,
  maxChars: 255,
  ...printable,
  codes: {
    tooLong: "InvalidParameterValue.TagValueLengthExceeded",
    malformed: "InvalidParameterValue.TagValueCharacterIllegal",
  },
});

/** Every tag service action that the backend answers. */
export const tagActions = {
  DescribeResourceTagsByResourceIds: action({
    request: {
      ServiceType: text({ required: true, oneOf: ["vpc", "cls"], codes: { range: "InvalidParameterValue.ServiceTypeInvalid" } }),
      ResourcePrefix: text({ required: true, oneOf: prefixes, codes: { range: "InvalidParameterValue.ResourcePrefixInvalid" } }),
      ResourceIds: list(text({ notEmpty: true, codes: { empty: "InvalidParameterValue.ResourceIdInvalid" } }), {
        required: true,
        maxItems: 50,
        codes: { count: "InvalidParameterValue.ResourceIdInvalid" },
      }),
      ResourceRegion: text({ required: true }),
      Offset: integer({ min: 0 }),
      Limit: integer({ min: 1, max: 400 }),
      Category: text(),
    },
    answer: {
      TotalCount: "integer",
      Offset: "integer",
      Limit: "integer",
      Tags: [
        {
          TagKey: "text",
          TagValue: "text",
          ResourceId: "text",
          TagKeyMd5: "text",
          TagValueMd5: "text",
          ServiceType: "text",
          Category: "text",
        },
      ],
    },
    codes: [
      "FailedOperation",
      "InvalidParameterValue.RegionInvalid",
      "InvalidParameterValue.ResourceIdInvalid",
      "InvalidParameterValue.ResourcePrefixInvalid",
      "InvalidParameterValue.ServiceTypeInvalid",
      "InvalidParameterValue.UinInvalid",
    ],
  }),
  ModifyResourceTags: action({
    request: {
      Resource: text({
        required: true,
        // Terraform leaves the account out: qcs::vpc:ap-guangzhou:uin/:fl/fl-1a2b3c4d
        pattern: /^qcs:[^:]*:(vpc|cls):[^:]*:[^:]*:[a-z]+\/.+$/,
        patternWords: "must be a six-part resource name such as qcs::vpc:ap-guangzhou:uin/:fl/fl-1a2b3c4d",
        codes: { malformed: "InvalidParameterValue.ResourceDescriptionError" },
      }),
      ReplaceTags: list(group({ TagKey: key, TagValue: value, Category: text() }), { maxItems: 10 }),
      DeleteTags: list(group({ TagKey: key }), {
        minItems: 1,
        maxItems: 10,
        codes: {
          empty: "InvalidParameterValue.DeleteTagsParamError",
          count: "InvalidParameterValue.DeleteTagsParamError",
          kind: "InvalidParameterValue.DeleteTagsParamError",
        },
      }),
    },
    answer: {},
    codes: [
      "FailedOperation",
      "FailedOperation.PolicyEnforcedInvalid",
      "InvalidParameter.ReservedTagKey",
      "InvalidParameter.Tag",
      "InvalidParameterValue.DeleteTagsParamError",
      "InvalidParameterValue.ResourceDescriptionError",
      "InvalidParameterValue.TagKeyCharacterIllegal",
      "InvalidParameterValue.TagKeyEmpty",
      "InvalidParameterValue.TagKeyLengthExceeded",
      "InvalidParameterValue.TagValueCharacterIllegal",
      "InvalidParameterValue.TagValueLengthExceeded",
      "LimitExceeded.Quota",
      "LimitExceeded.ResourceAttachedTags",
      "LimitExceeded.TagKey",
      "LimitExceeded.TagValue",
      "ResourceNotFound",
    ],
  }),
} as const;
