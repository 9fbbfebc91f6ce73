/**
 * Whose request it is: verifies signature version 1 (HmacSHA1, HmacSHA256), where everything stands among the parameters.
 *
 * A request that has an Authorization header is judged by that alone: nobody falls back to the weaker version.
 */
import { ApiError } from "../../wire/errors.ts";
import type { Credentials } from "../../wire/local-backend.ts";
import { defaultV1Method, v1Hashes, v1Signature } from "../../wire/sign.ts";
import { checkOwner, checkSignature, hostSpellings, readTimestamp } from "./authenticate.ts";
import type { Message } from "./message.ts";

/** Parameters by name, decoded, in the order they were sent. */
export type Parameters = ReadonlyMap<string, string>;

/** The API's limits for a query and for a form with signature version 1. */
const maxQueryBytes = 32 * 1024;
const maxFormBytes = 1024 * 1024;

/** The media type of a form. */
const formType = "application/x-www-form-urlencoded";

/** The parameters of a request that is signed by version 1; undefined when it is not. */
export function v1Parameters(message: Message): Parameters | undefined {
  if (message.headers.has("authorization")) return undefined;
  const isForm = message.method === "POST" && (message.headers.get("content-type") ?? "").toLowerCase().startsWith(formType);
  if (message.method !== "GET" && !isForm) return undefined;
  const text = isForm ? message.body.toString("utf8") : message.query;
  if (!/(^|&)Signature=/.test(text)) return undefined;
  const limit = isForm ? maxFormBytes : maxQueryBytes;
  if (text.length > limit) {
    const words = `the parameters have ${text.length} bytes, with signature version 1 they may have ${limit}`;
    throw new ApiError("RequestSizeLimitExceeded", words);
  }
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (parameters.has(name)) throw new ApiError("InvalidParameter", `${name}: this parameter is given twice`);
    parameters.set(name, value);
  }
  return parameters;
}

/** Throws the cloud's own refusal unless the parameters were signed with these credentials, now. */
export function authenticateV1(message: Message, parameters: Parameters, credentials: Credentials, nowMs: number): void {
  const secretId = parameters.get("SecretId");
  if (secretId === undefined) throw new ApiError("MissingParameter", "SecretId: the parameter is missing");
  checkOwner({ secretId, token: parameters.get("Token") }, credentials);
  readTimestamp("Timestamp", parameters.get("Timestamp"), nowMs);
  const nonce = parameters.get("Nonce");
  if (nonce === undefined || !/^\d{1,20}$/.test(nonce)) {
    throw new ApiError("MissingParameter", `Nonce: ${JSON.stringify(nonce ?? "")} must be a whole number`);
  }
  const method = parameters.get("SignatureMethod") ?? defaultV1Method;
  if (!isV1Method(method)) {
    const known = Object.keys(v1Hashes).join(", ");
    throw new ApiError("AuthFailure.InvalidAuthorization", `SignatureMethod: ${JSON.stringify(method)} must be one of ${known}`);
  }
  checkSignature(fitting(message, parameters, credentials.secretKey, method), parameters.get("Signature")!);
}

/** The signatures that would fit, made as they are asked for. */
function* fitting(message: Message, parameters: Parameters, secretKey: string, method: keyof typeof v1Hashes): Iterable<string> {
  const signed = [...parameters].filter(([name]) => name !== "Signature");
  for (const host of hostSpellings(message)) {
    for (const path of new Set(["/", message.path])) {
      yield v1Signature({ method: message.method, host, path, parameters: signed }, secretKey, method);
    }
  }
}

function isV1Method(method: string): method is keyof typeof v1Hashes {
  return Object.hasOwn(v1Hashes, method);
}
