import type { ActionRequest } from "../wire/actions.ts";
import { tagList } from "./convert.ts";
import type { Api, ResourceModel } from "./resource-model.ts";
import { asShown, clsMarkFilter, everyPage, tagged, unlessGone } from "./steps.ts";
import { isMarkerKey } from "./resource-model.ts";

type ClsTags = NonNullable<ActionRequest<"ModifyLogset">["Tags"]>;

/** A logset: a group of topics. */
export const logset: ResourceModel = {
  name: "Logset",
  doc: "A group of topics.",
  create: "CreateLogset",
  properties: {
    logsetName: { wire: "LogsetName", doc: "What the logset is called; its own in account and region.", autoName: true, replaceOnChange: true },
    logsetId: {
      wire: "LogsetId",
      doc: "An id of your own choice: 3 to 40 of a-z, 0-9 and -, then - and the APPID.",
      replaceOnChange: true,
      chosenByCloud: true,
    },
    tags: { wire: "Tags", doc: "Up to 8 tags by key (the provider adds two of its own to the ten the cloud allows).", isTags: true },
  },
  outputs: {
    createTime: { shownAs: "CreateTime", doc: "When it was made, as the API spells it." },
  },
  slots: [["logsetName"], ["logsetId"]],
  conflicts: ["InvalidParameter.LogsetConflict", "FailedOperation.LogsetConflict"],
  steps: {
    async create({ call }, request) {
      return (await call("CreateLogset", request as unknown as ActionRequest<"CreateLogset">)).LogsetId;
    },
    read: readLogset,
    async list({ call }, owner) {
      return everyPage(async (page) => {
        const { Logsets } = await call("DescribeLogsets", { Filters: clsMarkFilter(owner), ...page });
        return tagged(Logsets, (each) => each.LogsetId, (each) => each.Tags);
      });
    },
    async update(api, id, changed, news) {
      if (!changed.has("tags")) return;
      const shown = await readLogset(api, id);
      await api.call("ModifyLogset", { LogsetId: id, Tags: withMarker(shown?.["Tags"], news["tags"]) });
    },
    async delete({ call }, id) {
      await unlessGone(call("DeleteLogset", { LogsetId: id }));
    },
  },
};

async function readLogset({ call }: Api, id: string) {
  const { Logsets } = await call("DescribeLogsets", { Filters: [{ Key: "logsetId", Values: [id] }] });
  return asShown(Logsets[0]);
}

/** All tags of a log service object: the marker's that are there, and the program's. */
export function withMarker(shown: unknown, wanted: unknown): ClsTags {
  const there = (shown ?? []) as ClsTags;
  return [...(tagList(wanted ?? {}) as ClsTags), ...there.filter(({ Key }) => isMarkerKey(Key))];
}
