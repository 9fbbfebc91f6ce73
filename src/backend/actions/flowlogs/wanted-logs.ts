/** What exporting and following logs have in common: which logs are asked for, and how they are answered. */
import { ApiError } from "../../../wire/errors.ts";
import type { LineObject, UnreadObject } from "../../../wire/flowlogs.ts";
import type { Damage, KeptLog } from "../../logs/log-store.ts";
import type { Query, Syntax } from "../../logs/query/ast.ts";
import { parseQuery } from "../../logs/query/parser.ts";
import { barOf } from "../../logs/sql/lexer.ts";
import type { Rooms } from "../../rooms.ts";
import { shownLog } from "../cls-shapes.ts";
import { readable, searchableTopic } from "../cls/searching.ts";

/** A request by which logs are asked for. */
export interface LogsRequest {
  readonly QueryString?: string | undefined;
  readonly QuerySyntax?: number | undefined;
  readonly TopicIds: readonly string[];
  readonly TextOnly?: boolean | undefined;
}

/** The logs that are asked for. */
export interface WantedLogs {
  readonly text: string;
  readonly syntax: Syntax;
  readonly topicIds: readonly string[];
  readonly query: Query;
}

/** Logs of one page where a request does not say. */
export const defaultLogs = 1000;

/** Which logs a request means; refused where a topic cannot be searched, the query not be read, or it asks for more than logs. */
export async function wantedLogs(rooms: Rooms, request: LogsRequest): Promise<WantedLogs> {
  const text = request.QueryString ?? "";
  const syntax: Syntax = request.QuerySyntax === 0 ? "lucene" : "cql";
  const topicIds = [...new Set(request.TopicIds)];
  for (const id of topicIds) searchableTopic(rooms, id);
  if (barOf(text, syntax) !== undefined) {
    throw new ApiError("InvalidParameterValue", `QueryString: ${JSON.stringify(text)} has an SQL part, whose answer is no log: SearchLog answers it`);
  }
  return { text, syntax, topicIds, query: await readable(text, syntax, () => parseQuery(text, syntax)) };
}

/** A log as it is exported and followed. */
export function shownLine(rooms: Rooms, log: KeptLog, request: LogsRequest): LineObject {
  const { topicId, stream, text, timeMs } = log;
  return { Time: timeMs, TopicId: topicId, FileName: stream, RawLog: text, LogJson: request.TextOnly === true ? "" : shownLog(rooms, log).LogJson };
}

/** What could not be read. */
export function shownUnread(damage: readonly Damage[]): UnreadObject[] {
  return damage.map(({ topicId, words }) => ({ TopicId: topicId, ErrorMsg: words }));
}
