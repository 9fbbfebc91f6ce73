/** What every action that searches asks first: a range of time, topics that can be searched, a query that can be read. */
import { ApiError } from "../../../wire/errors.ts";
import type { Damage } from "../../logs/log-store.ts";
import { QuerySyntaxError, type Syntax } from "../../logs/query/ast.ts";
import type { Topic } from "../../logs/topic.ts";
import type { Rooms } from "../../rooms.ts";

/** Refuses a range of time that is empty. */
export function checkRange(from: number, to: number): void {
  if (from >= to) throw new ApiError("InvalidParameter", `From: ${from} must be before To (${to})`);
}

/** The topic of that id, or the refusal where it is not there or has no index. */
export function searchableTopic(rooms: Rooms, id: string): Topic {
  const topic = rooms.logs.topics.get(id);
  if (topic === undefined) {
    throw new ApiError("ResourceNotFound.TopicNotExist", `TopicId: ${JSON.stringify(id)} does not exist`);
  }
  if (rooms.logs.indexes.get(id)?.enabled !== true) {
    const words = `TopicId: ${JSON.stringify(id)} (${topic.name}) has no index, so it cannot be searched: create one with CreateIndex`;
    throw new ApiError("ResourceNotFound.IndexNotExist", words);
  }
  return topic;
}

/** Runs a search; what is wrong with its query is shown with a caret under the place. */
export async function readable<R>(text: string, syntax: Syntax, search: () => R | Promise<R>): Promise<R> {
  try {
    return await search();
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    const place = `${text}\n${" ".repeat(error.at)}^`;
    const readAs = `(read as ${syntax === "cql" ? "CQL" : "Lucene"})`;
    throw new ApiError("FailedOperation.SyntaxError", `Query, character ${error.at + 1}: ${error.message} ${readAs}\n${place}`);
  }
}

/** What could not be read of the topics, as the API tells of topics that failed. */
export function shownDamage(damage: readonly Damage[]): { TopicId: string; ErrorMsg: string; ErrorCodeStr: string }[] {
  return damage.map(({ topicId, words }) => ({ TopicId: topicId, ErrorMsg: words, ErrorCodeStr: "InternalError.SearchFailed" }));
}
