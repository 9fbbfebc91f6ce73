/** Whom to call when nobody says: the endpoint, region and key pair of the environment or of the local backend. */
import { isIP } from "node:net";
import { credentialsFromEnvironment, credentialsInFolder, defaultDataFolder, defaultEndpoint } from "../wire/local-backend.ts";
import type { ClientOptions } from "./client.ts";

/** What may be said about it; the rest is found. */
export interface Wished {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly secretId?: string | undefined;
  readonly secretKey?: string | undefined;
  readonly token?: string | undefined;
}

/** There is no key pair to sign with; says where one would be looked for. */
export class NoCredentials extends Error {
  override readonly name = "NoCredentials";
}

/** The region of calls that name none. */
const defaultRegion = "ap-guangzhou";

/** Completes what was wished. The local backend's own key pair is never used for another machine. */
export function findClientOptions(wished: Wished): ClientOptions {
  const endpoint = wished.endpoint ?? process.env["FLOWLOGS_ENDPOINT"] ?? defaultEndpoint;
  const region = wished.region ?? process.env["TENCENTCLOUD_REGION"] ?? defaultRegion;
  return { endpoint, region, credentials: findCredentials(wished, endpoint) };
}

function findCredentials({ secretId, secretKey, token }: Wished, endpoint: string) {
  if (secretId !== undefined && secretKey !== undefined) return { secretId, secretKey, token };
  const fromEnvironment = credentialsFromEnvironment();
  if (fromEnvironment !== undefined) return fromEnvironment;
  const folder = defaultDataFolder();
  const own = isLocal(endpoint) ? credentialsInFolder(folder) : undefined;
  if (own !== undefined) return own;
  throw new NoCredentials(
    isLocal(endpoint)
      ? `no key pair for ${endpoint}: set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or FLOWLOGS_DATA to the ` +
          `data folder of the backend (${folder} has no credentials.json; \`flowlogs serve\` makes one)`
      : `no key pair for ${endpoint}: set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY`,
  );
}

function isLocal(endpoint: string): boolean {
  const host = /^https?:\/\/(?:\[([^\]]*)\]|([^/:]*))/.exec(endpoint);
  const name = host?.[1] ?? host?.[2] ?? "";
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}
