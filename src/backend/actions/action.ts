/** What an action is to the server: a function of the rooms and a request that its rules have let through. */
import { ApiError } from "../../wire/errors.ts";
import type { ActionName, ActionRequest, ActionResponse } from "../../wire/actions.ts";
import type { CallContext, Rooms } from "../rooms.ts";

/** Answers one action; throws an {@link ApiError} for what the rooms refuse. */
export type Handler<A extends ActionName> = (
  rooms: Rooms,
  request: ActionRequest<A>,
  context: CallContext,
) => ActionResponse<A> | Promise<ActionResponse<A>>;

/** What an id names, or the refusal that names the field and the value. */
export function found<T>(item: T | undefined, field: string, id: string): T {
  if (item === undefined) throw new ApiError("ResourceNotFound", `${field}: ${JSON.stringify(id)} does not exist`);
  return item;
}
