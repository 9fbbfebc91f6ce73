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
  if (authorization.secretId !== credentials.secretId) {
    const words = "the SecretId in the Authorization header is not one this server knows";
    throw new ApiError("AuthFailure.SecretIdNotFound", words);
  }
  if (message.headers.get("x-tc-token") !== credentials.token) {
    throw new ApiError("AuthFailure.TokenFailure", "X-TC-Token is not the token of this SecretId");
  }
  const timestamp = readTimestamp(message, authorization, nowMs);
  const isSigned = signatures(message, authorization, credentials.secretKey, timestamp).some((expected) =>
    isEqual(expected, authorization.signature),
  );
  if (!isSigned) {
    const words = "the signature does not fit the request: check the SecretKey, and that nothing changed it on the way";
    throw new ApiError("AuthFailure.SignatureFailure", words);
  }
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

function readTimestamp(message: Message, authorization: Authorization, nowMs: number): number {
  const text = message.headers.get("x-tc-timestamp") ?? "";
  if (!/^\d{1,11}$/.test(text)) {
    throw new ApiError("MissingParameter", `X-TC-Timestamp: ${JSON.stringify(text)} must be Unix seconds`);
  }
  const timestamp = Number(text);
  if (Math.abs(timestamp - nowMs / 1000) > toleranceSeconds) {
    const words = `X-TC-Timestamp: ${timestamp} is more than ${toleranceSeconds} s from the server's time ${Math.floor(nowMs / 1000)}`;
    throw new ApiError("AuthFailure.SignatureExpire", words);
  }
  if (authorization.date !== scopeDate(timestamp)) {
    const words = `Authorization: the date ${authorization.date} in Credential is not that of X-TC-Timestamp`;
    throw new ApiError("AuthFailure.InvalidAuthorization", words);
  }
  return timestamp;
}

/** The signatures that would fit: one for each way a client may have spelled what it signed. */
function signatures(message: Message, authorization: Authorization, secretKey: string, timestamp: number): string[] {
  const { date, service, signedHeaders } = authorization;
  const isUnsigned = message.headers.get("x-tc-content-sha256") === unsignedPayload;
  const payloadHash = sha256Hex(isUnsigned ? unsignedPayload : message.body);
  const host = message.headers.get("host")?.trim() ?? "";
  const hosts = [...new Set([host, host.replace(/:\d+$/, "")])];
  const paths = [...new Set(["/", message.path])];
  const spellings = [(value: string) => value, (value: string) => value.toLowerCase()];
  return hosts.flatMap((signedHost) =>
    paths.flatMap((path) =>
      spellings.map((spell) => {
        const headers = signedHeaders.map((name): [string, string] => {
          const value = name === "host" ? signedHost : (message.headers.get(name)?.trim() ?? "");
          return [name, spell(value)];
        });
        const parts = { method: message.method, path, query: message.query, headers, payloadHash };
        return tc3Signature(parts, { secretKey, date, service, timestamp });
      }),
    ),
  );
}

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
