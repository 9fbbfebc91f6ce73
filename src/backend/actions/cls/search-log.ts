import type { ActionRequest } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Syntax } from "../../logs/query/ast.ts";
import { parseQuery } from "../../logs/query/parser.ts";
import type { Rooms } from "../../rooms.ts";
import type { Handler } from "../action.ts";
import { shownLog } from "../cls-shapes.ts";
import { checkRange, readable, searchableTopic } from "./searching.ts";

const defaultLimit = 100;

/** Searches one topic or several for logs, the newest first unless told otherwise. */
export const searchLog: Handler<"SearchLog"> = async (rooms, request) => {
  const { From, To } = request;
  checkRange(From, To);
  if (request.Context !== undefined && request.Context !== "") {
    throw new ApiError("FailedOperation.InvalidContext", "Context: paging contexts are not offered yet, use Offset");
  }
  const topicIds = searchedTopics(rooms, request);
  const { text, syntax } = queryOf(request);
  const found = await readable(text, () =>
    rooms.logs.search({
      query: parseQuery(text, syntax),
      syntax,
      topicIds,
      fromMs: From,
      toMs: To,
      newestFirst: request.Sort !== "asc",
      offset: request.Offset ?? 0,
      limit: request.Limit ?? defaultLimit,
    }),
  );
  return {
    Context: "",
    ListOver: found.isAll,
    Analysis: false,
    Results: found.logs.map((log) => shownLog(rooms, log)),
    ColNames: null,
    AnalysisResults: null,
    AnalysisRecords: null,
    Columns: null,
    SamplingRate: 1,
    Topics: { Errors: [], Infos: topicIds.map((TopicId) => ({ TopicId, Period: periodOf(rooms, TopicId), Context: "" })) },
  };
};

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
