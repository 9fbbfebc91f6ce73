import type { ActionRequest } from "../wire/actions.ts";
import type { Api, ResourceModel, Shown } from "./resource-model.ts";
import { asShown, everyPage, markFilter, setTags, tagged, unlessGone } from "./steps.ts";

/**
 * A flow log: which traffic of which VPC, subnet or ENI is captured, and the topic it is published to.
 *
 * Source: the product document, 使用限制: its configuration cannot be changed once it is made, so every change of it is
 * a replacement. The cloud allows one flow log for a resource, so the old one goes first when the watched resource stays
 * the same, and only then.
 */
export const flowLog: ResourceModel = {
  name: "FlowLog",
  doc: "Which traffic of which VPC, subnet or ENI is captured, and the topic it is published to.",
  create: "CreateFlowLog",
  properties: {
    flowLogName: { wire: "FlowLogName", doc: "What the flow log is called.", autoName: true, replaceOnChange: true },
    resourceType: {
      wire: "ResourceType",
      doc: "What is watched: a VPC or SUBNET (every ENI in it, also those made later), or one NETWORKINTERFACE.",
      replaceOnChange: true,
    },
    resourceId: {
      wire: "ResourceId",
      doc: "The id of what is watched. A resource has at most one flow log.",
      replaceOnChange: true,
    },
    vpcId: { wire: "VpcId", doc: "The VPC in which the watched resource is.", replaceOnChange: true },
    trafficType: {
      wire: "TrafficType",
      doc: "Which traffic is captured: what the rules ACCEPT, what they REJECT, or ALL.",
      replaceOnChange: true,
    },
    cloudLogId: { wire: "CloudLogId", doc: "The id of the topic that records are published to.", replaceOnChange: true },
    cloudLogRegion: {
      wire: "CloudLogRegion",
      doc: "The topic's region; the flow log's own, if left out.",
      replaceOnChange: true,
      chosenByCloud: true,
    },
    flowLogDescription: { wire: "FlowLogDescription", doc: "What the flow log is for.", replaceOnChange: true },
    enable: {
      shownAs: "Enable",
      doc: "Whether it captures; a switch, not configuration.",
      default: true,
      type: "boolean",
    },
    tags: { wire: "Tags", doc: "Tags by key.", isTags: true, shownAs: "TagSet" },
  },
  outputs: {
    flowLogId: { shownAs: "FlowLogId", doc: "The flow log's id, such as fl-1a2b3c4d." },
    createdTime: { shownAs: "CreatedTime", doc: "When it was made, as the API spells it: capture begins then." },
  },
  slots: [["resourceId"]],
  conflicts: ["UnsupportedOperation.FlowLogInstanceExisted"],
  steps: {
    async create({ call }, request) {
      const { FlowLog } = await call("CreateFlowLog", request as unknown as ActionRequest<"CreateFlowLog">);
      return FlowLog[0]!.FlowLogId;
    },
    async finish({ call }, id, inputs) {
      if (inputs["enable"] === false) await call("DisableFlowLogs", { FlowLogIds: [id] });
    },
    read: readFlowLog,
    async list({ call }, owner, inputs) {
      // The watched resource's one flow log is the only one in the way.
      const watching = inputs === undefined ? {} : { ResourceId: String(inputs["resourceId"]) };
      return everyPage(async (page) => {
        const { FlowLog } = await call("DescribeFlowLogs", { ...watching, Filters: markFilter(owner), ...page });
        return tagged(FlowLog, (each) => each.FlowLogId, (each) => each.TagSet);
      });
    },
    async update(api, id, changed, news) {
      if (changed.has("enable")) {
        await api.call(news["enable"] === false ? "DisableFlowLogs" : "EnableFlowLogs", { FlowLogIds: [id] });
      }
      if (changed.has("tags")) await setTags(api, "fl", id, news["tags"]);
    },
    async delete(api, id, state) {
      await unlessGone(api.call("DeleteFlowLog", { FlowLogId: id, VpcId: String(state["vpcId"]) }));
    },
  },
};

async function readFlowLog({ call }: Api, id: string): Promise<Shown | undefined> {
  return asShown((await unlessGone(call("DescribeFlowLogs", { FlowLogId: id })))?.FlowLog[0]);
}
