/** What an action of the API is, as data: its service, its request's field rules, and the codes it can answer. */
import type { ErrorCode } from "./errors.ts";
import type { Fields, RequestOf } from "./fields.ts";
import { ApiError } from "./errors.ts";
import { type IsUnknown, validate, type Violation, type ViolationKind } from "./validate.ts";

/** The cloud's services that this project speaks, and its own fourth one. */
export const services = {
  vpc: { version: "2017-03-12", host: "vpc.tencentcloudapi.com" },
  cls: { version: "2020-10-16", host: "cls.tencentcloudapi.com" },
  tag: { version: "2018-08-13", host: "tag.tencentcloudapi.com" },
  // What the cloud's API has no word for: pushing packets, moving the clock, explaining a verdict.
  flowlogs: { version: "2026-11-22", host: undefined },
} as const;

/** A service's short name, which opens its host name and its signing scope. */
export type ServiceName = keyof typeof services;

/** One action: a row of a service's table. `Response` exists only for the compiler. */
export interface ActionRow<F extends Fields = Fields, Response = unknown> {
  readonly service: ServiceName;
  readonly request: F;
  /** The codes beyond the common ones that this action can answer. */
  readonly codes: readonly ErrorCode[];
  /** The request's body is bytes, not JSON. */
  readonly octetStream?: true;
  readonly response?: Response;
}

/** A row whose response type is named and whose request type is read off its rules. */
export function row<Response>() {
  return <const F extends Fields>(
    service: ServiceName,
    request: F,
    codes: readonly ErrorCode[] = [],
  ): ActionRow<F, Response> => ({ service, request, codes });
}

// VPC names each way of being wrong; CLS says InvalidParameter to all of them.
const preferredCodes: Readonly<Record<ViolationKind, readonly ErrorCode[]>> = {
  unknown: ["UnknownParameter"],
  guessed: ["UnknownParameter.WithGuess", "UnknownParameter"],
  missing: ["MissingParameter"],
  kind: ["InvalidParameter"],
  empty: ["InvalidParameterValue.Empty", "InvalidParameterValue"],
  tooLong: ["InvalidParameterValue.TooLong", "InvalidParameterValue.Range", "InvalidParameterValue"],
  range: ["InvalidParameterValue.Range", "InvalidParameterValue"],
  malformed: ["InvalidParameterValue.Malformed", "InvalidParameterValue"],
  count: ["InvalidParameterValue.LimitExceeded", "InvalidParameterValue"],
  coexist: ["InvalidParameter.Coexist", "InvalidParameter"],
  refused: ["UnsupportedOperation"],
};

const commonKinds: ReadonlySet<ViolationKind> = new Set(["unknown", "missing", "refused"]);

function codeFor(action: ActionRow, violation: Violation): ErrorCode {
  const preferred = preferredCodes[violation.kind];
  if (action.service === "cls" && !commonKinds.has(violation.kind)) return "InvalidParameter";
  return preferred.find((code) => action.codes.includes(code)) ?? preferred.at(-1)!;
}

/** Reads a request by an action's rules; throws an {@link ApiError} for the first one it breaks. */
export function readRequest<F extends Fields>(action: ActionRow<F>, input: unknown): RequestOf<F> {
  const { value, violations } = validate(action.request, input);
  const [first] = violations;
  if (first !== undefined) throw new ApiError(codeFor(action, first), first.message);
  return value as RequestOf<F>;
}

/** Every way in which a request breaks an action's rules, for a preview that shows them all. */
export function requestViolations(action: ActionRow, input: unknown, isUnknown: IsUnknown): readonly Violation[] {
  return validate(action.request, input, isUnknown).violations;
}
