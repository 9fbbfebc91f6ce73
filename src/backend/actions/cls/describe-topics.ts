import type { Topic } from "../../logs/topic.ts";
import type { Handler } from "../action.ts";
import { shownTopic } from "../cls-shapes.ts";
import { applyFilters, clsFilters, type FilterRule, page } from "../listing.ts";

/** `PreciseSearch`: which names must be whole, not parts. */
const preciseTopic = new Set([1, 3]);
const preciseLogset = new Set([2, 3]);

/** Lists topics, in the order they were made. */
export const describeTopics: Handler<"DescribeTopics"> = (rooms, request) => {
  const { logs } = rooms;
  const byName = (read: FilterRule<Topic>["read"], isPrecise: boolean): FilterRule<Topic> =>
    isPrecise ? { read } : { read, fuzzy: true };
  const precise = request.PreciseSearch ?? 0;
  const hits = applyFilters(
    logs.topics.values(),
    clsFilters(request.Filters),
    {
      topicName: byName(({ name }) => [name], preciseTopic.has(precise)),
      logsetName: byName(({ logsetId }) => [logs.logsets.get(logsetId)!.name], preciseLogset.has(precise)),
      topicId: { read: ({ id }) => [id] },
      logsetId: { read: ({ logsetId }) => [logsetId] },
      storageType: { read: ({ storageType }) => [storageType] },
    },
    "InvalidParameter",
  ).filter(({ bizType }) => bizType === (request.BizType ?? 0));
  const shown = page(hits, request.Offset, request.Limit).map((topic) => shownTopic(rooms, topic));
  return { Topics: shown, TotalCount: hits.length };
};
