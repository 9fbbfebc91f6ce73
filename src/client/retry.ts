/**
 * Which calls are made again, and when.
 *
 * A call is repeated only where that cannot do its work twice: when it never arrived, when the API says that it was not
 * even looked at, or when doing it twice comes to the same. A create whose answer was lost is never repeated here: the
 * model finds what it made by its marker tags (src/model/lifecycle.ts).
 */
import type { ActionName } from "../wire/actions.ts";
import { CloudError, Unreachable } from "./errors.ts";

/** Chance and time, as a client waits for an answer and between attempts. */
export interface Pace {
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** Says when an attempt has taken so long that it is given up. */
  readonly deadline: (ms: number) => AbortSignal;
}

/** The longest wait before the second attempt; it doubles with every further one, up to the last. */
const firstWaitMs = 100;
const longestWaitMs = 5_000;

/** How often a call is made at most, by what went wrong. */
const attempts = { notThere: 4, throttled: 10, noAnswer: 3 } as const;

/** Actions that come to the same when done twice, by how their names begin. */
const repeatable = /^(Describe|Search|Explain|Export|Tail|Modify|Delete|Enable|Disable|Push|Load|Reset)/;

/** Fields with which an otherwise repeatable action adds to what is there, takes more away, or refuses to be done twice. */
const unrepeatableFields: Readonly<Partial<Record<ActionName, readonly string[]>>> = {
  ModifyNetworkAclEntries: ["EnableUpdateAclEntries"],
  ModifySecurityGroupPolicies: ["Version"],
  // By its place in the list: done twice, the next rule goes too.
  DeleteSecurityGroupPolicies: ["SecurityGroupPolicySet"],
};

/** Whether a call may be made again although the first may have been done. */
export function isRepeatable(action: ActionName, request: object): boolean {
  const fields = unrepeatableFields[action] ?? [];
  const inside = Object.values(request).filter((value) => typeof value === "object" && value !== null) as object[];
  const isGiven = fields.some((field) => [request, ...inside].some((each) => Object.hasOwn(each, field)));
  return repeatable.test(action) && !isGiven;
}

/** How often a call that failed so may be made in all. */
function attemptsAfter(error: unknown, canRepeat: boolean): number {
  // Refused for its frequency: the API did not look at it.
  if (error instanceof CloudError) return isThrottled(error.code) ? attempts.throttled : 1;
  if (!(error instanceof Unreachable) || error.howFar === "turned away") return 1;
  if (error.howFar === "not there") return attempts.notThere;
  return canRepeat ? attempts.noAnswer : 1;
}

function isThrottled(code: string): boolean {
  return /^RequestLimitExceeded|^LimitExceeded\.ActionLimited$/.test(code);
}

/**
 * Makes a call until it is answered, or until it may not be made again; throws what went wrong last, or the attempt that
 * may have arrived where a later one certainly did not: the call may have been done.
 */
export async function withRetries<R>(call: () => Promise<R>, canRepeat: boolean, pace: Pace): Promise<R> {
  let uncertain: Unreachable | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof Unreachable && error.howFar === "may have arrived") uncertain = error;
      if (attempt >= attemptsAfter(error, canRepeat)) throw isUndone(error) ? (uncertain ?? error) : error;
      await pace.wait(waitMs(attempt, pace.random()));
    }
  }
}

/** Whether the attempt that failed so has done nothing for certain. */
function isUndone(error: unknown): boolean {
  return error instanceof CloudError ? isThrottled(error.code) : error instanceof Unreachable && error.howFar !== "may have arrived";
}

/** Between half and all of the longest wait, so that clients that were refused together do not come back together. */
function waitMs(attempt: number, chance: number): number {
  const longest = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1));
  return Math.round(longest * (0.5 + chance / 2));
}
