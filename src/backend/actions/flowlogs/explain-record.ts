import { ApiError } from "../../../wire/errors.ts";
import { type FlowRecord, formatRecord, MalformedRecord, parseRecord } from "../../flow/record.ts";
import type { KeptLog } from "../../logs/log-store.ts";
import { parseQuery } from "../../logs/query/parser.ts";
import type { Rooms } from "../../rooms.ts";
import { type Reason, reasonWords } from "../../vpc/reason.ts";
import { reasonFromTags } from "../../record-log.ts";
import type { Handler } from "../action.ts";
import { shownReason } from "./shown-reason.ts";

/** Why a record says ACCEPT or REJECT: the rule that decided when its packets were judged. */
export const explainRecord: Handler<"ExplainRecord"> = async (rooms, { Record }) => {
  const line = Record.trim();
  const record = readable(line);
  const kept = (await rooms.logs.findLine(record.interfaceId, record.start * 1000, line)) ?? (await findAlike(rooms, record));
  if (kept === undefined) {
    const words = `Record: no topic holds this line, nor another record of its flow in its capture window: ${line}`;
    throw new ApiError("ResourceNotFound", words);
  }
  const reason = record.action && reasonFromTags(new Map(kept.tags), record.action);
  const TopicId = kept.topicId;
  const Words = recordWords(record.action, record.logStatus, reason);
  return { Reason: reason ? shownReason(reason) : null, TopicId, Record: kept.text, Words };
};

/** Most records of an ENI and a window that are looked through for one of the same flow. */
const maxLookedThrough = 10_000;

/**
 * The record of the same ENI, 5-tuple and action in the same capture window, for a line that comes from elsewhere: its
 * packets and bytes may have been counted by another.
 */
async function findAlike(rooms: Rooms, record: FlowRecord): Promise<KeptLog | undefined> {
  const { windowSeconds } = rooms.setting;
  const windowStart = Math.floor(record.start / windowSeconds) * windowSeconds;
  const topicIds = [...rooms.logs.topics.values()].map(({ id }) => id).filter((id) => rooms.logs.indexes.get(id)?.enabled === true);
  if (topicIds.length === 0 || record.action === undefined) return undefined;
  const found = await rooms.logs.search({
    ...{ query: parseQuery("", "cql"), syntax: "cql", topicIds, newestFirst: false, limit: maxLookedThrough, stream: record.interfaceId },
    ...{ fromMs: windowStart * 1000, toMs: (windowStart + windowSeconds) * 1000 },
  });
  return found.logs.find(({ text }) => flowOf(text) === flowOf(formatRecord(record)));
}

/** The fields of a line that name its flow: 5-tuple and action. */
function flowOf(line: string): string {
  const fields = line.split(" ");
  return [...fields.slice(2, 8), fields[12]].join(" ");
}

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
