/** The folder of real input that stands beside some checkouts of the project; a newcomer's clone has none of it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the folder would be. */
export const sharedData = fileURLToPath(new URL("../../../shared/data", import.meta.url));

export const hasSharedData = existsSync(sharedData);

/** A path in the folder. */
export function sharedPath(...parts: string[]): string {
  return join(sharedData, ...parts);
}
