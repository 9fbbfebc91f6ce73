/** What an action of the API is, as data: its service, the fields of its request and answer, and the codes it can answer. */
import type { ErrorCode } from "./errors.ts";
import type { Fields, RequestOf } from "./fields.ts";
import type { AnswerOf, ShapeFields } from "./shapes.ts";
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
  /** What a success holds beside its RequestId; without it the answer is described by its type alone. */
  readonly answer?: ShapeFields;
  /** The codes beyond the common ones that this action can answer. */
  readonly codes: readonly ErrorCode[];
  /** The request's body is bytes, not JSON. */
  readonly octetStream?: true;
  /** The answer is bytes, without an envelope; a refusal is in one as ever. */
  readonly answersBytes?: true;
  readonly response?: Response;
}

/** How an action is written down in a service's table. */
export interface Written<F extends Fields, A extends ShapeFields> {
  readonly request: F;
  readonly answer: A;
  readonly codes: readonly ErrorCode[];
}

/** Makes the rows of a service's table: the types of request and answer are read off their rules. */
export function rowsOf(service: ServiceName) {
  return <const F extends Fields, const A extends ShapeFields>(written: Written<F, A>): ActionRow<F, AnswerOf<A>> => ({
    service,
    ...written,
  });
}

/** A row whose answer is described by a type alone. */
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

function codeFor(action: ActionRow, { kind, code }: Violation): ErrorCode {
  const preferred = preferredCodes[kind];
  if (code !== undefined && action.codes.includes(code)) return code;
  if (action.service === "cls" && !commonKinds.has(kind)) return "InvalidParameter";
  return preferred.find((each) => action.codes.includes(each)) ?? preferred.at(-1)!;
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
