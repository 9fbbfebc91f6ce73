/**
 * Whose request it is: verifies signature version 3 (TC3-HMAC-SHA256) over what was sent.
 *
 * Official clients differ in what they put into the scope and which spelling of Host they sign; every such spelling is
 * tried, always with this server's own key, and compared in constant time. TC3 carries no nonce, so within its five
 * minutes the same request can be sent again, as on the cloud.
 */
import { timingSafeEqual } from "node:crypto";
import { services } from "../../wire/action.ts";
import { ApiError } from "../../wire/errors.ts";
import type { Credentials } from "../../wire/local-backend.ts";
import { scopeDate, sha256Hex, tc3Algorithm, tc3Signature, unsignedPayload } from "../../wire/sign.ts";
import type { Message } from "./message.ts";

/** How far a request's time may lie from the server's (the API's page: five minutes). */
const toleranceSeconds = 300;

interface Authorization {
  readonly secretId: string;
  readonly date: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Throws the cloud's own refusal unless the request was signed with these credentials, now. */
export function authenticate(message: Message, credentials: Credentials, nowMs: number): void {
  const authorization = readAuthorization(message.headers.get("authorization"));
  checkOwner({ secretId: authorization.secretId, token: message.headers.get("x-tc-token") }, credentials);
  const timestamp = readTimestamp("X-TC-Timestamp", message.headers.get("x-tc-timestamp"), nowMs);
  if (authorization.date !== scopeDate(timestamp)) {
    const words = `Authorization: the date ${authorization.date} in Credential is not that of X-TC-Timestamp`;
    throw new ApiError("AuthFailure.InvalidAuthorization", words);
  }
  checkSignature(signatures(message, authorization, credentials.secretKey, timestamp), authorization.signature);
}

/** Refuses a SecretId or a token that are not the server's own. */
export function checkOwner(given: Pick<Credentials, "secretId" | "token">, own: Credentials): void {
  if (given.secretId !== own.secretId) {
    throw new ApiError("AuthFailure.SecretIdNotFound", "the SecretId of the request is not one this server knows");
  }
  if (!isEqual(own.token ?? "", given.token ?? "") || (given.token === undefined) !== (own.token === undefined)) {
    throw new ApiError("AuthFailure.TokenFailure", "the token of the request is not the token of this SecretId");
  }
}

/** Refuses a signature that is none of those that would fit. */
export function checkSignature(fitting: Iterable<string>, given: string): void {
  for (const expected of fitting) if (isEqual(expected, given)) return;
  const words = "the signature does not fit the request: check the SecretKey, and that nothing changed it on the way";
  throw new ApiError("AuthFailure.SignatureFailure", words);
}

function readAuthorization(header: string | undefined): Authorization {
  const refuse = (why: string): never => {
    throw new ApiError("AuthFailure.InvalidAuthorization", `Authorization: ${why}`);
  };
  if (header === undefined) return refuse("the header is missing");
  if (!header.startsWith(`${tc3Algorithm} `)) return refuse(`it must start with ${tc3Algorithm}`);
  const parts = new Map(
    header.slice(tc3Algorithm.length).split(",").map((part): [string, string] => {
      const [name = "", ...value] = part.trim().split("=");
      return [name, value.join("=")];
    }),
  );
  // The service may contain slashes: one client's is the endpoint up to its first dot.
  const credential = /^([^/]+)\/(\d{4}-\d{2}-\d{2})\/(.+)\/tc3_request$/.exec(parts.get("Credential") ?? "");
  if (credential === null) return refuse("Credential must be SecretId/YYYY-MM-DD/service/tc3_request");
  const signature = parts.get("Signature") ?? "";
  if (!/^[0-9a-f]{64}$/.test(signature)) return refuse("Signature must be 64 lower-case hex digits");
  const signedHeaders = (parts.get("SignedHeaders") ?? "").split(";");
  if (!signedHeaders.includes("content-type") || !signedHeaders.includes("host")) {
    return refuse("SignedHeaders must name content-type and host");
  }
  const [, secretId = "", date = "", service = ""] = credential;
  return { secretId, date, service, signedHeaders, signature };
}

/** The time a request was signed at, in Unix seconds; refused when it is too far from now. */
export function readTimestamp(field: string, text: string | undefined, nowMs: number): number {
  if (text === undefined || !/^\d{1,11}$/.test(text)) {
    throw new ApiError("MissingParameter", `${field}: ${JSON.stringify(text ?? "")} must be Unix seconds`);
  }
  const timestamp = Number(text);
  if (Math.abs(timestamp - nowMs / 1000) > toleranceSeconds) {
    const words = `${field}: ${timestamp} is more than ${toleranceSeconds} s from the server's time ${Math.floor(nowMs / 1000)}`;
    throw new ApiError("AuthFailure.SignatureExpire", words);
  }
  return timestamp;
}

/** The spellings of its own host that a client may have signed: as it sent it, without the port, without a scheme. */
export function hostSpellings(message: Message): string[] {
  const host = message.headers.get("host")?.trim() ?? "";
  const bare = host.replace(/^[a-z]+:\/\//i, "");
  return [...new Set([host, bare].flatMap((each) => [each, each.replace(/:\d+$/, "")]))];
}

/** The signatures that would fit: one for each way a client may have spelled what it signed, the usual one first. */
function* signatures(message: Message, authorization: Authorization, secretKey: string, timestamp: number): Generator<string> {
  const { date, service, signedHeaders } = authorization;
  const isUnsigned = message.headers.get("x-tc-content-sha256") === unsignedPayload;
  const payloadHash = isUnsigned ? sha256Hex(unsignedPayload) : message.bodySha256;
  const spellings = [(value: string) => value, (value: string) => value.toLowerCase()];
  for (const spell of spellings) {
    for (const path of new Set(["/", message.path])) {
      for (const host of hostSpellings(message)) {
        const headers = signedHeaders.map((name): [string, string] => {
          const value = name === "host" ? host : (message.headers.get(name)?.trim() ?? "");
          return [name, spell(value)];
        });
        const parts = { method: message.method, path, query: message.query, headers, payloadHash };
        yield tc3Signature(parts, { secretKey, date, service, timestamp });
      }
    }
  }
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Refuses a scope that names another service than the action's; what is no service's name, clients made up. */
export function checkScope(message: Message, service: string): void {
  const scope = /\/\d{4}-\d{2}-\d{2}\/(.+)\/tc3_request/.exec(message.headers.get("authorization") ?? "")?.[1] ?? "";
  if (Object.hasOwn(services, scope) && scope !== service) {
    const words = `the request was signed for service ${JSON.stringify(scope)}, the action belongs to ${service}`;
    throw new ApiError("AuthFailure.SignatureFailure", words);
  }
}
