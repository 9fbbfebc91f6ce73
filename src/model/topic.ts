import type { ActionRequest } from "../wire/actions.ts";
import { withMarker } from "./logset.ts";
import type { Api, Properties, ResourceModel, Shown } from "./resource-model.ts";
import { asShown, clsMarkFilter, codeOf, everyPage, modify, tagged, unlessGone } from "./steps.ts";

/** A topic: where records are kept and searched. */
export const topic: ResourceModel = {
  name: "Topic",
  doc: "Where records are kept and searched; each ENI's records are one log stream in it.",
  create: "CreateTopic",
  properties: {
    logsetId: { wire: "LogsetId", doc: "The logset it belongs to.", replaceOnChange: true },
    topicName: { wire: "TopicName", doc: "What the topic is called; its own in the logset.", autoName: true, replaceOnChange: true },
    topicId: {
      wire: "TopicId",
      doc: "An id of your own choice: 3 to 40 of a-z, 0-9 and -, then - and the APPID.",
      replaceOnChange: true,
      chosenByCloud: true,
    },
    period: {
      wire: "Period",
      doc: "Days that records are kept: 1 to 3600 in hot storage, 7 to 3600 in cold, 3640 for ever.",
      chosenByCloud: true,
    },
    storageType: { wire: "StorageType", doc: "hot or cold.", default: "hot" },
    hotPeriod: { wire: "HotPeriod", doc: "Days in hot storage before records sink to cold; 0 for all of them.", default: 0 },
    partitionCount: { wire: "PartitionCount", doc: "Partitions at the start.", default: 1 },
    autoSplit: { wire: "AutoSplit", doc: "Whether partitions split under load.", default: true },
    maxSplitPartitions: { wire: "MaxSplitPartitions", doc: "Most partitions after splitting.", default: 50 },
    describes: { wire: "Describes", doc: "What the topic is for." },
    bizType: { wire: "BizType", doc: "0 for logs, 1 for metrics.", replaceOnChange: true, default: 0 },
    encryption: { wire: "Encryption", doc: "1 to encrypt at rest.", replaceOnChange: true, default: 0, shownAs: "Encryption" },
    tags: { wire: "Tags", doc: "Up to 8 tags by key (the provider adds two of its own to the ten the cloud allows).", isTags: true },
    forceDestroy: {
      doc: "Lets the topic go (deleted or replaced) although it holds records; must be in the state before that.",
      default: false,
      type: "boolean",
    },
  },
  outputs: {
    createTime: { shownAs: "CreateTime", doc: "When it was made, as the API spells it." },
  },
  slots: [["logsetId", "topicName"], ["topicId"]],
  conflicts: ["InvalidParameter.TopicConflict"],
  steps: {
    async create({ call }, request) {
      return (await call("CreateTopic", request as unknown as ActionRequest<"CreateTopic">)).TopicId;
    },
    read: readTopic,
    async list(api, owner, inputs) {
      if (inputs !== undefined) return listTopics(api, owner, Number(inputs["bizType"] ?? 0));
      return [...(await listTopics(api, owner, 0)), ...(await listTopics(api, owner, 1))];
    },
    async update(api, id, changed, news) {
      await modify(api, "ModifyTopic", { TopicId: id }, { changed, news }, {
        period: ["Period", undefined],
        storageType: ["StorageType", "hot"],
        hotPeriod: ["HotPeriod", 0],
        partitionCount: ["PartitionCount", 1],
        autoSplit: ["AutoSplit", true],
        maxSplitPartitions: ["MaxSplitPartitions", 50],
        describes: ["Describes", ""],
      });
      if (!changed.has("tags")) return;
      const shown = await readTopic(api, id, news);
      await api.call("ModifyTopic", { TopicId: id, Tags: withMarker(shown?.["Tags"], news["tags"]) });
    },
    async guard(api, id, state) {
      if (state["forceDestroy"] !== true) await refuseWithRecords(api, id, state);
    },
    async delete(api, id) {
      await unlessGone(api.call("DeleteTopic", { TopicId: id }));
    },
  },
};

/** A listing shows topics for logs or those for metrics; the likelier kind is asked for first. */
async function readTopic({ call }: Api, id: string, state: Properties): Promise<Shown | undefined> {
  const likelier = Number(state["bizType"] ?? 0);
  for (const BizType of [likelier, 1 - likelier]) {
    const { Topics } = await call("DescribeTopics", { BizType, Filters: [{ Key: "topicId", Values: [id] }] });
    if (Topics[0] !== undefined) return asShown(Topics[0]);
  }
  return undefined;
}

/** The topics for logs (0) or those for metrics (1). */
function listTopics({ call }: Api, owner: string | undefined, BizType: number) {
  return everyPage(async (page) => {
    const { Topics } = await call("DescribeTopics", { BizType, Filters: clsMarkFilter(owner), ...page });
    return tagged(Topics, (each) => each.TopicId, (each) => each.Tags);
  });
}

/** A topic that holds records is not deleted by the way. */
export class TopicHoldsRecords extends Error {
  override readonly name = "TopicHoldsRecords";
}

async function refuseWithRecords(api: Api, id: string, state: Properties): Promise<void> {
  const held = api.isLocal ? await localRecords(api, id) : await cloudRecords(api, id, state);
  if (held === undefined) return;
  const name = String(state["topicName"]);
  throw new TopicHoldsRecords(
    `topic ${name} (${id}) ${held}. Export them (flowlogs search --topic ${name} --limit 1000000 --format raw), ` +
      "then set forceDestroy: true on the topic, run `pulumi up`, and delete or replace it after that",
  );
}

async function localRecords({ call }: Api, id: string): Promise<string | undefined> {
  const usage = await unlessGone(call("DescribeTopicUsage", { TopicId: id }));
  if (usage === undefined || usage.Records + usage.PendingRecords === 0) return undefined;
  return `holds ${usage.Records} records, and ${usage.PendingRecords} more wait to be published`;
}

/** Time by which a record may be ahead of this machine's clock. */
const dayMs = 86_400_000;

/** On the real cloud records are counted by search, so without an index nobody can tell. */
async function cloudRecords(api: Api, id: string, state: Properties): Promise<string | undefined> {
  const shown = await readTopic(api, id, state);
  if (shown === undefined) return undefined;
  const uncounted = "may hold records, which cannot be counted without an index";
  if (shown["Index"] === false) return uncounted;
  try {
    const request = { TopicId: id, From: 1, To: Date.now() + dayMs, Query: "*", SyntaxRule: 1 };
    const { TotalCount } = await api.call("DescribeLogHistogram", request);
    return TotalCount > 0 ? `holds ${TotalCount} records` : undefined;
  } catch (error) {
    // An index that is switched off answers so too.
    if (codeOf(error) === "ResourceNotFound.IndexNotExist") return uncounted;
    throw error;
  }
}
