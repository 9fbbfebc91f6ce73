import { ApiError } from "../../../wire/errors.ts";
import { newUuid } from "../../ids.ts";
import type { Lineage } from "../../logs/logs.ts";
import { inTurns } from "../../in-turns.ts";
import type { Handler } from "../action.ts";
import { readable } from "../cls/searching.ts";
import { defaultLogs, shownLine, shownUnread, wantedLogs } from "./wanted-logs.ts";

/** The logs that arrived since the last answer, in the order of their arrival; the first answer only says where to begin. */
export const tailLogs: Handler<"TailLogs"> = async (rooms, request) => {
  const { logs, random } = rooms;
  const lineage = logs.lineage(() => newUuid(random));
  const { text, syntax, query, topicIds } = await wantedLogs(rooms, request);
  const cursor = request.Cursor === undefined || request.Cursor === "" ? undefined : readCursor(request.Cursor);
  const isAnew = cursor !== undefined && cursor.lineage !== lineage.id;
  const afterSequence = isAnew ? lineage.fromSequence : (cursor?.sequence ?? 0);
  const limit = cursor === undefined ? 0 : (request.Limit ?? defaultLogs);
  const found = await readable(text, syntax, () => logs.arrivals({ query, syntax, topicIds, afterSequence, limit }));
  return {
    Results: await inTurns(found.logs, (log) => shownLine(rooms, log, request)),
    Cursor: writeCursor(lineage, found.upToSequence),
    ListOver: cursor === undefined || found.isAll,
    Anew: isAnew,
    Unread: shownUnread(found.damage),
  };
};

/** Where following goes on: behind a log of a lineage. */
export function writeCursor({ id }: Lineage, sequence: number): string {
  return `${id}.${sequence}`;
}

function readCursor(text: string): { lineage: string; sequence: number } {
  const [, lineage, sequence] = /^([0-9a-f-]{36})\.(\d{1,15})$/.exec(text) ?? [];
  if (lineage === undefined) {
    throw new ApiError("InvalidParameterValue", `Cursor: ${JSON.stringify(text.slice(0, 60))} is no cursor that TailLogs or ExportLogs has given out`);
  }
  return { lineage, sequence: Number(sequence) };
}
