/** What decided about a record, read back from what its log carries beside the line. */
import type { Action, Reason } from "./vpc/reason.ts";

/** The reason that travelled beside a record of that action; undefined where none did. */
export function reasonFromTags(tags: ReadonlyMap<string, string>, action: Action): Reason | undefined {
  const layer = tags.get("decided-by") as Reason["layer"] | undefined;
  const direction = tags.get("decided-in") as Reason["direction"] | undefined;
  const because = tags.get("decided-because") as Reason["because"] | undefined;
  if (layer === undefined || direction === undefined || because === undefined) return undefined;
  const ruleIndex = Number(tags.get("decided-rule"));
  return { layer, direction, action, id: tags.get("decided-id") ?? "", ruleIndex, because };
}
