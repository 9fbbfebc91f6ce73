import type { ActionRequest } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import type * as wire from "../../../wire/objects.ts";
import { inTurns } from "../../in-turns.ts";
import type { Found } from "../../logs/log-store.ts";
import type { Query, Syntax } from "../../logs/query/ast.ts";
import { highlights } from "../../logs/query/highlight.ts";
import { parseQuery } from "../../logs/query/parser.ts";
import { barOf } from "../../logs/sql/lexer.ts";
import type { Rooms } from "../../rooms.ts";
import type { Handler } from "../action.ts";
import { shownLog } from "../cls-shapes.ts";
import { analyseLogs } from "./analyse-logs.ts";
import { type PagingContext, readContext, writeContext } from "./paging-context.ts";
import { checkRange, readable, searchableTopic, shownDamage } from "./searching.ts";

const defaultLimit = 100;

/** Most logs that the pages of one search give together. Source: SearchLog, field Context. */
const maxPagedLogs = 10_000;

/** Most bytes of one answer's logs (49 MB). */
const maxAnswerBytes = 49 * 1024 * 1024;

/** Searches one topic or several for logs, the newest first unless told otherwise. */
export const searchLog: Handler<"SearchLog"> = async (rooms, request) => {
  const { From, To } = request;
  checkRange(From, To);
  const topicIds = searchedTopics(rooms, request);
  const { text, syntax } = queryOf(request);
  const bar = barOf(text, syntax);
  if (bar !== undefined) return analyseLogs(rooms, request, { text, bar, syntax, topicIds });
  const asked = { text, syntax, topicIds: topicIds.toSorted(), From, To, newestFirst: request.Sort !== "asc" };
  const context = contextOf(request, asked, rooms);
  const given = context?.given ?? 0;
  const limit = Math.min(request.Limit ?? defaultLimit, maxPagedLogs - given);
  const query = await readable(text, syntax, () => parseQuery(text, syntax));
  const found = await readable(text, syntax, () =>
    rooms.logs.search({
      ...{ query, syntax, topicIds, fromMs: From, toMs: To, newestFirst: asked.newestFirst, limit, offset: request.Offset ?? 0 },
      ...(context === undefined ? {} : { after: context, upToSequence: context.upToSequence }),
    }),
  );
  const next = nextContext(found, given, rooms.clock.nowMs());
  const Context = next === undefined ? "" : writeContext(next, asked);
  const Results = await inTurns(found.logs, (log) => ({ ...shownLog(rooms, log), ...(request.HighLight === true ? { HighLights: shownHits(rooms, query, log) } : {}) }));
  refuseTooLarge(Results);
  return {
    ...{ Context, ListOver: found.isAll, Analysis: false, Results },
    ...{ ColNames: null, AnalysisResults: null, AnalysisRecords: null, Columns: null, SamplingRate: 1 },
    QuerySyntax: syntax === "cql" ? 1 : 0,
    Topics: { Errors: shownDamage(found.damage), Infos: topicIds.map((TopicId) => ({ TopicId, Period: periodOf(rooms, TopicId), Context })) },
  };
};

/** Where the page begins that is asked for; one context serves all topics, wherever it is given. */
function contextOf(request: ActionRequest<"SearchLog">, asked: object, rooms: Rooms): PagingContext | undefined {
  const texts = [request.Context, ...(request.Topics ?? []).map(({ Context }) => Context)].filter((each) => each !== undefined && each !== "");
  const [text, ...others] = [...new Set(texts)];
  if (text === undefined) return undefined;
  if (others.length > 0) throw new ApiError("FailedOperation.InvalidContext", "Context: the topics of one search have one context, these differ");
  if ((request.Offset ?? 0) > 0) throw new ApiError("InvalidParameter", `Offset: ${request.Offset} cannot be given together with Context`);
  const context = readContext(text, asked, rooms.clock.nowMs());
  if (context.given < maxPagedLogs) return context;
  throw new ApiError("FailedOperation.InvalidContext", `Context: the pages of one search give ${maxPagedLogs} logs: ask for a shorter range of time`);
}

function nextContext({ logs, isAll, upToSequence }: Found, given: number, issuedMs: number): PagingContext | undefined {
  const last = logs.at(-1);
  if (isAll || last === undefined) return undefined;
  return { timeMs: last.timeMs, sequence: last.sequence, upToSequence, given: given + logs.length, issuedMs };
}

function shownHits(rooms: Rooms, query: Query, log: Found["logs"][number]): wire.LogInfo["HighLights"] {
  const index = rooms.logs.indexes.get(log.topicId);
  return index === undefined ? [] : highlights(query, index, log).map(({ key, value }) => ({ Key: key, Values: [value] }));
}

function refuseTooLarge(results: readonly wire.LogInfo[]): void {
  const bytes = results.reduce((sum, { LogJson, RawLog }) => sum + Buffer.byteLength(LogJson) + Buffer.byteLength(RawLog), 0);
  if (bytes <= maxAnswerBytes) return;
  throw new ApiError("LimitExceeded.SearchResultTooLarge", `Limit: the logs of this page have ${bytes} bytes, more than ${maxAnswerBytes}: ask for fewer`);
}

function periodOf(rooms: Rooms, topicId: string): number {
  return rooms.logs.topics.get(topicId)!.periodDays;
}

/** The topics asked for; each must exist and have an index. */
function searchedTopics(rooms: Rooms, request: ActionRequest<"SearchLog">): string[] {
  const { TopicId, Topics } = request;
  if (TopicId !== undefined && Topics !== undefined) {
    throw new ApiError("InvalidParameter", "TopicId and Topics cannot be given together");
  }
  const ids = Topics?.map(({ TopicId: id }) => id) ?? (TopicId === undefined ? [] : [TopicId]);
  if (ids.length === 0) throw new ApiError("MissingParameter", "one of TopicId, Topics is required");
  for (const id of ids) searchableTopic(rooms, id);
  return [...new Set(ids)];
}

/** The query's text and syntax: the new pair of parameters (CQL unless told otherwise) or the old one (Lucene). */
function queryOf(request: ActionRequest<"SearchLog">): { text: string; syntax: Syntax } {
  const { Query, QueryString } = request;
  if (QueryString === undefined && Query !== undefined) {
    return { text: Query, syntax: request.SyntaxRule === 1 ? "cql" : "lucene" };
  }
  return { text: QueryString ?? "", syntax: request.QuerySyntax === 0 ? "lucene" : "cql" };
}
