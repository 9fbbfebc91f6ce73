/** SearchLog's answer where the query has an SQL part. */
import type { ActionRequest, ActionResponse } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Analysis } from "../../logs/log-store.ts";
import type { Syntax } from "../../logs/query/ast.ts";
import { parseQuery } from "../../logs/query/parser.ts";
import { parseSelect } from "../../logs/sql/parser.ts";
import type { Rooms } from "../../rooms.ts";
import { readable, shownDamage } from "./searching.ts";

/** What is asked: the whole query, and where its bar stands. */
export interface Analysed {
  readonly text: string;
  readonly bar: number;
  readonly syntax: Syntax;
  readonly topicIds: readonly string[];
}

/** Answers the SELECT behind the bar over the logs that the condition before it finds. */
export async function analyseLogs(rooms: Rooms, request: ActionRequest<"SearchLog">, { text, bar, syntax, topicIds }: Analysed): Promise<ActionResponse<"SearchLog">> {
  if ((request.Offset ?? 0) > 0) throw new ApiError("InvalidParameter", `Offset: ${request.Offset} is for queries without SQL: give it in LIMIT`);
  // 0 leaves the rate to the service: here everything is looked at.
  const samplingRate = request.SamplingRate === undefined || request.SamplingRate === 0 ? 1 : request.SamplingRate;
  const analysis = await readable(text, syntax, () => {
    const query = parseQuery(text.slice(0, bar), syntax);
    const condition = { query, syntax, topicIds, fromMs: request.From, toMs: request.To };
    return rooms.logs.analyse(condition, parseSelect(text, bar + 1), samplingRate);
  });
  const isNew = request.UseNewAnalysis === true;
  return {
    ...{ Context: "", ListOver: true, Analysis: true, Results: null, SamplingRate: samplingRate },
    ColNames: isNew ? null : analysis.columns.map(({ name }) => name),
    AnalysisResults: isNew ? null : pairs(analysis),
    AnalysisRecords: isNew ? records(analysis) : null,
    Columns: isNew ? analysis.columns.map(({ name, type }) => ({ Name: name, Type: type })) : null,
    QuerySyntax: syntax === "cql" ? 1 : 0,
    Topics: {
      Errors: shownDamage(analysis.damage),
      Infos: topicIds.map((TopicId) => ({ TopicId, Period: rooms.logs.topics.get(TopicId)!.periodDays, Context: "" })),
    },
  };
}

function records({ columns, rows }: Analysis): string[] {
  return rows.map((row) => JSON.stringify(Object.fromEntries(row.map((value, place) => [columns[place]!.name, value]))));
}

function pairs({ columns, rows }: Analysis): { Data: { Key: string; Value: string }[] }[] {
  return rows.map((row) => ({ Data: row.map((value, place) => ({ Key: columns[place]!.name, Value: value === null ? "null" : String(value) })) }));
}
