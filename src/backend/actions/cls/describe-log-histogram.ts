import { ApiError } from "../../../wire/errors.ts";
import { parseQuery } from "../../logs/query/parser.ts";
import { barOf } from "../../logs/sql/lexer.ts";
import type { Handler } from "../action.ts";
import { checkRange, readable, searchableTopic } from "./searching.ts";

/** Most stretches of time that are counted apart. */
const maxBuckets = 200;

/** Counts the logs that a query finds, by stretches of time that are aligned to their own length. */
export const describeLogHistogram: Handler<"DescribeLogHistogram"> = async (rooms, request) => {
  const { From, To, TopicId, Query } = request;
  checkRange(From, To);
  // Assumed: without an Interval the shortest whole number of seconds that the limit on stretches allows.
  const intervalMs = request.Interval ?? Math.ceil((To - From) / maxBuckets / 1000) * 1000;
  if ((To - From) / intervalMs > maxBuckets) {
    const words = `Interval: ${intervalMs} ms divides From to To into more than ${maxBuckets}`;
    throw new ApiError("InvalidParameter", words);
  }
  searchableTopic(rooms, TopicId);
  const syntax = request.SyntaxRule === 1 ? "cql" : "lucene";
  // An SQL part says what to make of the logs, not which.
  const condition = Query.slice(0, barOf(Query, syntax) ?? Query.length);
  const { byBegin } = await readable(Query, syntax, () =>
    rooms.logs.count({ query: parseQuery(condition, syntax), syntax, topicIds: [TopicId], fromMs: From, toMs: To }, intervalMs),
  );
  const HistogramInfos: { Count: number; BTime: number }[] = [];
  for (let BTime = Math.floor(From / intervalMs) * intervalMs; BTime < To; BTime += intervalMs) {
    HistogramInfos.push({ Count: byBegin.get(BTime) ?? 0, BTime });
  }
  const TotalCount = HistogramInfos.reduce((sum, { Count }) => sum + Count, 0);
  return { Interval: intervalMs, TotalCount, HistogramInfos };
};
