import type { Handler } from "../action.ts";
import { foundLog } from "../cls-shapes.ts";
import { readTags } from "../tags.ts";
import { refuseTakenName } from "./create-logset.ts";

/** Changes a logset's name or tags; given tags replace all it had. */
export const modifyLogset: Handler<"ModifyLogset"> = (rooms, request) => {
  const { logsets } = rooms.logs;
  const logset = foundLog(logsets.get(request.LogsetId), "ResourceNotFound.LogsetNotExist", "LogsetId", request.LogsetId);
  if (request.LogsetName !== undefined) refuseTakenName(rooms, request.LogsetName, logset.id);
  logsets.put(logset.id, {
    ...logset,
    name: request.LogsetName ?? logset.name,
    tags: request.Tags === undefined ? logset.tags : readTags(request.Tags, "cls"),
  });
  return {};
};
