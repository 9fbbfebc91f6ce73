/** How a local backend and its clients find each other: the default address, the data folder, the key pair in it. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A key pair, and the token that temporary ones have. */
export interface Credentials {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string | undefined;
}

/** The port a backend listens on when it is not told another. */
export const defaultPort = 7878;

/** Where clients look for a backend when they are not told where. */
export const defaultEndpoint = `http://127.0.0.1:${defaultPort}`;

/** Where a backend keeps its data when it is not told where. */
export function defaultDataFolder(): string {
  const share = process.env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share");
  return process.env["FLOWLOGS_DATA"] ?? join(share, "flowlogs");
}

/** The key pair of the official environment variables, if both are set. */
export function credentialsFromEnvironment(): Credentials | undefined {
  const secretId = process.env["TENCENTCLOUD_SECRET_ID"];
  const secretKey = process.env["TENCENTCLOUD_SECRET_KEY"];
  if (!secretId || !secretKey) return undefined;
  const token = process.env["TENCENTCLOUD_SECURITY_TOKEN"];
  return { secretId, secretKey, token: token === "" ? undefined : token };
}

/** The file in a data folder that holds the backend's own key pair. */
export function credentialsPath(dataFolder: string): string {
  return join(dataFolder, "credentials.json");
}

/** The key pair that a backend made for itself and keeps in its data folder, if there is one. */
export function credentialsInFolder(dataFolder: string): Credentials | undefined {
  const path = credentialsPath(dataFolder);
  if (!existsSync(path)) return undefined;
  const { secretId, secretKey } = JSON.parse(readFileSync(path, "utf8")) as Credentials;
  return { secretId, secretKey };
}
