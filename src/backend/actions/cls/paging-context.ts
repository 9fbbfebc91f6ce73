/**
 * Paging contexts: where a search's last page ended, and what its first page saw, so that the pages together are the
 * logs that were there when the first was asked for, each once, whatever is written meanwhile.
 */
import { createHash } from "node:crypto";
import { ApiError } from "../../../wire/errors.ts";

/** How far a search has come. */
export interface PagingContext {
  readonly timeMs: number;
  readonly sequence: number;
  /** The last log kept when the first page was asked for. */
  readonly upToSequence: number;
  /** How many logs the pages so far have given. */
  readonly given: number;
  readonly issuedMs: number;
}

/** How long a context can be used. Source: SearchLog, field Context. */
const validMs = 3_600_000;

/** A context as text; `asked` is what every page must ask for alike. */
export function writeContext(context: PagingContext, asked: object): string {
  const { timeMs, sequence, upToSequence, given, issuedMs } = context;
  return Buffer.from(JSON.stringify([digest(asked), timeMs, sequence, upToSequence, given, issuedMs])).toString("base64url");
}

/** Reads a context; refuses one that is none, is too old, or belongs to another search. */
export function readContext(text: string, asked: object, nowMs: number): PagingContext {
  const [mark, ...numbers] = parts(text);
  const isWhole = typeof mark === "string" && numbers.length === 5 && numbers.every((each) => Number.isSafeInteger(each));
  if (!isWhole) throw invalid("is no context that a search has given out");
  const [timeMs, sequence, upToSequence, given, issuedMs] = numbers as [number, number, number, number, number];
  if (mark !== digest(asked)) throw invalid("belongs to another search: every other parameter must stay as it was");
  if (nowMs - issuedMs > validMs) throw invalid("is older than an hour");
  return { timeMs, sequence, upToSequence, given, issuedMs };

  function invalid(words: string): ApiError {
    return new ApiError("FailedOperation.InvalidContext", `Context: ${JSON.stringify(text.slice(0, 40))} ${words}`);
  }
}

function parts(text: string): unknown[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

function digest(asked: object): string {
  return createHash("sha256").update(JSON.stringify(asked)).digest("base64url").slice(0, 16);
}
