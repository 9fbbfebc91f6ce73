/** Values that are not known yet during a preview. */

/** What Pulumi hands a provider for a value that is not known yet (also for numbers, also inside lists). */
const pulumiUnknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is not known yet. */
export function isUnknown(value: unknown): boolean {
  return value === pulumiUnknown;
}

/** Whether a value, or anything inside it, is not known yet. */
export function holdsUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown);
}
