import type { ActionRequest } from "../wire/actions.ts";
import { fromWire, isSame, toWire } from "./convert.ts";
import { markerOf, markerTags } from "./marker.ts";
import type { Api, ResourceModel, Shown } from "./resource-model.ts";
import { asShown, modify, unlessGone } from "./steps.ts";

/** The index of a topic: what of its records can be searched. */
export const topicIndex: ResourceModel = {
  name: "Index",
  doc: "What of a topic's records can be searched: words anywhere (fullText), and values under their key (keyValue). Without one nothing is found. It is about what is written after it.",
  create: "CreateIndex",
  properties: {
    topicId: { wire: "TopicId", doc: "The topic; it has one index.", replaceOnChange: true },
    rule: { wire: "Rule", doc: "What is indexed, and how.", itemType: "IndexRule" },
    status: { wire: "Status", doc: "Whether the index is switched on.", default: true },
    includeInternalFields: { wire: "IncludeInternalFields", doc: "Whether internal fields are in the full text.", default: false },
    metadataFlag: { wire: "MetadataFlag", doc: "Which metadata are in the full text.", default: 0 },
  },
  outputs: {},
  slots: [["topicId"]],
  conflicts: ["InvalidParameter.IndexConflict"],
  steps: {
    async create({ call }, request) {
      await call("CreateIndex", request as unknown as ActionRequest<"CreateIndex">);
      return String(request["TopicId"]);
    },
    read: readIndex,
    async list(api, _owner, inputs) {
      // An index has no tags: one with the very same rule on the same topic is this one. Nobody else could tell whose it is.
      if (inputs === undefined) return [];
      const shown = await readIndex(api, String(inputs["topicId"]));
      const isOwn = shown !== undefined && isSame(fromWire(shown["Rule"]), inputs["rule"]);
      return isOwn ? [{ id: String(inputs["topicId"]), tags: markerTags(markerOf(topicIndex, inputs)) }] : [];
    },
    async update(api, id, changed, news) {
      const raised = { ...news, rule: toWire(news["rule"]) };
      await modify(api, "ModifyIndex", { TopicId: id }, { changed, news: raised }, {
        rule: ["Rule", undefined],
        status: ["Status", true],
        includeInternalFields: ["IncludeInternalFields", false],
        metadataFlag: ["MetadataFlag", 0],
      });
    },
    async delete({ call }, id) {
      await unlessGone(call("DeleteIndex", { TopicId: id }));
    },
  },
};

async function readIndex({ call }: Api, id: string): Promise<Shown | undefined> {
  return asShown(await unlessGone(call("DescribeIndex", { TopicId: id })));
}
