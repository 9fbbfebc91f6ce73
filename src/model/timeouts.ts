/** How long an operation may take: Pulumi's `customTimeouts`, which its SDK does not hand to dynamic resources. */
import type { Failure } from "./check.ts";
import type { Api } from "./resource-model.ts";
import { shown } from "../wire/validate.ts";
import { isUnknown } from "./unknown.ts";

/** The operations that can be given a time. */
export type Operation = "create" | "update" | "delete";

const operations: readonly string[] = ["create", "update", "delete"] satisfies Operation[];

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a stretch as Pulumi spells it (`90s`, `5m`, `1h30m`, `1.5s`); undefined for anything else. */
export function readStretchMs(text: unknown): number | undefined {
  if (typeof text !== "string") return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs[unit!]!, 0);
}

/** What is wrong with a resource's `customTimeouts`. */
export function timeoutViolations(given: unknown): Failure[] {
  if (given === undefined || isUnknown(given)) return [];
  return Object.entries(given as object)
    .filter(([operation, stretch]) => !operations.includes(operation) || readStretchMs(stretch) === undefined)
    .map(([operation, stretch]) => ({
      property: `customTimeouts.${operation}`,
      reason: `customTimeouts.${operation}: ${shown(stretch)} must be a stretch of time such as 30s or 5m, for create, update or delete`,
    }));
}

/** The time that a resource's own `customTimeouts` give an operation. */
export function ownTimeoutMs(properties: Readonly<Record<string, unknown>>, operation: Operation): number | undefined {
  const given = properties["customTimeouts"] as Readonly<Record<string, unknown>> | undefined;
  return readStretchMs(given?.[operation]);
}

/** An operation took longer than it may. */
export class TookTooLong extends Error {
  override readonly name = "TookTooLong";
}

/** Does work with calls that all have to be answered within one stretch of time; without a limit they just run. */
export async function within<R>(api: Api, limitMs: number | undefined, work: (api: Api) => Promise<R>): Promise<R> {
  if (limitMs === undefined) return work(api);
  let stop: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    stop = setTimeout(reject, limitMs);
  });
  over.catch(() => {});
  const call: Api["call"] = (action, request) =>
    Promise.race([
      api.call(action, request),
      over.catch(() => {
        const words = `${action} was not answered within the ${limitMs / 1000} s that the whole operation may take (customTimeouts, or flowlogs:timeoutSeconds)`;
        throw new TookTooLong(words);
      }),
    ]);
  try {
    return await work({ ...api, call });
  } finally {
    clearTimeout(stop);
  }
}
