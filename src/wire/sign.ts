/**
 * Signatures: version 3 (TC3-HMAC-SHA256), and version 1 (HmacSHA1, HmacSHA256) that older clients send. The arithmetic
 * that both ends of a request share.
 *
 * Pure functions of what was sent; deciding which header values and which host spelling to try is the server's work.
 */
import { createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";

/** The literal that stands for the body when a client sends `X-TC-Content-SHA256: UNSIGNED-PAYLOAD`. */
export const unsignedPayload = "UNSIGNED-PAYLOAD";

/** The name of the algorithm, which opens the Authorization header. */
export const tc3Algorithm = "TC3-HMAC-SHA256";

/** What goes into the canonical request. */
export interface SignedParts {
  readonly method: string;
  /** The SDKs sign `/` whatever the path; one of them signs the real path. */
  readonly path: string;
  /** The query string exactly as sent, without the question mark. */
  readonly query: string;
  /** Lower-case names and values in the order of SignedHeaders. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Lower-case hex SHA-256 of the body, or of the literal `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

/** Whose key signs, and the scope it is derived for. */
export interface SigningScope {
  readonly secretKey: string;
  /** `YYYY-MM-DD` in UTC. */
  readonly date: string;
  readonly service: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** Lower-case hex SHA-256. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: string | Uint8Array, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

/** The canonical request: what the signature covers. */
export function canonicalRequest(parts: SignedParts): string {
  const headers = parts.headers.map(([name, value]) => `${name}:${value}\n`).join("");
  const names = parts.headers.map(([name]) => name).join(";");
  return [parts.method, parts.path, parts.query, headers, names, parts.payloadHash].join("\n");
}

/** The signature in lower-case hex. */
export function tc3Signature(parts: SignedParts, scope: SigningScope): string {
  const credentialScope = `${scope.date}/${scope.service}/tc3_request`;
  const toSign = [tc3Algorithm, scope.timestamp, credentialScope, sha256Hex(canonicalRequest(parts))].join("\n");
  return createHmac("sha256", signingKey(scope)).update(toSign).digest("hex");
}

/** The signing keys derived last: one serves for a day and a service. */
const signingKeys = new Map<string, KeyObject>();
const maxSigningKeys = 64;

function signingKey({ secretKey, date, service }: SigningScope): KeyObject {
  const name = JSON.stringify([secretKey, date, service]);
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  const key = createSecretKey(hmac(hmac(hmac(`TC3${secretKey}`, date), service), "tc3_request"));
  if (signingKeys.size >= maxSigningKeys) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

/** The value of the Authorization header. */
export function tc3Authorization(parts: SignedParts, scope: SigningScope, secretId: string): string {
  const signedHeaders = parts.headers.map(([name]) => name).join(";");
  const credential = `${secretId}/${scope.date}/${scope.service}/tc3_request`;
  return `${tc3Algorithm} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${tc3Signature(parts, scope)}`;
}

/** The UTC date of a moment in Unix seconds, as scopes spell it. */
export function scopeDate(timestamp: number): string {
  return new Date(timestamp * 1000).toISOString().slice(0, 10);
}

/** The hash that each method of signature version 1 is built on. */
export const v1Hashes = { HmacSHA1: "sha1", HmacSHA256: "sha256" } as const;

/** The method of a request with signature version 1 that names none. */
export const defaultV1Method = "HmacSHA1";

/** What signature version 1 covers. */
export interface V1Parts {
  readonly method: string;
  /** With its port, as the client spells it. */
  readonly host: string;
  readonly path: string;
  /** Every parameter but `Signature`, decoded. */
  readonly parameters: Iterable<readonly [name: string, value: string]>;
}

/** The signature of version 1, in base64. */
export function v1Signature(parts: V1Parts, secretKey: string, method: keyof typeof v1Hashes): string {
  const sorted = [...parts.parameters].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const toSign = `${parts.method}${parts.host}${parts.path}?${sorted.map(([name, value]) => `${name}=${value}`).join("&")}`;
  return createHmac(v1Hashes[method], secretKey).update(toSign).digest("base64");
}
