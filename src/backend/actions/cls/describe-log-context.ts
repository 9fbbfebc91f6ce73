import { ApiError } from "../../../wire/errors.ts";
import type * as wire from "../../../wire/objects.ts";
import type { KeptLog } from "../../logs/log-store.ts";
import type { Query } from "../../logs/query/ast.ts";
import { parseQuery } from "../../logs/query/parser.ts";
import type { Rooms } from "../../rooms.ts";
import type { Handler } from "../action.ts";
import { packageId, shownLog } from "../cls-shapes.ts";
import { checkRange, readable, searchableTopic } from "./searching.ts";

/** The logs around one log, in its own log stream: those before it, itself, those behind it, in order of time. */
export const describeLogContext: Handler<"DescribeLogContext"> = async (rooms, request) => {
  const { TopicId, PkgId, PkgLogId, BTime } = request;
  const [fromMs, toMs] = [request.From ?? 0, request.To ?? Number.MAX_SAFE_INTEGER];
  checkRange(fromMs, toMs);
  searchableTopic(rooms, TopicId);
  const atMs = readBeijingTime(BTime);
  const log = PkgId === packageId(TopicId) ? await logAt(rooms, TopicId, atMs, PkgLogId) : undefined;
  if (log === undefined) {
    throw new ApiError("InvalidParameter", `PkgLogId: ${PkgLogId} of PkgId ${JSON.stringify(PkgId)} is no log of this topic at BTime ${JSON.stringify(BTime)}`);
  }
  // Assumed: the API's page does not say which syntax Query is in; where a syntax can be chosen, the older parameter means Lucene.
  const text = request.Query ?? "";
  const query = await readable(text, "lucene", () => parseQuery(text, "lucene"));
  const around = (newestFirst: boolean, limit: number) =>
    readable(text, "lucene", () =>
      rooms.logs.search({ query, syntax: "lucene", topicIds: [TopicId], fromMs, toMs, newestFirst, limit, after: log, stream: log.stream }),
    );
  const before = await around(true, request.PrevLogs ?? defaultLogs);
  const behind = await around(false, request.NextLogs ?? defaultLogs);
  return {
    LogContextInfos: [...before.logs.toReversed(), log, ...behind.logs].map((each) => shownContext(rooms, each)),
    PrevOver: before.isAll,
    NextOver: behind.isAll,
  };
};

const defaultLogs = 10;

async function logAt(rooms: Rooms, topicId: string, atMs: number, sequence: number): Promise<KeptLog | undefined> {
  const all: Query = { kind: "all" };
  const place = { timeMs: atMs, sequence: sequence - 1 };
  const found = await rooms.logs.search({
    ...{ query: all, syntax: "cql", topicIds: [topicId], fromMs: atMs, toMs: atMs + 1, newestFirst: false, limit: 1, after: place },
  });
  const log = found.logs[0];
  return log?.sequence === sequence ? log : undefined;
}

/** Unix milliseconds of `YYYY-mm-dd HH:MM:SS.FFF` in Beijing time. */
function readBeijingTime(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}$/.test(text) ? Date.parse(`${text.replace(" ", "T")}+08:00`) : Number.NaN;
  if (Number.isNaN(ms)) throw new ApiError("InvalidParameter", `BTime: ${JSON.stringify(text)} must be YYYY-mm-dd HH:MM:SS.FFF in UTC+8`);
  return ms;
}

function shownContext(rooms: Rooms, log: KeptLog): wire.LogContextInfo {
  const { Source, FileName, LogJson, PkgId, PkgLogId, Time, HostName, RawLog, IndexStatus } = shownLog(rooms, log);
  return { Source, Filename: FileName, Content: LogJson, PkgId, PkgLogId: Number(PkgLogId), BTime: Time, HostName, RawLog, IndexStatus, HighLights: [] };
}
