import { ApiError } from "../../../wire/errors.ts";
import { newUuid } from "../../ids.ts";
import type { Rooms } from "../../rooms.ts";
import type { Handler } from "../action.ts";
import { readTags } from "../tags.ts";

/** Makes a logset; its name is its own in the account and region. */
export const createLogset: Handler<"CreateLogset"> = (rooms, request) => {
  refuseTakenName(rooms, request.LogsetName);
  const id = request.LogsetId ?? newUuid(rooms.random);
  if (rooms.logs.logsets.has(id)) {
    throw new ApiError("InvalidParameter.LogsetConflict", `LogsetId: ${JSON.stringify(id)} is taken`);
  }
  const tags = readTags(request.Tags, "cls");
  rooms.logs.logsets.put(id, { id, name: request.LogsetName, tags, createdMs: rooms.clock.nowMs() });
  return { LogsetId: id };
};

/** Refuses a name that another logset has. */
export function refuseTakenName(rooms: Rooms, name: string, exceptId?: string): void {
  const holder = [...rooms.logs.logsets.values()].find((logset) => logset.name === name && logset.id !== exceptId);
  if (holder !== undefined) {
    throw new ApiError("InvalidParameter.LogsetConflict", `LogsetName: ${JSON.stringify(name)} is taken by ${holder.id}`);
  }
}
