/** The errors that the API can answer; anything else thrown inside the backend is a bug and becomes `InternalError`. */

// Which action may answer which code stands in the action tables; the source is the cloud's own per-action lists.
type CommonCode =
  | "AuthFailure.InvalidAuthorization"
  | "AuthFailure.InvalidSecretId"
  | "AuthFailure.SecretIdNotFound"
  | "AuthFailure.SignatureExpire"
  | "AuthFailure.SignatureFailure"
  | "AuthFailure.TokenFailure"
  | "AuthFailure.UnauthorizedOperation"
  | "FailedOperation"
  | "InternalError"
  | "InvalidAction"
  | "InvalidParameter"
  | "InvalidParameterValue"
  | "LimitExceeded"
  | "MissingParameter"
  | "NoSuchVersion"
  | "OperationDenied"
  | "RequestLimitExceeded"
  | "RequestSizeLimitExceeded"
  | "ResourceInUse"
  | "ResourceInsufficient"
  | "ResourceNotFound"
  | "ResourceUnavailable"
  | "UnauthorizedOperation"
  | "UnknownParameter"
  | "UnsupportedOperation"
  | "UnsupportedProtocol"
  | "UnsupportedRegion";

type VpcCode =
  | "InvalidParameter.AclTypeMismatch"
  | "InvalidParameter.Coexist"
  | "InvalidParameter.FilterInvalidKey"
  | "InvalidParameter.FilterNotDict"
  | "InvalidParameter.FilterValuesNotList"
  | "InvalidParameterValue.Duplicate"
  | "InvalidParameterValue.Empty"
  | "InvalidParameterValue.LimitExceeded"
  | "InvalidParameterValue.Malformed"
  | "InvalidParameterValue.Range"
  | "InvalidParameterValue.Reserved"
  | "InvalidParameterValue.SubnetConflict"
  | "InvalidParameterValue.SubnetOverlap"
  | "InvalidParameterValue.SubnetRange"
  | "InvalidParameterValue.TagDuplicateKey"
  | "InvalidParameterValue.TagInvalidKey"
  | "InvalidParameterValue.TagInvalidKeyLen"
  | "InvalidParameterValue.TagInvalidVal"
  | "InvalidParameterValue.TagResourceFormatError"
  | "InvalidParameterValue.TooLong"
  | "InvalidParameterValue.VpcIdNotNeededForFlowLog"
  | "InvalidParameterValue.ZoneConflict"
  | "InvalidSecurityGroupID.Malformed"
  | "InvalidSecurityGroupID.NotFound"
  | "LimitExceeded.ActionLimited"
  | "LimitExceeded.NetworkInterfaceLimitExceeded"
  | "LimitExceeded.SecurityGroupPolicySet"
  | "LimitExceeded.TagKeyExceeded"
  | "ResourceInsufficient.Subnet"
  | "UnknownParameter.WithGuess"
  | "UnsupportedOperation.AttachmentAlreadyExists"
  | "UnsupportedOperation.DuplicatePolicy"
  | "UnsupportedOperation.FlowLogInstanceExisted"
  | "UnsupportedOperation.IdempotentParameterMismatch"
  | "UnsupportedOperation.InvalidState"
  | "UnsupportedOperation.RecordExists"
  | "UnsupportedOperation.RecordNotExists"
  | "UnsupportedOperation.ResourceMismatch"
  | "UnsupportedOperation.VersionMismatch"
  | "UnsupportedOperation.VpcMismatch";

type ClsCode =
  | "FailedOperation.InvalidContext"
  | "FailedOperation.InvalidPeriod"
  | "FailedOperation.LogsetConflict"
  | "FailedOperation.LogsetNotEmpty"
  | "FailedOperation.QueryError"
  | "FailedOperation.SyntaxError"
  | "FailedOperation.TopicClosed"
  | "InvalidParameter.IndexConflict"
  | "InvalidParameter.LogsetConflict"
  | "InvalidParameter.TopicConflict"
  | "LimitExceeded.IndexKeyOverLimit"
  | "LimitExceeded.LogSearch"
  | "LimitExceeded.Logset"
  | "LimitExceeded.SearchResultTooLarge"
  | "LimitExceeded.Tag"
  | "LimitExceeded.Topic"
  | "OperationDenied.NewSyntaxNotSupported"
  | "ResourceNotFound.IndexNotExist"
  | "ResourceNotFound.LogsetNotExist"
  | "ResourceNotFound.TopicNotExist";

/** A code of the cloud's error envelope. */
export type ErrorCode = CommonCode | VpcCode | ClsCode;

/** The caller is wrong: an expected refusal, answered with its code and a sentence naming the field and the value. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
