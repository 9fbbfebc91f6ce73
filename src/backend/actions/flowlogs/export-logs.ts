import { newUuid } from "../../ids.ts";
import type { Found } from "../../logs/log-store.ts";
import { inTurns } from "../../in-turns.ts";
import type { Handler } from "../action.ts";
import { type PagingContext, readContext, writeContext } from "../cls/paging-context.ts";
import { checkRange, readable } from "../cls/searching.ts";
import { writeCursor } from "./tail-logs.ts";
import { defaultLogs, shownLine, shownUnread, wantedLogs } from "./wanted-logs.ts";

/**
 * A page of all logs that a query finds: those that were there when the first page was asked for, each once, however
 * many they are. (SearchLog ends after 10,000, as on the cloud.)
 */
export const exportLogs: Handler<"ExportLogs"> = async (rooms, request) => {
  const { logs, random } = rooms;
  const lineage = logs.lineage(() => newUuid(random));
  const [fromMs, toMs] = [request.From ?? 0, request.To ?? Number.MAX_SAFE_INTEGER];
  checkRange(fromMs, toMs);
  const { text, syntax, query, topicIds } = await wantedLogs(rooms, request);
  const newestFirst = request.Sort === "desc";
  const asked = { lineage: lineage.id, text, syntax, topicIds: topicIds.toSorted(), fromMs, toMs, newestFirst };
  const context = request.Context === undefined || request.Context === "" ? undefined : readContext(request.Context, asked, never);
  const { Limit: limit = defaultLogs } = request;
  const condition = { query, syntax, topicIds, fromMs, toMs };
  const found = await readable(text, syntax, () =>
    logs.search({
      ...{ ...condition, newestFirst, limit, isExport: limit >= defaultLogs, textOnly: request.TextOnly === true },
      ...(context === undefined ? {} : { after: context, upToSequence: context.upToSequence }),
    }),
  );
  const next = nextContext(found, context?.given ?? 0);
  return {
    Results: await inTurns(found.logs, (log) => shownLine(rooms, log, request)),
    Context: next === undefined ? "" : writeContext(next, asked),
    ListOver: found.isAll,
    Cursor: writeCursor(lineage, found.upToSequence),
    Keys: request.WithKeys === true ? [...(await logs.keys(condition, found.upToSequence))] : [],
    Unread: shownUnread(found.damage),
  };
};

/** When contexts of this action were given out: they do not expire, for a replay can move a virtual clock by hours between two pages. */
const never = 0;

function nextContext({ logs, isAll, upToSequence }: Found, given: number): PagingContext | undefined {
  const last = logs.at(-1);
  if (isAll || last === undefined) return undefined;
  return { timeMs: last.timeMs, sequence: last.sequence, upToSequence, given: given + logs.length, issuedMs: never };
}
