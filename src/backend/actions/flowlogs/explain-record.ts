import { ApiError } from "../../../wire/errors.ts";
import { MalformedRecord, parseRecord } from "../../flow/record.ts";
import { type Reason, reasonWords } from "../../vpc/reason.ts";
import { reasonFromTags } from "../../record-log.ts";
import type { Handler } from "../action.ts";
import { shownReason } from "./shown-reason.ts";

/** Why a record says ACCEPT or REJECT: the rule that decided when its packets were judged. */
export const explainRecord: Handler<"ExplainRecord"> = async (rooms, { Record }) => {
  const line = Record.trim();
  const record = readable(line);
  const kept = await rooms.logs.findLine(record.interfaceId, record.start * 1000, line);
  if (kept === undefined) {
    throw new ApiError("ResourceNotFound", `Record: no topic holds this line: ${line}`);
  }
  const reason = record.action && reasonFromTags(new Map(kept.tags), record.action);
  const TopicId = kept.topicId;
  const Words = recordWords(record.action, record.logStatus, reason);
  return { Reason: reason ? shownReason(reason) : null, TopicId, Record: line, Words };
};

function readable(line: string) {
  try {
    return parseRecord(line);
  } catch (error) {
    if (error instanceof MalformedRecord) throw new ApiError("InvalidParameterValue", `Record: ${error.message}`);
    throw error;
  }
}

function recordWords(action: string | undefined, status: string, reason: Reason | undefined): string {
  if (reason !== undefined) return `${action}: ${reasonWords(reason)}.`;
  if (status === "NODATA") return "NODATA: no traffic entered or left the network interface in this capture window.";
  return "SKIPDATA: some traffic of this capture window came too late or found no room, and was not counted.";
}
