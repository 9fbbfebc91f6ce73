import type { Logset } from "../../logs/topic.ts";
import type { Handler } from "../action.ts";
import { shownLogset } from "../cls-shapes.ts";
import { applyFilters, clsFilters, type FilterRules, page } from "../listing.ts";

const rules: FilterRules<Logset> = {
  logsetName: { read: ({ name }) => [name], fuzzy: true },
  logsetId: { read: ({ id }) => [id] },
};

/** Lists logsets, in the order they were made. */
export const describeLogsets: Handler<"DescribeLogsets"> = (rooms, request) => {
  const hits = applyFilters(rooms.logs.logsets.values(), clsFilters(request.Filters), rules, "InvalidParameter");
  const shown = page(hits, request.Offset, request.Limit).map((logset) => shownLogset(rooms, logset));
  return { TotalCount: hits.length, Logsets: shown };
};
