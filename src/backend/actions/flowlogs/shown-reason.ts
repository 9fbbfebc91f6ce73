/** Reasons as the API answers them. */
import type { ReasonObject } from "../../../wire/flowlogs.ts";
import { type Reason, reasonWords } from "../../vpc/reason.ts";

export function shownReason(reason: Reason): ReasonObject {
  return {
    Layer: reason.layer,
    Direction: reason.direction,
    Id: reason.id,
    RuleIndex: reason.ruleIndex,
    Words: reasonWords(reason),
  };
}
