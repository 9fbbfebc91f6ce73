/** Codes that many VPC actions have in common, as the cloud's own lists group them. */
import type { ErrorCode } from "../errors.ts";

/** What can be wrong with the tags of a create. */
export const tagCodes = [
  "InvalidParameterValue.TagDuplicateKey",
  "InvalidParameterValue.TagDuplicateResourceType",
  "InvalidParameterValue.TagInvalidKey",
  "InvalidParameterValue.TagInvalidKeyLen",
  "InvalidParameterValue.TagInvalidVal",
  "InvalidParameterValue.TagKeyNotExists",
  "InvalidParameterValue.TagNotAllocatedQuota",
  "InvalidParameterValue.TagNotExisted",
  "InvalidParameterValue.TagNotSupportTag",
  "InvalidParameterValue.TagResourceFormatError",
  "InvalidParameterValue.TagTimestampExceeded",
  "InvalidParameterValue.TagValNotExists",
  "LimitExceeded.TagKeyExceeded",
  "LimitExceeded.TagKeyPerResourceExceeded",
  "LimitExceeded.TagNotEnoughQuota",
  "LimitExceeded.TagQuota",
  "LimitExceeded.TagQuotaExceeded",
  "LimitExceeded.TagTagsExceeded",
  "UnsupportedOperation.TagAllocate",
  "UnsupportedOperation.TagFree",
  "UnsupportedOperation.TagNotPermit",
  "UnsupportedOperation.TagSystemReservedTagKey",
] as const satisfies readonly ErrorCode[];

/** What can be wrong with a Describe by ids or filters. */
export const describeCodes = [
  "InternalError.ModuleError",
  "InvalidParameter.Coexist",
  "InvalidParameter.FilterInvalidKey",
  "InvalidParameter.FilterNotDict",
  "InvalidParameter.FilterValuesNotList",
  "InvalidParameterValue.LimitExceeded",
  "InvalidParameterValue.Malformed",
  "InvalidParameterValue.Range",
  "ResourceNotFound",
] as const satisfies readonly ErrorCode[];

/** What an approval that guards security groups can answer. */
export const approvalCodes = [
  "InvalidParameterValue.MemberApprovalApplicationIdMismatch",
  "InvalidParameterValue.MemberApprovalApplicationNotApproved",
  "InvalidParameterValue.MemberApprovalApplicationRejected",
  "InvalidParameterValue.MemberApprovalApplicationStarted",
] as const satisfies readonly ErrorCode[];
