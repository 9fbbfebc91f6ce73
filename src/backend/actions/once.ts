/** Calls that carry a client token: the same call again gets the same answer and changes nothing. */
import { ApiError, type ErrorCode } from "../../wire/errors.ts";
import type { Rooms } from "../rooms.ts";

interface Tokened {
  readonly ClientToken?: string | undefined;
}

/** Answers a call once per token; the token with another request is refused, as the cloud does. */
export function once<R extends object>(rooms: Rooms, action: OnceAction, request: Tokened, answer: () => R): R {
  const { ClientToken } = request;
  if (ClientToken === undefined) return answer();
  const asked = JSON.stringify(request);
  const earlier = rooms.calls.tokenCall(action, ClientToken);
  if (earlier === undefined) {
    const made = answer();
    rooms.calls.keepTokenCall(action, ClientToken, { request: asked, answer: made });
    return made;
  }
  if (earlier.request !== asked) {
    const words = `ClientToken: ${JSON.stringify(ClientToken)} was given before with another request`;
    throw new ApiError(mismatchCodes[action], words);
  }
  return earlier.answer as R;
}

type OnceAction = keyof typeof mismatchCodes;

/** The code of each action's list that says so. */
const mismatchCodes = {
  CreateNetworkInterface: "UnsupportedOperation.IdempotentParameterMismatch",
  AttachNetworkInterface: "UnsupportedOperation.IdempotentParameterMismatch",
  DetachNetworkInterface: "UnsupportedOperation.IdempotentParameterMismatch",
  AllocateAddresses: "InvalidParameterConflict",
} as const satisfies Readonly<Record<string, ErrorCode>>;
