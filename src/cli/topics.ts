/** Topics by name or id. */
import type { Client } from "../client/client.ts";
import type { TopicObject } from "../wire/objects.ts";
import { Failed, UsageError } from "./errors.ts";

/** Most topics of one search (SearchLog's limit). */
const maxTopics = 50;

/** The topics with these names or ids; with none named, all that have an index. */
export async function findTopics(client: Client, wanted: readonly string[]): Promise<TopicObject[]> {
  const all = await Array.fromAsync(client.items("DescribeTopics", {}));
  if (wanted.length === 0) {
    const indexed = all.filter(({ Index }) => Index);
    if (indexed.length === 0) throw new Failed("no topic with an index: nothing can be searched yet");
    if (indexed.length > maxTopics) throw new UsageError(`${indexed.length} topics are more than one search takes: name up to ${maxTopics} with --topic`);
    return indexed;
  }
  return wanted.flatMap((each) => {
    const hits = all.filter(({ TopicId, TopicName }) => TopicId === each || TopicName === each);
    if (hits.length === 0) {
      const names = all.map(({ TopicName }) => TopicName).join(", ") || "none";
      throw new Failed(`--topic: ${JSON.stringify(each)} is no topic's name or id; there are: ${names}`);
    }
    return hits;
  });
}
