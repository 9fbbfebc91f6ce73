/** Every action of every service, by name: the table the server looks up and the client is typed by. */
import type { ActionRow } from "./action.ts";
import { clsActions } from "./cls.ts";
import type { RequestOf } from "./fields.ts";
import { flowlogsActions } from "./flowlogs.ts";
import { tagActions } from "./tag.ts";
import { vpcActions } from "./vpc.ts";

/** The action tables of the four services as one; no two services share an action's name. */
export const actions = { ...vpcActions, ...clsActions, ...tagActions, ...flowlogsActions } as const;

/** The name of an action that the backend answers. */
export type ActionName = keyof typeof actions;

/** The request of an action, typed by its rules. */
export type ActionRequest<A extends ActionName> = RequestOf<(typeof actions)[A]["request"]>;

/** The answer of an action, without its RequestId. */
export type ActionResponse<A extends ActionName> = NonNullable<(typeof actions)[A]["response"]>;

/** Sends one request and gives the answer back: the client over HTTP, or a cloud in the same process. */
export type Call = <A extends ActionName>(
  action: A,
  request: ActionRequest<A>,
) => Promise<ActionResponse<A> & { RequestId: string }>;

/** The row of an action, or undefined for a name that no service has. */
export function findAction(name: string): ActionRow | undefined {
  return Object.hasOwn(actions, name) ? (actions as Record<string, ActionRow>)[name] : undefined;
}
